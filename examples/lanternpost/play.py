"""The five tickets on their way: submitted, watched, decided, told."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.prompt import Confirm
from rich.table import Table

from lanternpost.stage import Stage
from lanternpost.tickets import SampleTicket, sample_tickets
from mendwheel.contracts.messages import Status
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.drafts import Draft, File
from mendwheel.integrations.reach import TicketNotFound

EXPECTED = {
    "question": OutcomeKind.ANSWERED,
    "unanswerable": OutcomeKind.HANDED_OVER,
    "anomaly": OutcomeKind.FIXED,
    "duplicate": OutcomeKind.DUPLICATE,
    "hostile": OutcomeKind.HANDED_OVER,
}
"""What a good resolution of each role is; the demonstration fails when it comes out otherwise."""

APPROVER = "demo-approver"
PATIENCE = 120.0


@dataclass
class Actor:
    """One sample ticket and where it stands."""

    ticket: SampleTicket
    id: str
    run_id: str
    status: Status | None = None
    shown: int = 0
    asked: str = ""
    rejected: bool = False

    @property
    def expected(self) -> OutcomeKind:
        """What a good resolution is; a remedy that was refused goes to a human."""
        return OutcomeKind.HANDED_OVER if self.rejected else EXPECTED[self.ticket.role]

    @property
    def done(self) -> bool:
        """Its outcome is told; a duplicate closes with its original."""
        if self.status is None or self.status.phase not in (Phase.WATCH, Phase.CLOSED):
            return False
        outcome = self.status.outcome
        waits = self.ticket.role == "duplicate" and outcome is not None
        return outcome is not None and not (waits and "closed with" not in outcome.reason)


class Play:
    """Runs the demonstration on a stage."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage = stage
        self._console = console

    async def run(self, seed: int) -> list[Actor]:
        """Every ticket with its outcome. Raises TimeoutError when one does not come to an end."""
        actors = []
        for ticket in sample_tickets(seed):
            actors.append(await self._submit(ticket))
            # The incident is known before it is reported a second time.
            await self._settle(actors[-1], {Phase.APPROVAL, Phase.WATCH, Phase.CLOSED})
        async with asyncio.timeout(PATIENCE if not self._console.is_terminal else None):
            while not all(actor.done for actor in actors):
                for actor in actors:
                    await self._look(actor)
                    await self._decide(actor)
                await asyncio.sleep(0.2)
        return actors

    async def _submit(self, ticket: SampleTicket) -> Actor:
        files = [File(name=item.name, media=item.type, text=item.text) for item in ticket.evidence]
        submitted = await self._stage.intake.submit(
            Draft(
                title=ticket.title,
                body=ticket.body,
                reporter=ticket.reporter,
                key=ticket.key,
                component=ticket.component,
                files=files,
            )
        )
        self._console.print(
            f"\n[bold]{ticket.key}[/] from {escape(ticket.reporter)}: {escape(ticket.title)}"
        )
        return Actor(ticket, submitted.ticket_id, submitted.run_id)

    async def _settle(self, actor: Actor, phases: set[Phase]) -> None:
        async with asyncio.timeout(PATIENCE):
            while actor.status is None or actor.status.phase not in phases:
                await self._look(actor)
                await asyncio.sleep(0.1)

    async def _look(self, actor: Actor) -> None:
        """Fetch the state and print what is new in the ticket's timeline."""
        if actor.done:
            return
        try:
            actor.status = await self._stage.reach.status(actor.id)
            steps = (await self._stage.reach.timeline(actor.id)).steps
        except TicketNotFound:
            return
        for step in steps[actor.shown :]:
            at, what = step.at.strftime("%H:%M:%S"), escape(step.text)
            self._console.print(f"  {at} {actor.ticket.key} [cyan]{step.phase.value}[/] {what}")
        actor.shown = len(steps)

    async def _decide(self, actor: Actor) -> None:
        """The one place where a person is needed."""
        question = actor.status.approval if actor.status else None
        if question is None or actor.asked == question.request_id:
            return
        actor.asked = question.request_id
        self._console.print(f"\n[bold yellow]{actor.ticket.key} asks:[/] {question.question}")
        if sys.stdin.isatty() and self._console.is_terminal:
            yes = await asyncio.to_thread(Confirm.ask, "Approve?", default=False)
        else:
            self._console.print(f"no terminal to ask on: deciding as {APPROVER}, by command line")
            yes = True
        actor.rejected = not yes
        await asyncio.to_thread(self._command, "approve" if yes else "reject", actor.id)

    def _command(self, verb: str, ticket_id: str) -> None:
        """The public command line, as a person would use it; it says itself what is refused."""
        words = [verb, ticket_id, "--as", APPROVER]
        self._console.print(f"$ mendwheel {' '.join(words)}", style="dim")
        binary = Path(sys.executable).with_name("mendwheel")
        subprocess.run([binary, *words], env=self._stage.environment(), check=False)


def table(actors: list[Actor]) -> Table:
    """What came of each ticket."""
    shown = Table(title="Outcomes (provisional until the 7-day window has passed)")
    for heading in ("ticket", "from", "outcome", "because"):
        shown.add_column(heading, overflow="fold")
    for actor in actors:
        outcome = actor.status.outcome if actor.status else None
        kind = outcome.kind if outcome else OutcomeKind.FAILED
        style = "green" if kind is actor.expected else "bold red"
        shown.add_row(
            f"{actor.ticket.key} ({actor.ticket.role})",
            escape(actor.ticket.reporter),
            f"[{style}]{kind.value}[/]",
            escape(outcome.reason if outcome else ""),
        )
    return shown


def surprises(actors: list[Actor]) -> list[str]:
    """Tickets that did not come out as they should."""
    found = []
    for actor in actors:
        outcome = actor.status.outcome if actor.status else None
        if outcome is None or outcome.kind is not actor.expected:
            kind = outcome.kind.value if outcome else "nothing"
            found.append(f"{actor.id}: {kind}, expected {actor.expected.value}")
    return found
