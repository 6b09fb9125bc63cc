"""The whole suite for one test, with queue, home and state of its own: a worker, a host with real
remedies, a policy file to edit."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lanternpost.host.activities import ACTIVITIES
from lanternpost.host.remedies import REMEDIES
from lanternpost.host.workflows import WORKFLOWS
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Replayer, Worker

from mendwheel.contracts.messages import Status
from mendwheel.converter import pydantic
from mendwheel.domain.approval import Decision
from mendwheel.domain.knowledge import Document
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.playbook import Limits
from mendwheel.domain.remedy import Check, Invocation, Risk
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.decisions import Decisions
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import Reach
from mendwheel.plugin import MendwheelPlugin
from mendwheel.ports import Board, LiveSense
from mendwheel.security.attestation import load_key, sign
from mendwheel.settings import Settings
from mendwheel.tools.registry import RemedySpec
from mendwheel.workflows.ticket import TicketWorkflow
from tests.workflows.tickets import runbooks

PATIENCE = 30.0
"""Seconds a test waits for a ticket to get somewhere before it says where it stands."""

POLICY = """
mode = "{mode}"
kill_switch = {kill_switch}
never_tools = {never}
operator_decides = {operator}
allowed_tools = ["restart_service", "roll_back_release"]
[approval]
needed = {needed}
expires_minutes = {expires}
remind_minutes = {remind}
{escalate}
[approvers]
default = ["ada", "grace", "edsger"]
[[rules]]
name = "a suspicious ticket never acts"
course = "never"
when = {{ suspicious = true }}
[[rules]]
name = "high risk needs two people"
course = "ask"
needed = 2
when = {{ risk = ["high"] }}
[[rules]]
name = "medium risk may run unasked"
course = "act"
when = {{ risk = ["medium"] }}
"""


class Stage:
    """A running suite and the ways in. Texts of tickets are real; only the platform is a file."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        remedies: list[RemedySpec],
        boards: dict[str, Board] | None = None,
        fresh: bool = True,
        senses: Iterable[LiveSense] = (),
    ) -> None:
        self.client = client = speaking_pydantic(client)
        self.settings = settings
        self.remedies = remedies
        self.plugin = MendwheelPlugin(
            settings, remedies=remedies, boards=boards, senses=senses, strict=True, fresh=fresh
        )
        self.stores = self.plugin.house.stores
        self.intake = Intake(client, self.stores, settings)
        self.reach = Reach(client, settings)
        self.decisions = Decisions(client, self.stores, settings)

    # Workers

    def worker(self) -> Worker:
        """The suite's worker, with a cache as everywhere; `replay` shows what that would hide."""
        return Worker(self.client, task_queue=self.settings.task_queue, plugins=[self.plugin])

    async def replay(self) -> None:
        """Replay every run that has ended here. Raises when one would say something else now.

        A run that was cut off amid a local activity would be waited for: nothing runs it.
        """
        speaking = self.client.data_converter
        replayer = Replayer(workflows=[], plugins=[self.plugin], data_converter=speaking)
        ended = f"TaskQueue = '{self.settings.task_queue}' AND ExecutionStatus != 'Running'"
        runs = self.client.list_workflows(ended)
        await replayer.replay_workflows(runs.map_histories())

    @asynccontextmanager
    async def host(self) -> AsyncIterator[None]:
        """The host's worker, on the queue its remedies are registered with."""
        with ThreadPoolExecutor(2) as executor:
            async with Worker(
                self.client,
                task_queue=host_queue(self.settings),
                workflows=WORKFLOWS,
                activities=ACTIVITIES,
                activity_executor=executor,
            ):
                yield

    # What a test does

    def policy(self, **changes: Any) -> None:
        """Write the policy file anew."""
        said = {
            "mode": "shadow", "kill_switch": False, "never": [], "operator": False,
            "needed": 1, "expires": 60.0, "remind": 20.0, "escalate": "",
        } | changes  # fmt: skip
        said |= {name: str(said[name]).lower() for name in ("kill_switch", "operator")}
        assert self.settings.policy is not None
        self.settings.policy.write_text(POLICY.format(**said), "utf-8")

    async def submit(self, draft: Draft, **how: Any) -> str:
        return (await self.intake.submit(draft, **how)).ticket_id

    def handle(self, ticket: str) -> WorkflowHandle[TicketWorkflow, Outcome]:
        return self.reach.handle(ticket)

    async def result(self, ticket: str) -> Outcome:
        """What the ticket ended with, over all of its runs."""
        async with asyncio.timeout(PATIENCE):
            return await self.handle(ticket).result()

    async def until(self, ticket: str, reached: Phase | Callable[[Status], bool]) -> Status:
        """The ticket's status once it is in a phase or as wanted."""
        wanted = (lambda s: s.phase is reached) if isinstance(reached, Phase) else reached
        seen: list[Status] = []

        async def there() -> bool:
            seen.append(await self.reach.status(ticket))
            return wanted(seen[-1])

        try:
            await eventually(there)
        except TimeoutError:
            raise AssertionError(f"{ticket} never got there; it stands at {seen[-1]!r}") from None
        return seen[-1]

    async def question(self, ticket: str, *, round: int = 1) -> Status:
        """The status while a question of `round` is open, in the workflow and in the store."""
        status = await self.until(
            ticket, lambda s: s.approval is not None and s.approval.round == round
        )
        asked = status.approval

        async def kept() -> bool:
            known = self.stores.questions.open(ticket)
            return known is not None and known.request_id == asked.request_id

        await eventually(kept)
        return status

    def said(self, ticket: str) -> list[str]:
        """Every message people were sent about the ticket."""
        return [text for _, text in self.stores.desk.thread(ticket)]

    def actions(self, ticket: str) -> list[str]:
        """What the audit chain holds of the ticket, in order."""
        return [row["action"] for row in self.stores.audit.read(ticket)]


