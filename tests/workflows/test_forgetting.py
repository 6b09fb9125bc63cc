"""What is left of a ticket that was forgotten, in the store and in Temporal."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.cli.exits import Exit
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.forgetting import DELETING, Job, delete_again, forget
from mendwheel.integrations.histories import Histories
from tests.workflows.stage import Stage, eventually
from tests.workflows.terminal import Terminal
from tests.workflows.tickets import broken, incident, question

NOBODY = "127.0.0.1:1"


async def known(stage: Stage, ticket: str) -> bool:
    """Whether Temporal still has a run of it."""
    try:
        await stage.handle(ticket).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def test_forgetting_a_fixed_incident_leaves_bare_rows_and_names_the_hosts_workflow(
    stage: Stage, terminal: Terminal
) -> None:
    stage.policy(mode="live")
    ticket = await stage.submit(incident("leak"))
    assert (await stage.result(ticket)).remedy is not None
    rows = stage.stores.audit.verify()
    planned = await terminal.json("forget", ticket, "--dry-run")
    assert planned["tickets"][0]["forgotten"]["texts"] > 3
    assert await known(stage, ticket), "a dry run deletes nothing"

    done = await terminal.json("forget", ticket, "--yes")

    [report] = done["tickets"]
    assert (report["runs"], report["left"]) == (1, "")
    assert any("a remedy of your own" in each for each in report["elsewhere"])
    assert stage.stores.forgetting.traces(ticket).rows == 0
    assert not await known(stage, ticket)
    assert stage.stores.audit.verify() == rows + 1
    assert (await terminal("forget", ticket, "--yes"))[0] == Exit.OK, "again, and nothing happens"
    assert stage.stores.audit.verify() == rows + 1


async def test_a_running_ticket_is_only_forgotten_when_that_is_said(
    stage: Stage, terminal: Terminal
) -> None:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    code, said = await terminal("forget", ticket, "--yes")
    assert code == Exit.PARTIAL
    assert "--running" in said
    assert stage.stores.questions.open(ticket) is not None

    code, _ = await terminal("forget", ticket, "--yes", "--running")

    assert code == Exit.OK
    assert stage.stores.questions.open(ticket) is None
    assert not await known(stage, ticket)


async def test_every_run_of_a_ticket_with_several_rounds_is_deleted(
    stage: Stage, terminal: Terminal
) -> None:
    ticket = await stage.submit(question())
    await stage.result(ticket)
    await stage.intake.reopen(ticket, "mary", "that is not what I asked")
    await stage.result(ticket)

    async def both_listed() -> bool:
        return len(await Histories(stage.client).of(ticket)) >= 2

    await eventually(both_listed)

    assert (await terminal("forget", ticket, "--yes"))[0] == Exit.OK

    assert await Histories(stage.client).of(ticket) == []


async def test_while_temporal_is_away_the_store_forgets_and_the_rest_is_done_later(
    stage: Stage, terminal: Terminal
) -> None:
    ticket = await stage.submit(question())
    await stage.result(ticket)
    code, said = await terminal("forget", ticket, "--yes", address=NOBODY)
    assert code == Exit.PARTIAL
    assert "mendwheel forget" in said
    assert stage.stores.forgetting.traces(ticket).rows == 0
    assert await known(stage, ticket)

    code, said = await terminal("forget", "--yes")

    assert code == Exit.OK
    assert "1 of 1 tickets forgotten" in said
    assert not await known(stage, ticket)
    assert (await terminal("forget", "--yes"))[1].startswith("0 of 0")


async def test_a_ticket_reported_anew_is_not_deleted_with_the_one_of_before(stage: Stage) -> None:
    draft = incident("leak", key=f"again-{stage.settings.task_queue}")
    ticket = await stage.submit(draft)
    await stage.question(ticket)
    await stage.intake.cancel(ticket, "ada")
    await stage.result(ticket)
    job = Job(stage.settings, stage.stores, Histories(stage.client), "ada")
    report = await forget(job, ticket)
    assert report.left == DELETING

    async def gone() -> bool:
        return not await known(stage, ticket)

    await eventually(gone)
    assert await stage.submit(draft) == ticket
    await stage.question(ticket, round=2)

    await delete_again(job, report)

    assert "anew" in report.left
    await stage.decisions.decide(ticket, False, subject="ada")
    assert (await stage.result(ticket)).kind is OutcomeKind.HANDED_OVER
    assert stage.stores.forgetting.waiting() == []


async def test_what_was_done_for_a_forgotten_ticket_is_done_again_when_it_is_reported_anew(
    stage: Stage,
) -> None:
    draft = incident("leak", key=f"again-{stage.settings.task_queue}")
    for life in (1, 2):
        ticket = await stage.submit(draft)
        await stage.until(ticket, lambda s: s.approval is not None)
        await stage.decisions.decide(ticket, True, subject="ada")
        assert (await stage.result(ticket)).kind is OutcomeKind.FIXED
        assert broken()[1]["restarts"] == life
        assert len(stage.said(ticket)) == 2, "the question and the answer"
        job = Job(stage.settings, stage.stores, Histories(stage.client), "ada")
        await forget(job, ticket)

        async def gone(ticket: str = ticket) -> bool:
            return not await known(stage, ticket)

        await eventually(gone)


async def test_a_ticket_reported_anew_that_was_terminated_is_taken_up_in_its_own_round(
    stage: Stage,
) -> None:
    draft = incident("leak", key=f"again-{stage.settings.task_queue}")
    ticket = await stage.submit(draft)
    await stage.question(ticket)
    job = Job(stage.settings, stage.stores, Histories(stage.client), "ada", terminate=True)
    await forget(job, ticket)  # while it ran: no outcome says which round that was

    async def gone() -> bool:
        return not await known(stage, ticket)

    await eventually(gone)
    await stage.submit(draft)
    await stage.question(ticket, round=2)
    await stage.handle(ticket).terminate()

    await stage.intake.reopen(ticket, "mary")

    await stage.question(ticket, round=2)
    await stage.decisions.decide(ticket, True, subject="ada")
    assert (await stage.result(ticket)).kind is OutcomeKind.FIXED
    assert broken()[1]["restarts"] == 1


async def test_an_open_ticket_is_left_alone_while_temporal_cannot_be_asked(
    stage: Stage, terminal: Terminal
) -> None:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    code, said = await terminal("forget", ticket, "--yes", address=NOBODY)
    assert code == Exit.PARTIAL
    assert "Temporal cannot be asked" in said
    assert stage.stores.cases.get(ticket) is not None
    await stage.intake.cancel(ticket, "ada")
    await stage.result(ticket)


async def test_an_unknown_ticket_and_a_pipe_that_cannot_answer_are_refused(
    stage: Stage, terminal: Terminal
) -> None:
    code, said = await terminal("forget", "mendwheel-default-cli-nothing", "--yes")
    assert code == Exit.NOT_FOUND
    ticket = await stage.submit(question())
    await stage.result(ticket)
    code, said = await terminal("forget", ticket)
    assert code == Exit.USAGE
    assert "--yes" in said
    assert stage.stores.cases.get(ticket) is not None


async def test_reporter_and_retention_choose_tickets_and_spare_those_still_running(
    stage: Stage, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = await stage.submit(question(reporter="mary"))
    await stage.result(answered)
    open_one = await stage.submit(incident("leak", reporter="mary"))
    await stage.question(open_one)
    code, said = await terminal("forget", "--due")
    assert code == Exit.USAGE
    assert "retention_days" in said
    monkeypatch.setenv("MENDWHEEL_RETENTION_DAYS", "365")
    assert (await terminal("forget", "--due", "--yes"))[1].startswith("0 of 0")
    monkeypatch.setenv("MENDWHEEL_RETENTION_DAYS_OF", '{"default": 0.0000001}')
    assert answered in (await terminal("forget", "--due", "--dry-run"))[1]

    code, said = await terminal("forget", "--reporter", "mary", "--yes")

    assert code == Exit.PARTIAL
    assert "1 of 2 tickets forgotten" in said
    assert stage.stores.cases.get(answered) is None
    assert stage.stores.cases.get(open_one) is not None
    await stage.intake.cancel(open_one, "ada")
    await stage.result(open_one)
