"""Which causes were rejected for the one that was concluded, and by what evidence."""

from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Dossier, EvidenceKind
from mendwheel.domain.hypothesis import WHY_LIMIT, Hypothesis, Objection

KEPT = 5
"""Rejected causes that are kept; the rest was even less clear."""


def rejected(
    dossier: Dossier, stance: Stance, component: str | None, fault: str | None
) -> list[Hypothesis]:
    """The proposed causes that were not concluded and that evidence speaks against.

    One that nothing speaks against was merely less clear: it is not called rejected.
    """
    concluded = stance is Stance.CAUSE
    calm = _calm(dossier, fault) if stance is Stance.NO_ACTION else []
    merged: dict[str, Hypothesis] = {}
    for proposed in dossier.hypotheses:
        each = proposed.model_copy(update={"against": proposed.against or calm})
        if not each.against or (concluded and each.same_as(component, fault)):
            continue
        known = merged.get(each.name.lower())
        merged[each.name.lower()] = _together(known, each) if known else each
    return sorted(merged.values(), key=lambda each: -each.clearness)[:KEPT]


def _calm(dossier: Dossier, fault: str | None) -> list[Objection]:
    """What shows best that nothing is failing, where that was concluded."""
    found = [item for item in dossier.of(EvidenceKind.FINDING) if fault and item.fault == fault]
    best = sorted(found, key=lambda item: -item.score)[:1]
    return [Objection(evidence_id=item.id, why=item.text[:WHY_LIMIT]) for item in best]


def doubts(dossier: Dossier, component: str | None, fault: str | None) -> list[Objection]:
    """What speaks against the concluded cause itself."""
    found = [
        objection
        for each in dossier.hypotheses
        if each.same_as(component, fault)
        for objection in each.against
    ]
    return list({objection.evidence_id: objection for objection in found}.values())


def _together(one: Hypothesis, other: Hypothesis) -> Hypothesis:
    """The same cause, proposed by two."""
    objections = {each.evidence_id: each for each in [*one.against, *other.against]}
    return one.model_copy(
        update={
            "proposed_by": list(dict.fromkeys([*one.proposed_by, *other.proposed_by])),
            "clearness": max(one.clearness, other.clearness),
            "for_ids": list(dict.fromkeys([*one.for_ids, *other.for_ids])),
            "against": list(objections.values()),
        }
    )
