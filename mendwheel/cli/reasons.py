"""Reads from the store why a ticket ended as it did. Needs neither Temporal nor a worker."""

from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.domain.diagnosis import Claim, Diagnosis
from mendwheel.domain.evidence import ArtifactRef, Dossier, Evidence
from mendwheel.domain.hypothesis import Objection
from mendwheel.domain.observation import Window
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.security.redaction import redact_beginning
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

Shape = TypeVar("Shape", bound=BaseModel)

EXCERPT = 300
"""Characters of evidence that are shown."""


class Cited(BaseModel):
    """One piece of evidence behind a claim."""

    id: str
    known: bool = Field(True, description="False: the dossier holds no such evidence")
    kind: str = ""
    title: str = ""
    source: str = ""
    url: str | None = None
    window: Window | None = None
    excerpt: str = ""


class Reason(BaseModel):
    """A claim and what it rests on."""

    text: str
    evidence: list[Cited]


class Rejected(BaseModel):
    """A cause that was proposed and not concluded, and what speaks against it."""

    cause: str
    proposed_by: list[str]
    clearness: float
    evidence_for: list[str] = Field(description="ids of the evidence it was proposed for")
    against: list[Reason]


class Reasons(BaseModel):
    """Everything `mendwheel why` shows."""

    ticket_id: str
    outcome: Outcome
    engine: str
    language_model: bool
    confidence: float
    claims: list[Reason] = []
    rejected: list[Rejected] = []
    doubts: list[Reason] = Field([], description="what speaks against the cause itself")
    objections: list[str] = []
    missing: list[str] = Field([], description="texts that were forgotten or cannot be read")


def reasons(settings: Settings, ticket: str) -> Reasons:
    """Raises CommandError for a ticket without an outcome, StoreUnavailable."""
    with Stores(settings.store_path) as stores:
        outcome = stores.outcomes.latest(ticket)
        if outcome is None:
            raise _no_outcome(ticket, known=stores.cases.get(ticket) is not None)
        found = Reasons(
            ticket_id=ticket,
            outcome=outcome,
            engine=outcome.engine,
            language_model=outcome.engine not in ("", EXTRACTIVE),
            confidence=outcome.confidence,
        )
        _explain(stores, outcome, found)
        return found


def _no_outcome(ticket: str, *, known: bool) -> CommandError:
    if known:
        text = f"{ticket} has no outcome yet: `mendwheel watch {ticket}` shows where it stands"
    else:
        text = f"no outcome of a ticket {ticket}: `mendwheel list` shows the known ones"
    return CommandError(text, Exit.NOT_FOUND)


def _explain(stores: Stores, outcome: Outcome, found: Reasons) -> None:
    diagnosis = _read(stores, outcome.diagnosis, Diagnosis, "the diagnosis", found)
    dossier = _read(stores, outcome.dossier, Dossier, "the evidence", found)
    if diagnosis is None:
        return
    evidence = {item.id: item for item in dossier.evidence} if dossier else {}
    found.claims = [_reason(stores, claim, evidence) for claim in diagnosis.claims]
    found.rejected = [
        Rejected(
            cause=each.name,
            proposed_by=each.proposed_by,
            clearness=each.clearness,
            evidence_for=each.for_ids,
            against=[_against(stores, objection, evidence) for objection in each.against],
        )
        for each in diagnosis.rejected
    ]
    found.doubts = [_against(stores, objection, evidence) for objection in diagnosis.doubts]
    found.objections = diagnosis.objections


def _against(stores: Stores, objection: Objection, evidence: dict[str, Evidence]) -> Reason:
    return _reason(
        stores, Claim(text=objection.why, evidence_ids=[objection.evidence_id]), evidence
    )


def _reason(stores: Stores, claim: Claim, evidence: dict[str, Evidence]) -> Reason:
    cited = [
        _cited(stores, evidence[name]) if name in evidence else Cited(id=name, known=False)
        for name in claim.evidence_ids
    ]
    return Reason(text=claim.text, evidence=cited)


def _cited(stores: Stores, item: Evidence) -> Cited:
    text = item.text
    if not text and item.artifact is not None:
        try:
            text = stores.artifacts.get(item.artifact)
        except LookupError:
            text = "(forgotten)"
    # Terminals are shared and pasted from: the store has the text whole.
    shown = redact_beginning(text, EXCERPT)
    excerpt = shown if len(text) <= EXCERPT else f"{shown.rstrip()} …"
    return Cited(
        id=item.id,
        kind=item.kind.value,
        title=item.title,
        source=item.source,
        url=item.url,
        window=item.window,
        excerpt=excerpt,
    )


def _read(
    stores: Stores, ref: ArtifactRef | None, shape: type[Shape], name: str, found: Reasons
) -> Shape | None:
    if ref is None:
        return None
    try:
        return shape.model_validate_json(stores.artifacts.get(ref))
    except LookupError:
        found.missing.append(f"{name} was forgotten")
    except ValidationError as error:
        found.missing.append(f"{name} cannot be read: {error.error_count()} fields do not fit")
    return None
