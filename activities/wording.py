"""What the suite says to people, in Markdown. Quoted texts stay data; engines are named."""

from mendwheel.activities.briefs import Texts
from mendwheel.activities.cards import plain
from mendwheel.contracts.recording import PublishRequest
from mendwheel.domain.approval import Approval
from mendwheel.domain.diagnosis import Diagnosis, Triage
from mendwheel.domain.evidence import Dossier
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.playbook import EXTRACTIVE

ROOM = 600
"""Characters of an answer: what people read in one go."""
MOST = 12
"""Pieces of evidence named where no diagnosis was made."""

_HEADINGS = {
    OutcomeKind.ANSWERED: "Answer",
    OutcomeKind.ASKED_BACK: "A question back",
    OutcomeKind.HANDED_OVER: "Handed over to a human",
    OutcomeKind.FIXED: "Fixed",
    OutcomeKind.PROPOSED: "Cause found; the steps are left to you",
    OutcomeKind.RUNBOOK: "Runbook",
    OutcomeKind.NO_ACTION: "Nothing needs doing",
    OutcomeKind.DUPLICATE: "Already being worked on",
    OutcomeKind.CANCELLED: "Stopped",
    OutcomeKind.FAILED: "Could not be worked on",
}


def message(request: PublishRequest, texts: Texts) -> str:
    """The text of one message, from what the request refers to."""
    if request.approval is not None:
        return question(request.approval, request.step)
    if request.outcome is not None:
        ref = request.outcome.diagnosis
        if ref is None and request.outcome.kind is OutcomeKind.HANDED_OVER:
            return unfinished(request.outcome, texts.dossier(request.outcome.dossier))
        return final(request.outcome, texts.diagnosis(ref) if ref else None)
    return missing(request.triage)


def question(approval: Approval, step: str) -> str:
    """The question put to approvers."""
    kind = step.split("-", 1)[0]
    lead = {"reminder": "Still waiting: ", "escalated": "Nobody has decided yet: "}.get(kind, "")
    who = ", ".join([*approval.approvers, *(approval.escalate_to if kind == "escalated" else [])])
    return (
        f"**{lead}{approval.question}**\n\n"
        f"Risk {approval.risk.value}; {approval.needed} of {who} must agree. "
        f"Code `{approval.code}`. Without an answer by "
        f"{approval.expires_at:%Y-%m-%d %H:%M} UTC nothing is done."
    )


def missing(triage: Triage | None) -> str:
    """The one question to the reporter."""
    facts = triage.missing if triage else []
    lines = "\n".join(f"- {fact}" for fact in facts)
    return f"**To work on this we need to know:**\n\n{lines}"


def unfinished(outcome: Outcome, dossier: Dossier) -> str:
    """Nobody came to a diagnosis: what was looked up is handed over all the same."""
    parts = [f"**{_HEADINGS[outcome.kind]}**", outcome.reason]
    found = [
        f"- {plain(item.title)} ({plain(item.source)}) [{item.id}]"
        for item in dossier.evidence[:MOST]
    ]
    if found:
        parts.append("What was found so far:\n\n" + "\n".join(found))
    return "\n\n".join([*parts, _footer(outcome)])


def final(outcome: Outcome, diagnosis: Diagnosis | None) -> str:
    """How a round ended, with what was found; also when a human has to go on."""
    parts = [f"**{_HEADINGS.get(outcome.kind, outcome.kind.value)}**"]
    # A diagnosis speaks for itself; where it may not be shown, the reason says so.
    spoken = outcome.kind in (OutcomeKind.ANSWERED, OutcomeKind.RUNBOOK) and diagnosis is not None
    if outcome.reason and not spoken:
        parts.append(outcome.reason)
    if diagnosis is not None:
        found = diagnosis.cited_text()
        if found and outcome.kind is OutcomeKind.HANDED_OVER:
            parts.append(f"What was found so far:\n\n{found}")
        elif found:
            parts.append(found)
        parts += _rejected(outcome, diagnosis)
        parts += [f"- {asked}" for asked in diagnosis.questions]
    parts.append(_footer(outcome))
    return "\n\n".join(parts)


def _rejected(outcome: Outcome, diagnosis: Diagnosis) -> list[str]:
    """What else was thought of, for whoever goes on; an answer has it only where there is room."""
    said = diagnosis.rejected_text()
    left = outcome.kind is OutcomeKind.HANDED_OVER
    if not said or not (left or len(diagnosis.text()) + len(said) <= ROOM):
        return []
    return [f"Looked at and rejected:\n\n{said}"]


def _footer(outcome: Outcome) -> str:
    if outcome.engine == EXTRACTIVE:
        return "_Resolved without a language model (extractive engine); provisional._"
    return f"_Engine: {outcome.engine}; provisional._" if outcome.engine else "_Provisional._"
