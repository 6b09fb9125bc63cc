"""One ticket from its proposed remedy on: the suite's own code, and no server.

The workflow's code (`Acting`, `Life`, `ApprovalGate`, the handlers), the activities as a worker
holds them, policy, attestation and ledger are what runs in production. Temporal's part and the host
are played by hand, so that a search can choose what happens when.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from mendwheel.domain.approval import Amendment, Approval, Decision
from mendwheel.domain.diagnosis import DiagnosisNote, ReviewNote, ReviewVerdict, Stance, Triage
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.remedy import EffectState, Receipt, Risk
from mendwheel.domain.state import TicketInput, TicketState
from mendwheel.domain.ticket import Ticket, TicketKind
from mendwheel.effects.perform import EffectHeld
from mendwheel.ports import LedgerConflict
from mendwheel.workflows.acting import Acting
from mendwheel.workflows.breaks import NewRound, Stopped
from mendwheel.workflows.handlers import TicketHandlers
from mendwheel.workflows.life import Life
from tests.machine.platform import Call, Task, Wait, call
from tests.machine.reference import Reference, Said
from tests.machine.rooms import Rooms
from tests.machine.rules import Rules

TEXT = ArtifactRef(tenant="default", sha256="0" * 64, size=1)
NOTE = DiagnosisNote(ref=TEXT, stance=Stance.CAUSE, headline="a leak", confidence=0.9)
REVIEW = ReviewNote(verdict=ReviewVerdict.ACCEPT, diagnosis=NOTE)
TRIAGE = Triage(kind=TicketKind.ANOMALY, component="orders")
PLAYBOOK = Playbook(version="p")


class Heard(NamedTuple):
    """Something said that is being looked at: the handler, and what it was really."""

    task: Task
    said: Said
    arrived: datetime
    arguments: dict[str, Any] | None


class Core:
    """The ticket under search. `reference` is told what happens, and judges what the host does."""

    def __init__(self, rooms: Rooms, rules: Rules, requester: str) -> None:
        rooms.number += 1
        self.rooms, self.platform = rooms, rooms.platform
        rooms.live.rules, rooms.asked = rules, self._shown
        self.reference = Reference(requester, rooms.risk is Risk.HIGH)
        self.ticket = Ticket(
            id=f"t-{rooms.number}", system="cli", key="T", title="slow", reporter=requester,
            report=TEXT, opened_at=self.platform.now, delivery_id="d",
        )  # fmt: skip
        self.known_to_temporal: set[str] = set()
        self.recorded = 0
        self.heard: list[Heard] = []
        self.begin(TicketState())

    @property
    def rules(self) -> Rules:
        return self.rooms.live.rules

    def begin(self, state: TicketState) -> None:
        """A run of the ticket, with what phases before it have found."""
        state.triage, state.playbook = TRIAGE, PLAYBOOK
        state.considered = len(state.information)
        self.claimed: set[str] = set()
        self.reference.begins()
        self.life = Life(TicketInput(ticket=self.ticket, state=state, index=False))
        self.handlers = TicketHandlers()
        self.handlers._life = self.life
        self.main = Task(self._run())

    async def _run(self) -> None:
        """What `TicketWorkflow` does from here on, in its order."""
        try:
            outcome = await Acting(self.life).carry_out(self.rooms.proposed, REVIEW)
            if self.life.overtaken(outcome):
                raise NewRound
            await call("record", None)
        except (NewRound, Stopped, ApplicationError):
            return

    # What the world does

    def go_on(self, steps: int = 99) -> None:
        """The workflow's own way, for so many steps or until it waits for people."""
        for number in range(steps):
            if self.main.over:
                self._ended()
                return
            waits = self.main.waits_for
            if isinstance(waits, Call):
                if waits.name == "record" and number:
                    return  # by itself, so that a search may terminate a run just before
                if not self._do(self.main, waits):
                    return
            elif isinstance(waits, Wait):
                due = waits.until is not None and self.platform.now >= waits.until
                if not waits.ready() and not due:
                    return
                self.main.give(waits.ready())

    def _ended(self) -> None:
        life = self.life
        self.recorded = max(self.recorded, life.state.round)
        if (life.reopened or life.news()) and not life.stopped() and life.may_start_over():
            while self.heard:
                self.look_up(0)
            self.begin(life.state.next_round())

    def _do(self, task: Task, what: Call) -> bool:
        """False: it is tried again later."""
        if what.name == "host.restart":
            return self._host(task, what)
        perform = self.rooms.activities.get(what.name)
        answer: Any = None
        if what.name == "mendwheel.follow":
            answer = Receipt(state=EffectState.DONE, reference=what.request.workflow_id)
        elif what.name == "mendwheel.permit":
            self.reference.permitted_under = self.rules
        if perform and what.name not in ("mendwheel.publish", "mendwheel.follow"):
            try:
                answer = perform(what.request)
            except EffectHeld:
                return False
            except LedgerConflict as error:
                task.fail(ApplicationError(str(error), type="LedgerConflict", non_retryable=True))
                return True
        task.give(answer)
        return True

    def _host(self, task: Task, what: Call) -> bool:
        if what.id in self.known_to_temporal:
            task.fail(WorkflowAlreadyStartedError(what.id, what.name))
            return True
        self.known_to_temporal.add(what.id)
        self.reference.runs(self.life.state.round, what.request)
        task.give(None)
        return True

    def _shown(self, asked: Approval) -> None:
        self.reference.asks(
            asked.request_id,
            asked.round,
            self.rules,
            arguments=asked.arguments,
            arguments_sha256=asked.arguments_sha256,
            asked_at=asked.asked_at,
            expires_at=asked.expires_at,
        )

    # What people do

    def hand_in(self, decision: Decision, by: str, *, update: bool) -> None:
        """It arrives, and its author is about to be looked up. `by` is who it really comes from."""
        said = Said(
            decision.decision_id,
            by,
            decision.approved,
            decision.request_id,
            decision.arguments_sha256,
        )
        if update and self._refused(lambda: self.handlers.validate_decide(decision)):
            return
        work = self.handlers.decide(decision) if update else self.handlers.decision(decision)
        self._hear(work, said, None)

    def hand_in_edit(self, amendment: Amendment, by: str) -> None:
        said = Said(amendment.decision_id, by, True, amendment.request_id, "")
        if not self._refused(lambda: self.handlers.validate_amend(amendment)):
            self._hear(self.handlers.amend(amendment), said, amendment.arguments)

    def _refused(self, validate: Callable[[], None]) -> bool:
        try:
            validate()
        except ApplicationError:
            return True
        return False

    def _hear(
        self, work: Coroutine[Any, Any, Any], said: Said, arguments: dict[str, Any] | None
    ) -> None:
        heard = Heard(Task(work), said, self.platform.now, arguments)
        if said.id not in self.claimed:  # again with the same id is answered, and nothing more
            self.claimed.add(said.id)
            self.heard.append(heard)

    def look_up(self, which: int, *, fails: bool = False) -> None:
        """One of those that were handed in is looked up, and counts or not."""
        heard = self.heard.pop(which)
        if fails:
            self.claimed.discard(heard.said.id)
            heard.task.fail(ApplicationError("the store is away"))
            return
        rules, said = self.rules, heard.said
        while isinstance(heard.task.waits_for, Call):
            self._do(heard.task, heard.task.waits_for)
        if heard.arguments is None:
            self.reference.hears(said, heard.arrived, rules)
        else:
            self.reference.edits(said.by, said.request_id, heard.arguments, heard.arrived, rules)

    def terminated(self, *, after_retention: bool) -> None:
        """An operator terminates the run; somebody takes its round up again, perhaps much later."""
        if self.main.over:
            return
        for task in (self.main, *(each.task for each in self.heard)):
            task.drop()
        self.heard = []
        done = self.rooms.ledger.entries(self.ticket.id)
        receipts = [key for key, receipt in done if receipt.state is EffectState.DONE]
        if after_retention and receipts:
            self.known_to_temporal -= {_child(key) for key in receipts}
        self.platform.now += timedelta(days=30 if after_retention else 0, seconds=10)
        self.begin(TicketState(round=self.recorded + 1))


def _child(key: EffectKey) -> str:
    return f"{key.ticket_id}-r{key.round}-{key.step}-{key.target}"
