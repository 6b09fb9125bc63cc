"""Lives of a ticket, run for real; their histories are kept, replayed and compared."""

from temporalio.client import WorkflowExecutionStatus, WorkflowHistory

from mendwheel.domain.ticket import Phase
from mendwheel.integrations.drafts import File
from tests.workflows.stage import Stage, eventually
from tests.workflows.tickets import incident, question

SECRET = "zk-marker-7731"
"""Words of the reporter that stand in the body and in the evidence, and nowhere in history."""

WINDOW = 3.0
"""Seconds the outcomes of a scenario are watched; the server itself holds a run that continues as
new back for up to one."""


SOON = 0.03
"""Minutes until a question expires or is escalated here."""


async def consulting(stage: Stage) -> WorkflowHistory:
    """A question, answered from knowledge."""
    ticket = await stage.submit(question(body=f"We use {SECRET} here."))
    return await first_run(stage, ticket)


async def anomaly(stage: Stage) -> WorkflowHistory:
    """An incident, approved, fixed, checked."""
    draft = incident("leak")
    draft.body += f"\nOur contact is {SECRET}."
    for file in draft.files:
        lines = file.text.splitlines()
        file.text = "\n".join(f"{line} {SECRET}" if "ERROR" in line else line for line in lines)
    draft.files.append(File(name="notes.txt", media="text", text=f"seen by {SECRET}"))
    ticket = await stage.submit(draft)
    await asked(stage, ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    return await first_run(stage, ticket)


async def duplicate(stage: Stage) -> WorkflowHistory:
    """A second report of an open incident."""
    original = await stage.submit(incident("leak"))
    await asked(stage, original)
    draft = incident("leak", role="duplicate")
    draft.body += f"\n{SECRET}"
    ticket = await stage.submit(draft)
    history = await first_run(stage, ticket)
    await stage.intake.cancel(original, "mary")
    return history


async def watch(stage: Stage) -> WorkflowHistory:
    """The small run that waits out the window and confirms."""
    ticket = await stage.submit(question(body=SECRET))
    await stage.result(ticket)
    last = await stage.handle(ticket).describe()
    return await stage.client.get_workflow_handle(ticket, run_id=last.run_id).fetch_history()


async def watched(stage: Stage, ticket: str) -> None:
    """Until the run that watches waits. The phase is told before: by the run that hands over."""
    await first_run(stage, ticket)

    async def waits() -> bool:
        lived = await stage.handle(ticket).fetch_history()
        return any(event.HasField("timer_started_event_attributes") for event in lived.events)

    await eventually(waits)


async def shown(stage: Stage) -> WorkflowHistory:
    """An incident that people follow at three places: asked, joined, approved, fixed."""
    draft = incident("leak", place="slack:C1")
    draft = draft.model_copy(update={"show_in": ["jira:OPS-1"]})
    draft.body += f"\n{SECRET}"
    ticket = await stage.submit(draft)
    await asked(stage, ticket)
    await stage.intake.submit(draft.model_copy(update={"place": "slack:C2", "show_in": []}))
    await stage.decisions.decide(ticket, True, subject="ada")
    return await first_run(stage, ticket)


async def asked(stage: Stage, ticket: str, why: str = "asked") -> None:
    """Until the question stands and its message is out: from then on only a timer runs."""
    approval = (await stage.question(ticket)).approval
    assert approval is not None

    async def announced() -> bool:
        steps = (await stage.reach.timeline(ticket)).steps
        return any(step.text == f"{why}: {approval.question}" for step in steps)

    await eventually(announced)


async def first_run(stage: Stage, ticket: str) -> WorkflowHistory:
    """The history of the run that was submitted, once it has handed over to the watch."""
    await stage.until(ticket, lambda s: s.phase in (Phase.WATCH, Phase.CLOSED))
    described = (await stage.handle(ticket).describe()).raw_description
    first = stage.client.get_workflow_handle(
        ticket, run_id=described.workflow_execution_info.first_run_id
    )

    async def handed_over() -> bool:
        return (await first.describe()).status is not WorkflowExecutionStatus.RUNNING

    await eventually(handed_over)
    return await first.fetch_history()


async def rejected(stage: Stage) -> WorkflowHistory:
    """An incident whose remedy is not wanted."""
    ticket = await stage.submit(incident("leak"))
    await asked(stage, ticket)
    await stage.decisions.decide(ticket, False, subject="ada", note="not now")
    return await first_run(stage, ticket)


async def expired(stage: Stage) -> WorkflowHistory:
    """An incident that nobody decides about."""
    stage.policy(expires=SOON)
    return await first_run(stage, await stage.submit(incident("leak")))


async def escalated(stage: Stage) -> WorkflowHistory:
    """An incident that others are asked about after a while; one of them decides."""
    stage.policy(escalate=f'escalate_minutes = {SOON}\nescalate_to = ["linus"]')
    ticket = await stage.submit(incident("leak"))
    await asked(stage, ticket, "escalated")
    await stage.decisions.decide(ticket, True, subject="linus")
    return await first_run(stage, ticket)


async def edited(stage: Stage) -> WorkflowHistory:
    """An incident whose remedy an approver edits; another one approves what came of it."""
    ticket = await stage.submit(incident("leak"))
    await asked(stage, ticket)
    first = (await stage.question(ticket)).approval
    assert first is not None
    other = {name: f"{value}-canary" for name, value in first.arguments.items()}
    await stage.decisions.amend(
        ticket, other, subject="ada", channel="slack", request_id=first.request_id
    )

    async def asked_anew() -> bool:
        found = stage.stores.questions.open(ticket)
        return found is not None and found.request_id != first.request_id

    await eventually(asked_anew)
    await asked(stage, ticket)
    await stage.decisions.decide(ticket, False, subject="grace")
    return await first_run(stage, ticket)


async def reopened(stage: Stage) -> WorkflowHistory:
    """The run that watches an answer until the reporter says that it did not hold."""
    return (await _two_rounds(stage))[1]


async def second_round(stage: Stage) -> WorkflowHistory:
    """The run that works on it once more."""
    return (await _two_rounds(stage))[2]


async def _two_rounds(stage: Stage) -> list[WorkflowHistory]:
    ticket = await stage.submit(question(body=SECRET))
    await watched(stage, ticket)
    await stage.intake.reopen(ticket, "mary", f"{SECRET} is not what I asked")
    await stage.until(ticket, lambda s: s.round == 2 and s.phase is Phase.WATCH)
    runs = [await first_run(stage, ticket)]
    while next_run := runs[-1].events[-1].workflow_execution_continued_as_new_event_attributes:
        if not next_run.new_execution_run_id:
            break
        handle = stage.client.get_workflow_handle(ticket, run_id=next_run.new_execution_run_id)
        runs.append(await handle.fetch_history())
    return runs
