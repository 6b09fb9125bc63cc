"""The beginning and the end of a ticket: freeze, recall, write back, record."""

from collections.abc import Callable, Sequence
from datetime import datetime

from temporalio import activity

from mendwheel.activities.briefs import Texts
from mendwheel.activities.outgoing import Outgoing
from mendwheel.activities.precedents import for_others
from mendwheel.activities.presenting import NOTHING
from mendwheel.activities.speaking import Speaker, publish_key
from mendwheel.activities.wording import message
from mendwheel.contracts.recording import (
    FactRequest,
    Opened,
    OpenRequest,
    PublishRequest,
    RecordingStub,
    RecordRequest,
    WatchedRequest,
)
from mendwheel.domain.access import Access, needs, without_findings
from mendwheel.domain.evidence import CUSTOMER, ArtifactRef, Dossier
from mendwheel.domain.ids import digest
from mendwheel.domain.knowledge import CaseMatch
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.remedy import Receipt
from mendwheel.domain.ticket import Ticket, TicketKind
from mendwheel.effects.perform import perform
from mendwheel.ports import Artifacts, Audit, Cases, Chat, Ledger, Outcomes, Playbooks, Questions
from mendwheel.tools.reads import as_case, as_evidence_of_cases

RESOLUTION = 2000
ALIKE = 16


