"""What was decided about a past ticket, and the evidence it was decided on, from the store."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from mendwheel.domain.diagnosis import Diagnosis
from mendwheel.domain.evidence import CUSTOMER, Dossier, Evidence, EvidenceKind
from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.domain.ticket import Report, Ticket, TicketKind
from mendwheel.stores.bundle import Stores

FORGOTTEN = "(forgotten)"


class NothingLeft(LookupError):
    """The ticket cannot be decided again; the message says why."""


class Decided(BaseModel):
    """One decision, as it is laid beside another one."""

    outcome: str
    reason: str = ""
    says: str = Field("", description="the answer, or the cause that was named")
    component: str = ""
    fault: str = ""
    confidence: float = 0.0
    remedy: str = ""
    arguments: dict[str, Any] | None = Field(None, description="none: not kept, or no remedy")
    arguments_sha256: str = ""
    course: str = Field("", description="what policy said: act, ask or never")
    policy: str = ""
    engine: str = ""
    playbook: str = ""
    prompts: dict[str, str] = Field({}, description="agent → prompt version, of models asked")


@dataclass(frozen=True)
class Then:
    """Everything about a past ticket that the store still has."""

    ticket: Ticket
    report: Report
    outcome: Outcome
    dossier: Dossier
    decided: Decided
    missing: list[str] = field(default_factory=list)

    def evidence(self, read: str) -> list[Evidence]:
        """What the read of that name would have to bring, for the same to be known as then."""
        of, items = self.dossier.of, list[Evidence]()
        if read == "knowledge":
            items = of(EvidenceKind.PASSAGE, EvidenceKind.READING)
            if self.outcome.ticket_kind is TicketKind.CONSULTING:
                items += [each for each in of(EvidenceKind.EXHIBIT) if each.media == CUSTOMER]
        elif read == "runbooks":
            items = of(EvidenceKind.RUNBOOK)
        elif read == "cases":
            items = of(EvidenceKind.CASE)
        elif read == "exhibits":
            items = of(EvidenceKind.EXHIBIT, EvidenceKind.READING)
        return [each.model_copy(update={"id": ""}) for each in items]

    def cited_cases(self) -> list[str]:
        return [each.source for each in self.dossier.of(EvidenceKind.CASE)]


def then(stores: Stores, name: str) -> Then:
    """Raises NothingLeft, StoreUnavailable."""
    outcome, case = stores.outcomes.latest(name), stores.cases.get(name)
    if outcome is None:
        raise NothingLeft(f"{name} has no outcome: `mendwheel list` shows the known tickets")
    ticket = _head(name, case)
    missing: list[str] = []
    try:
        report = Report.model_validate_json(stores.artifacts.get(ticket.report))
    except LookupError:
        raise NothingLeft(f"{name} was forgotten: nothing is left to decide on") from None
    dossier = Dossier()
    if outcome.dossier is not None:
        try:
            dossier = Dossier.model_validate_json(stores.artifacts.get(outcome.dossier))
        except LookupError:
            missing.append("its evidence was forgotten: it is decided on the report alone")
    decided = _decided(stores, outcome, missing)
    if outcome.round > 1 or stores.outcomes.facts(name):
        missing.append("what people added later is not seen: only Temporal's history has it")
    return Then(ticket, report, outcome, dossier, decided, missing)


def _head(name: str, case: Case | None) -> Ticket:
    if case is None:
        raise NothingLeft(f"{name} was forgotten: nothing is left to decide on")
    if case.head is None:
        raise NothingLeft(f"{name} was learned from people, and never decided here")
    return case.head


def _decided(stores: Stores, outcome: Outcome, missing: list[str]) -> Decided:
    judged = [row for row in stores.audit.read(outcome.ticket_id) if row["action"] == "judged"]
    calls = stores.calls.list(ticket_id=outcome.ticket_id, limit=1000)
    last = judged[-1] if judged and outcome.remedy else {}
    return decision(
        outcome,
        said(stores, outcome, missing),
        course=last.get("course", ""),
        arguments=_asked_about(stores, outcome),
        prompts={call.agent: call.prompt_version for call in reversed(calls)},
    )


def decision(
    outcome: Outcome,
    says: str,
    *,
    course: str,
    arguments: dict[str, Any] | None,
    prompts: dict[str, str],
) -> Decided:
    return Decided(
        outcome=outcome.kind.value,
        reason=outcome.reason,
        says=says,
        component=outcome.component or "",
        fault=outcome.fault or "",
        confidence=outcome.confidence,
        remedy=outcome.remedy or "",
        arguments=arguments,
        arguments_sha256=outcome.arguments_sha256 or "",
        course=course,
        policy=outcome.policy,
        engine=outcome.engine or EXTRACTIVE,
        playbook=outcome.playbook,
        prompts=prompts,
    )


def said(stores: Stores, outcome: Outcome, missing: list[str]) -> str:
    if outcome.diagnosis is None:
        return ""
    try:
        return Diagnosis.model_validate_json(stores.artifacts.get(outcome.diagnosis)).text()
    except LookupError:
        missing.append("what was said was forgotten")
        return FORGOTTEN


def _asked_about(stores: Stores, outcome: Outcome) -> dict[str, Any] | None:
    """The remedy's arguments, where a person was asked about just these."""
    for asked in stores.questions.of(outcome.ticket_id):
        if asked.arguments_sha256 == outcome.arguments_sha256:
            return asked.arguments
    return None
