"""What history keeps of an agent's words: small, masked, its headline none of the ticket's own."""

from mendwheel.domain.diagnosis import Diagnosis, DiagnosisNote, Stance, Triage
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.security.redaction import redact


def triage_noted(triage: Triage) -> Triage:
    """What the gateway put back into a model's words does not go on into history."""
    missing = [redact(fact) for fact in triage.missing]
    return triage.model_copy(update={"component": _small(triage.component), "missing": missing})


def diagnosis_noted(ref: ArtifactRef, diagnosis: Diagnosis) -> DiagnosisNote:
    """The note of a diagnosis that is kept whole under `ref`."""
    return DiagnosisNote(
        ref=ref,
        stance=diagnosis.stance,
        headline=redact(_headline(diagnosis))[:160],
        component=_small(diagnosis.component),
        fault=_small(diagnosis.fault),
        confidence=diagnosis.confidence,
        claims=len(diagnosis.claims),
        engine=diagnosis.engine,
        by_words=diagnosis.by_words,
    )


def _small(name: str | None) -> str | None:
    """A name as history keeps it; a model may have put anything there."""
    return redact(name)[:200] if name else name


def _headline(diagnosis: Diagnosis) -> str:
    """One line for status and timeline, without the ticket's words."""
    if diagnosis.stance is Stance.CAUSE:
        return f"{diagnosis.component or 'unknown component'}: {diagnosis.fault or 'fault'}"[:160]
    if diagnosis.stance is Stance.RUNBOOK and diagnosis.runbooks:
        return f"runbook {diagnosis.runbooks[0]}"[:160]
    if diagnosis.stance is Stance.ANSWER and diagnosis.documents:
        return f"answered from {diagnosis.documents[0]}"[:160]
    return {
        Stance.NO_ACTION: "nothing needs doing",
        Stance.CLARIFY: "the question needs to be more exact",
    }.get(diagnosis.stance, "no supported answer")
