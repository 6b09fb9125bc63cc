"""From the state of a ticket to its card: tasks by phase, evidence by number. Decides nothing."""

import re
from collections.abc import Callable
from datetime import datetime

from mendwheel.activities.briefs import Texts
from mendwheel.contracts.presenting import PresentRequest
from mendwheel.domain.card import Card, CardEvidence, CardLink, CardRemedy, CardTask, TaskState
from mendwheel.domain.diagnosis import TOLD, Diagnosis, Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.ticket import Phase, TicketKind

SIMILAR = 3
SOURCES = 12
COPIES = 3
"""Further documents that are named for one source."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+.!|<>~-])")
_CITATION = re.compile(r"\[([A-Z]\d+(?:, [A-Z]\d+)*)\]")

_TASKS: list[tuple[str, tuple[Phase, ...]]] = [
    ("Understand the report", (Phase.INTAKE, Phase.RECALL, Phase.TRIAGE, Phase.ASKING)),
    ("Look for the answer", (Phase.CONSULT, Phase.INVESTIGATE)),
    ("Check every claim", (Phase.REVIEW,)),
    ("Decide what to do", (Phase.PLAN, Phase.POLICY, Phase.APPROVAL)),
    ("Act and check", (Phase.ACT, Phase.VERIFY)),
    ("Report back", (Phase.WRITE_BACK, Phase.RECORD)),
]
_ORDER = [phase for _, phases in _TASKS for phase in phases]
_LEFT = (OutcomeKind.HANDED_OVER, OutcomeKind.CANCELLED, OutcomeKind.FAILED)
_FELL_SHORT = (OutcomeKind.FAILED, OutcomeKind.CANCELLED)


def card(
    request: PresentRequest,
    texts: Texts,
    links: list[CardLink],
    run_url: Callable[[str], str | None],
    now: datetime,
) -> Card:
    """The card at `request.place`. Raises LookupError: a text it refers to was forgotten."""
    dossier = texts.dossier(request.dossier)
    diagnosis = texts.diagnosis(request.diagnosis.ref) if request.diagnosis else None
    numbers = numbering(diagnosis, dossier)
    outcome = request.outcome
    return Card(
        ticket_id=request.ticket.id,
        title=request.ticket.title,
        reporter=request.ticket.reporter,
        round=request.round,
        phase=Phase.CLOSED if request.final else request.phase,
        headline=_headline(request),
        kind=request.triage.kind if request.triage else None,
        severity=request.triage.severity if request.triage else None,
        component=(request.diagnosis.component if request.diagnosis else None)
        or (request.triage.component if request.triage else None)
        or request.ticket.component,
        tasks=tasks(request),
        diagnosis=numbered(_said(request, diagnosis), numbers) if diagnosis else "",
        found=_found(request, diagnosis),
        confidence=request.diagnosis.confidence if request.diagnosis else 0.0,
        evidence=_cited(dossier, numbers),
        similar=_similar(dossier, run_url),
        remedy=_remedy(request),
        approval=request.approval,
        decided=request.decided,
        outcome=outcome.kind if outcome else None,
        engine=(outcome.engine if outcome else "")
        or (request.diagnosis.engine if request.diagnosis else ""),
        problem=request.problem,
        links=links,
        final=request.final,
        updated_at=now,
    )


def _said(request: PresentRequest, diagnosis: Diagnosis) -> str:
    """What was found; whoever takes it over is told what was rejected as well."""
    text, rejected = diagnosis.cited_text(), diagnosis.rejected_text()
    left = request.outcome is not None and request.outcome.kind is OutcomeKind.HANDED_OVER
    return f"{text}\n\nLooked at and rejected:\n\n{rejected}" if rejected and left else text


def _cited(dossier: Dossier, numbers: dict[str, int]) -> list[CardEvidence]:
    cited = [item for item in dossier.evidence if item.id in numbers]
    return [
        CardEvidence(
            number=numbers[item.id],
            title=item.title,
            source=item.source,
            url=item.url,
            window=item.window,
        )
        for item in sorted(cited, key=lambda item: numbers[item.id])
    ]


def _similar(dossier: Dossier, run_url: Callable[[str], str | None]) -> list[CardEvidence]:
    """Past tickets like this one; the source of a case is the ticket's id."""
    return [
        CardEvidence(
            number=number,
            title=item.title,
            source=item.source,
            url=item.url or run_url(item.source),
        )
        for number, item in enumerate(dossier.of(EvidenceKind.CASE)[:SIMILAR], 1)
    ]


