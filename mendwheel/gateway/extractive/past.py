"""What helped in a past incident like this one: better than a runbook that hardly fits."""

from dataclasses import dataclass

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import MAX_CLAIMS, Cause, CitedClaim
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.playbook import Thresholds
from mendwheel.investigation.telling import shortened
from mendwheel.knowledge.terms import terms

LIKE = 0.5
"""Likeness (0..1) from which a past incident is worth naming to whoever goes on."""
HELD = 0.8
"""Confidence for each point of likeness: of labelled incidents beside one that counts as the same,
four in five had the same cause. They are few.
"""
_TITLE, _ROOM = 90, 300
"""Characters of its title and of what was done."""


@dataclass(frozen=True)
class Past:
    """The nearest past incident whose outcome held."""

    case: Evidence
    same: bool
    """Whether it counts as the same incident, so that what helped then may be said to help."""

    @property
    def confidence(self) -> float:
        return round(HELD * min(1.0, max(0.0, self.case.score)), 3)

    def claim(self) -> CitedClaim:
        """What was done then, in its own words."""
        said = shortened(" ".join(self.case.text.split()), _ROOM)
        title = shortened(self.case.title, _TITLE)
        text = f"Like “{title}”, where this helped: {said}"
        return CitedClaim(text=text, evidence_ids=[self.case.id])


def nearest_past(brief: Brief, duplicate: float) -> Past | None:
    """None where no proven case is like it. `duplicate` is the likeness of one incident reported
    twice.
    """
    proven = [
        item
        for item in brief.evidence
        if item.kind is EvidenceKind.CASE and item.proven and item.text.strip()
    ]
    case = max(proven, key=lambda item: item.score, default=None)
    if case is None or case.score < LIKE:
        return None
    same = case.score >= duplicate and not _differ(brief.report.title, case.title)
    return Past(case, same)


def beside(said: Cause, past: Past | None, thresholds: Thresholds) -> Cause:
    """`said` with the past incident: in its place where the same trouble is surer than what was
    found, else after it. A cause that stands on facts needs none.
    """
    stands = said.stance is Stance.CAUSE and said.confidence >= thresholds.cause
    if past is None or stands or said.stance is Stance.NO_ACTION:
        return said
    sure = said.confidence if said.stance is Stance.RUNBOOK else 0.0
    if not past.same or past.confidence < max(sure, thresholds.runbook):
        return said.model_copy(update={"claims": [*said.claims[: MAX_CLAIMS - 1], past.claim()]})
    return Cause(
        stance=Stance.RUNBOOK,
        # No component: nothing may be carried out on the word of a past ticket.
        claims=[past.claim(), *said.claims[: MAX_CLAIMS - 1]],
        confidence=past.confidence,
    )


def _differ(title: str, other: str) -> bool:
    """Whether each title says something that the other does not: "watch" here and "list" there.

    What holds a digit names a host, a pod or a figure, which differ each time.
    """
    one, two = _telling(title), _telling(other)
    return bool(one - two) and bool(two - one)


def _telling(title: str) -> set[str]:
    return {word for word in terms(title) if not any(letter.isdigit() for letter in word)}
