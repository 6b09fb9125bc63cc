"""From a reviewed diagnosis to the kind of outcome, under the run's frozen thresholds."""

from mendwheel.domain.diagnosis import DiagnosisNote, ReviewNote, ReviewVerdict, Stance, Triage
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.playbook import Thresholds

_KINDS = {
    Stance.ANSWER: OutcomeKind.ANSWERED,
    Stance.CAUSE: OutcomeKind.PROPOSED,
    Stance.RUNBOOK: OutcomeKind.RUNBOOK,
    Stance.NO_ACTION: OutcomeKind.NO_ACTION,
    Stance.CLARIFY: OutcomeKind.ASKED_BACK,
}


def conclude(triage: Triage, review: ReviewNote, thresholds: Thresholds) -> tuple[OutcomeKind, str]:
    """What may be said without acting, and why. Below its threshold everything is handed over."""
    note = review.diagnosis
    if triage.suspicious:
        return OutcomeKind.HANDED_OVER, "the text gives orders to the agents: a human looks first"
    if review.verdict is ReviewVerdict.ABSTAIN or note.stance not in _KINDS:
        return OutcomeKind.HANDED_OVER, "the evidence does not support an answer"
    minimum = threshold(note, thresholds)
    if note.confidence < minimum:
        return (
            OutcomeKind.HANDED_OVER,
            f"confidence {note.confidence:.2f} is under the threshold of {minimum:.2f}",
        )
    return _KINDS[note.stance], note.headline


def threshold(note: DiagnosisNote, thresholds: Thresholds) -> float:
    """The confidence that its stance needs."""
    return {
        Stance.ANSWER: thresholds.to_answer(by_words=note.by_words),
        Stance.CAUSE: thresholds.cause,
        Stance.RUNBOOK: thresholds.runbook,
        Stance.NO_ACTION: thresholds.no_action,
    }.get(note.stance, 0.0)