def tasks(request: PresentRequest) -> list[CardTask]:
    """The plan with the state of each step; steps that this ticket skips are left out."""
    acts = request.remedy is not None
    asked = request.triage is not None and request.triage.kind is TicketKind.CONSULTING
    at = _ORDER.index(request.phase) if request.phase in _ORDER else len(_ORDER)
    if request.final:
        at = len(_ORDER)
    shown = []
    for title, phases in _TASKS:
        if title == "Act and check" and not acts:
            continue
        if title == "Decide what to do" and asked and not acts:
            continue
        first, last = _ORDER.index(phases[0]), _ORDER.index(phases[-1])
        if at > last:
            state = TaskState.COMPLETE
        else:
            state = TaskState.IN_PROGRESS if at >= first else TaskState.PENDING
        shown.append(CardTask(title=title, state=state))
    if request.outcome and request.outcome.kind in _FELL_SHORT and shown:
        shown[-1] = shown[-1].model_copy(update={"state": TaskState.ERROR})
    return shown


def _headline(request: PresentRequest) -> str:
    outcome = request.outcome
    if outcome is not None and request.final:
        return ended(outcome)
    return request.steps[-1].text if request.steps else "taken in"


def ended(outcome: Outcome) -> str:
    """How a round ended, in one line."""
    said = outcome.kind.value.replace("_", " ")
    spoken = outcome.kind in (OutcomeKind.ANSWERED, OutcomeKind.RUNBOOK)
    return f"{said}: {outcome.reason}" if outcome.reason and not spoken else said


def _remedy(request: PresentRequest) -> CardRemedy | None:
    remedy = request.remedy
    if remedy is None:
        return None
    if request.outcome is not None and request.outcome.remedy == remedy.tool:
        standing = "undone" if request.outcome.undone else request.outcome.kind.value
    elif request.approval is not None:
        standing = "waits for a decision"
    else:
        standing = request.decided or "proposed"
    return CardRemedy(
        tool=remedy.tool,
        arguments=remedy.arguments,
        expected=remedy.expected,
        risk=remedy.risk,
        standing=standing,
    )


def _found(request: PresentRequest, diagnosis: Diagnosis | None) -> str:
    """What the text below is; nothing is called an answer that was not given as one."""
    kind = request.outcome.kind if request.outcome else None
    if kind in (OutcomeKind.ANSWERED, OutcomeKind.RUNBOOK):
        return "Answer"
    if kind in _LEFT or (diagnosis is not None and diagnosis.stance is Stance.UNKNOWN):
        return "Found so far"
    return "Diagnosis"


def numbering(diagnosis: Diagnosis | None, dossier: Dossier) -> dict[str, int]:
    """Evidence id → number, in the order in which the text cites them."""
    if diagnosis is None:
        return {}
    there = {item.id for item in dossier.evidence}
    cited = [name for claim in diagnosis.claims for name in claim.evidence_ids]
    cited += [each.against[0].evidence_id for each in diagnosis.rejected[:TOLD] if each.against]
    real = dict.fromkeys(name for name in cited if name in there)
    return {name: number for number, name in enumerate(real, 1)}


def sources(dossier: Dossier, numbers: dict[str, int]) -> str:
    """A line for each cited source, by number; titles are data and stay it."""
    cited = sorted(
        (item for item in dossier.evidence if item.id in numbers),
        key=lambda item: numbers[item.id],
    )
    lines = [
        f"- \\[{numbers[item.id]}\\] {plain(item.title)} · "
        f"{plain(', '.join([item.source, *item.copies[:COPIES]]))}{_when(item)}"
        for item in cited[:SOURCES]
    ]
    if len(cited) > SOURCES:
        lines.append(f"- … and {len(cited) - SOURCES} more")
    return "\n".join(lines)


def _when(item: Evidence) -> str:
    return f" · {item.window.told()}" if item.window else ""


def plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def numbered(text: str, numbers: dict[str, int]) -> str:
    """`[K1, F2]` as `[1][2]`; brackets that cite nothing stay as they are."""

    def replace(match: re.Match[str]) -> str:
        known = [numbers[name] for name in match[1].split(", ") if name in numbers]
        return "".join(f"[{number}]" for number in known) or match[0]

    return _CITATION.sub(replace, text)
