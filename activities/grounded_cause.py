"""A model's cause beside the one that rules compute. What is acted on is never surer for a model.

A weak model overlooks facts and words them wrongly, a strong one sees what no rule was written for.
Neither is known to be which, so its objection lowers the odds, and below the bar people decide.
"""

from collections.abc import Mapping, Sequence

from mendwheel.activities.believed import (
    DOUBT,
    OBJECTION,
    Believed,
    lacking,
    lessened,
    pulled,
)
from mendwheel.agents.outputs import MAX_CLAIMS, Cause
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report


def cause(
    said: Cause,
    by_code: Cause,
    report: Report,
    thresholds: Thresholds,
    believed: Believed,
    *,
    trusted: bool,
) -> Cause:
    """What counts of `said`; `by_code` itself where a model adds nothing to it."""
    said = _of_candidates(said, report.candidates)
    silent = said.stance is Stance.UNKNOWN
    if silent and _sure(by_code, thresholds):
        return by_code
    if trusted:
        return said
    if silent or (believed.made_up and by_code.stance is not Stance.NO_ACTION):
        # Whatever talked it into that, nothing is done on such a ticket without people.
        return _for_people(by_code)
    if not _contradicts(said, by_code, report.candidates, believed):
        return _worded(by_code, believed)
    if not _sure(by_code, thresholds):
        return _for_people(_chosen(said, by_code, believed))
    weight = OBJECTION if believed.claims else DOUBT
    left = by_code.model_copy(
        update={
            "claims": [*pulled(by_code.claims), *believed.claims][:MAX_CLAIMS],
            "confidence": lessened(by_code.confidence, weight),
        }
    )
    return left if _sure(left, thresholds) else _for_people(left)


def _chosen(said: Cause, by_code: Cause, believed: Believed) -> Cause:
    """Where facts are unclear a model that shows evidence chooses what people look at first."""
    if not believed.claims:
        return by_code
    return by_code.model_copy(
        update={
            "component": said.component or by_code.component,
            "fault": said.fault or by_code.fault,
            "claims": [*believed.claims, *pulled(by_code.claims)][:MAX_CLAIMS],
        }
    )


def _for_people(found: Cause) -> Cause:
    """What was found, to be handed over with: no remedy is planned for an unknown cause."""
    return found.model_copy(update={"stance": Stance.UNKNOWN})


def _contradicts(
    said: Cause, by_code: Cause, candidates: Mapping[str, Sequence[str]], believed: Believed
) -> bool:
    """What a model left open is no objection to what was computed, nor what it adds to that; nor
    is a cause that it reads in the very runbook that fits. Small models mix the two names up, and
    kinds are only comparable where there is a list of them."""
    if by_code.stance is Stance.RUNBOOK and said.stance in (Stance.RUNBOOK, Stance.CAUSE):
        cited = {name for claim in believed.claims for name in claim.evidence_ids}
        return bool(cited) and not cited & set(by_code.claims[0].evidence_ids)
    found = {None, by_code.component, by_code.fault}
    part = by_code.component is not None and said.component not in found
    kind = bool(candidates.get("types")) and by_code.fault is not None and said.fault not in found
    return said.stance is not by_code.stance or part or kind


def _sure(found: Cause, thresholds: Thresholds) -> bool:
    least = {
        Stance.CAUSE: thresholds.cause,
        Stance.RUNBOOK: thresholds.runbook,
        Stance.NO_ACTION: thresholds.no_action,
    }
    return found.stance in least and found.confidence >= least[found.stance]


def _of_candidates(said: Cause, candidates: Mapping[str, Sequence[str]]) -> Cause:
    """A sentence where a name from the report's list was asked for names nothing."""
    component, fault = (
        name if not known or name in known else None
        for name, known in (
            (said.component, candidates.get("services", ())),
            (said.fault, candidates.get("types", ())),
        )
    )
    return said.model_copy(update={"component": component, "fault": fault})


def _worded(by_code: Cause, believed: Believed) -> Cause:
    """The same cause, led by what the model says of it; all that was computed is still told."""
    if not believed.claims:
        return by_code
    return by_code.model_copy(
        update={
            "claims": [*believed.claims, *lacking(believed.claims, by_code.claims)][:MAX_CLAIMS]
        }
    )