class Recording(RecordingStub):
    """What the store learns, and what people are told."""

    def __init__(
        self,
        artifacts: Artifacts,
        cases: Cases,
        outcomes: Outcomes,
        audit: Audit,
        ledger: Ledger,
        chat: Chat,
        questions: Questions,
        playbooks: Playbooks,
        speaker: Speaker,
        now: Callable[[], datetime],
        *,
        access: Access,
        outgoing: Outgoing,
        live: bool = False,
        customers: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._customers = customers
        self._texts = Texts(artifacts)
        self._cases = cases
        self._outcomes = outcomes
        self._audit = audit
        self._ledger = ledger
        self._chat = chat
        self._questions = questions
        self._playbooks = playbooks
        self._speaker = speaker
        self._now = now
        self._access = access
        self._outgoing = outgoing
        self._live = live

    @activity.defn(name="mendwheel.open", no_thread_cancel_exception=True)
    def open(self, request: OpenRequest) -> Opened:
        ticket = request.ticket
        playbook = request.playbook or self._playbooks.resolve(ticket.id)
        if request.dry_run and not request.recall:
            return Opened(playbook=playbook)
        report = self._texts.report(ticket)
        case = as_case(ticket, for_others(report))
        # One search serves both: it is the dearest part of a start.
        alike = self._cases.similar(case, limit=ALIKE) if request.recall else []
        duplicate = None
        if request.first or request.round == 1:
            duplicate = _incident(alike, ticket, playbook.thresholds.duplicate)
        if not request.dry_run:
            self._close_earlier_question(ticket.id, request.round)
            self._cases.save(case)
            self._note(ticket, "opened", {"round": str(request.round), "report": ticket.report})
        labels = self._access.labels(ticket.tenant, [ticket.place, *request.places])
        dossier, similar = self._recalled(ticket, alike, labels)
        return Opened(
            playbook=playbook,
            dossier=dossier,
            similar=similar,
            duplicate_of=duplicate,
            # A dry run is about the past: what runs today would be held against it.
            live=self._live and not request.dry_run,
            customer=self._customers(ticket.tenant) and not request.dry_run,
        )

    def _close_earlier_question(self, ticket_id: str, round: int) -> None:
        """What was said since has superseded it; nobody is to be told that it still waits."""
        asked = self._questions.open(ticket_id)
        # One of this very round may be open: after a crash all this is done a second time.
        if asked is not None and asked.round < round:
            self._questions.closed(asked.request_id)

    def _recalled(
        self, ticket: Ticket, alike: list[CaseMatch], labels: Sequence[str]
    ) -> tuple[ArtifactRef | None, int]:
        """Past tickets like this one, as the first evidence of the dossier."""
        dossier = Dossier()
        dossier.add(as_evidence_of_cases(alike, labels))
        if not dossier.evidence:
            return None, 0
        return self._texts.keep(ticket, dossier), len(dossier.evidence)

    @activity.defn(name="mendwheel.publish", no_thread_cancel_exception=True)
    def publish(self, request: PublishRequest) -> Receipt:
        place = request.ticket.place if request.place is None else request.place
        text = self._text(request)
        if not place:
            return self._at_the_desk(request, text)
        # What was said stands in the store as well, whatever becomes of it elsewhere. All places
        # write the same under one key there, so they need not wait for each other's lease.
        self._chat.post("", request.ticket.id, text, publish_key(request, "desk"))
        if self._shows(request, place):
            return self._speaker.say(request, place, text)
        if request.outcome is None:
            return NOTHING  # a question shows what was found just as well
        hidden = request.model_copy(update={"outcome": without_findings(request.outcome)})
        return self._speaker.say(hidden, place, self._text(hidden))

    def _text(self, request: PublishRequest) -> str:
        ref = request.outcome.dossier if request.outcome else request.dossier
        return self._outgoing.text(message(request, self._texts), self._texts.dossier(ref))

    def _shows(self, request: PublishRequest, place: str) -> bool:
        """It may have joined when documents had been looked up that may not be read there."""
        tenant, outcome = request.ticket.tenant, request.outcome
        refs = {request.dossier, outcome.dossier if outcome else None} - {None}
        return all(self._access.shows(self._texts.dossier(ref), tenant, place) for ref in refs)

    def _at_the_desk(self, request: PublishRequest, text: str) -> Receipt:
        ticket, key = request.ticket, publish_key(request, "desk")
        return perform(
            self._ledger,
            key,
            digest(text),
            find=lambda: self._chat.find("", key),
            write=lambda: self._chat.post("", ticket.id, text, key),
            bound=False,
        )

    @activity.defn(name="mendwheel.record", no_thread_cancel_exception=True)
    def record(self, request: RecordRequest) -> datetime:
        outcome, now = request.outcome, self._now()
        self._outcomes.save(outcome)
        asked = self._questions.open(outcome.ticket_id)
        if asked is not None:
            # Settled, expired or superseded: nobody is to be told that it still waits.
            self._questions.closed(asked.request_id)
        if request.remember:
            self._close_case(request.ticket, outcome, now)
            self._note(
                request.ticket,
                "recorded",
                {
                    "round": str(outcome.round),
                    "kind": outcome.kind.value,
                    "playbook": outcome.playbook,
                    "diagnosis": outcome.diagnosis,
                },
            )
        return now

    def _close_case(self, ticket: Ticket, outcome: Outcome, now: datetime) -> None:
        case = self._cases.get(ticket.id)
        if case is None:
            return  # the run failed before it could read the report
        said = self._resolution(outcome)
        if outcome.kind is OutcomeKind.FIXED and outcome.remedy:
            # Who has the same trouble next wants to know what was done more than why.
            said = f"Carried out: {outcome.remedy} ({outcome.reason}).\n\n{said}".strip()
        resolution = said[:RESOLUTION]
        labels = needs(self._texts.dossier(outcome.dossier))
        self._cases.save(
            case.model_copy(
                update={
                    "kind": outcome.ticket_kind,
                    "severity": outcome.severity,
                    "component": outcome.component,
                    "open": False,
                    "outcome": outcome.kind,
                    "resolution": resolution or outcome.reason,
                    "labels": labels,
                    "closed_at": now,
                }
            )
        )

    def _resolution(self, outcome: Outcome) -> str:
        """What the next who asks may read of it: nothing of what is known of this customer."""
        if outcome.diagnosis is None:
            return ""
        diagnosis = self._texts.diagnosis(outcome.diagnosis)
        dossier = self._texts.dossier(outcome.dossier)
        theirs = {item.id for item in dossier.evidence if item.media == CUSTOMER}
        claims = [each for each in diagnosis.claims if theirs.isdisjoint(each.evidence_ids)]
        return diagnosis.model_copy(update={"claims": claims}).text()

    @activity.defn(name="mendwheel.note_fact", no_thread_cancel_exception=True)
    def note_fact(self, request: FactRequest) -> None:
        if self._outcomes.add_fact(request.ticket_id, request.fact):
            self._audit.append(
                request.ticket_id, f"fact {request.fact.kind.value}", request.fact.who, {}
            )

    @activity.defn(name="mendwheel.settle", no_thread_cancel_exception=True)
    def settle(self, request: WatchedRequest) -> None:
        self._outcomes.settle(request.ticket_id, request.round, request.standing)
        case = self._cases.get(request.ticket_id)
        if case is not None and not case.open:
            # Where later tickets look it up: what was revoked must not be quoted to them.
            self._cases.save(case.model_copy(update={"standing": request.standing}))
        self._audit.append(request.ticket_id, f"outcome {request.standing.value}", "mendwheel", {})

    def _note(
        self, ticket: Ticket, action: str, detail: dict[str, str | ArtifactRef | None]
    ) -> None:
        """Digests and ids only: an audit row outlives the texts it speaks of."""
        plain = {
            name: value.sha256 if isinstance(value, ArtifactRef) else str(value or "")
            for name, value in detail.items()
        }
        self._audit.append(ticket.id, action, "mendwheel", plain)


def _incident(alike: list[CaseMatch], ticket: Ticket, minimum: float) -> str | None:
    """An open incident this is another report of. Two people's same question is not one."""
    for match in alike:
        incident = match.case.open and match.case.kind is TicketKind.ANOMALY
        older = match.case.opened_at <= ticket.opened_at
        if incident and older and match.similarity >= minimum:
            return match.case.ticket_id
    return None