async def eventually(happened: Callable[[], Awaitable[bool]]) -> None:
    """Look until it happened. Raises TimeoutError when it does not."""
    async with asyncio.timeout(PATIENCE):
        while not await happened():  # noqa: ASYNC110 — what is waited for happens elsewhere
            await asyncio.sleep(0.05)


def speaking_pydantic(client: Client) -> Client:
    """A copy of `client`, with what is on it, that speaks as the plugin's clients do."""
    return Client(**(client.config() | {"data_converter": pydantic(client.data_converter)}))


def host_queue(settings: Settings) -> str:
    return f"host-of-{settings.task_queue}"


def remedies_on(queue: str, risk: Risk = Risk.MEDIUM) -> list[RemedySpec]:
    """Lanternpost's remedies, registered on a queue of one test's own."""

    def here(step: Invocation | None) -> Invocation | None:
        return step and step.model_copy(update={"task_queue": queue})

    return [
        spec.model_copy(
            update={
                "risk": risk,
                "workflow": here(spec.workflow),
                "undo": here(spec.undo),
                "check": Check(
                    activity=Invocation(
                        name="lanternpost.healthy", task_queue=queue, timeout_seconds=10
                    ),
                    attempts=1,
                ),
            }
        )
        for spec in REMEDIES
    ]


def own_settings(folder: Path, name: str, **limits: float) -> Settings:
    """Settings with a home and a queue of one test's own; without limits, nothing is watched."""
    return Settings(
        home=folder / "home",
        task_queue=f"q-{name[:50]}-{os.urandom(3).hex()}",
        user="ada",
        limits=Limits(**{"watch_window": 0.0} | limits),
    )


@asynccontextmanager
async def staged(
    client: Client,
    settings: Settings,
    *,
    risk: Risk = Risk.MEDIUM,
    documents: Iterable[Document] | None = None,
    working: bool = True,
    boards: dict[str, Board] | None = None,
    fresh: bool = True,
    senses: Iterable[LiveSense] = (),
    also: Iterable[RemedySpec] = (),
) -> AsyncIterator[Stage]:
    """A stage with its store open; with `working` its worker and its host run as well."""
    settings.home.mkdir(parents=True, exist_ok=True)
    settings = settings.model_copy(update={"policy": settings.home / "policy.toml"})
    remedies = [*remedies_on(host_queue(settings), risk), *also]
    stage = Stage(client, settings, remedies, boards, fresh, senses)
    stage.policy()
    stage.stores.store.open()
    try:
        stage.stores.knowledge.add("default", runbooks() if documents is None else documents)
        if working:
            async with stage.worker(), stage.host():
                yield stage
        else:
            yield stage
        await stage.replay()
    finally:
        stage.stores.store.close()


def vouched(stage: Stage, decision: Decision) -> Decision:
    """The same decision with an edge's attestation."""
    return sign(decision, edge=decision.channel, key=load_key(stage.settings))
