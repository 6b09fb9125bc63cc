"""A model's diagnosis beside what code makes of the same evidence: neither is believed alone.

A model words things better than rules do. It also is as sure of a guess as of a fact, leaves out
the figure that was asked for, and overlooks what was computed: that is made good here, in code.
"""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from mendwheel.agents.agent import Brief
from mendwheel.agents.language import foreign, language
from mendwheel.agents.outputs import Answer, Cause, CitedClaim
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report
from mendwheel.knowledge.terms import terms

ROOM = 600
"""Characters of an answer with the quotes under it: what people read in one go."""
MOST_CLAIMS = 6
SAID_ALREADY = 0.8
"""Share of a quote's words in the answer above it from which it adds nothing."""


def grounded(
    said: BaseModel,
    by_code: BaseModel,
    report: Report,
    thresholds: Thresholds,
    *,
    stands: bool,
    trusted: bool,
) -> BaseModel:
    """What counts of a model's output `said`; `by_code` itself where the model could not tell.

    `stands`: the evidence supports something of it. Quotes never stand in for what it does not.
    `trusted`: the model's own confidence counts, because it is known to be right as often as it
    says, or because rules cannot judge the evidence.
    """
    if isinstance(said, Answer) and isinstance(by_code, Answer):
        return _answer(said, by_code, stands, trusted=trusted)
    if isinstance(said, Cause) and isinstance(by_code, Cause):
        named = _of_candidates(said, report.candidates)
        return _cause(named, by_code, stands, thresholds, trusted=trusted)
    return said


def beyond_rules(said: BaseModel, brief: Brief) -> bool:
    """Whether question and sources are in two languages: rules compare words and see nothing.

    Of answers only, which change nothing: whoever writes a ticket chooses its language, and must
    not choose with it how far a model is believed about a cause that is acted on.
    """
    if not isinstance(said, Answer):
        return False
    report = brief.report
    asked = language("\n".join([report.title, report.body, *brief.information]))
    read = language("\n".join(item.text for item in brief.evidence))
    return asked is not None and read is not None and asked != read


def _answer(said: Answer, by_code: Answer, stands: bool, *, trusted: bool) -> Answer:
    """The model's words, the sources' own under them; it may still say that it cannot tell."""
    if said.stance is not Stance.ANSWER:
        return said
    confidence = said.confidence if trusted else min(said.confidence, by_code.confidence)
    claims = [*said.claims, *(_quotes(said.claims, by_code.claims) if stands else [])]
    return said.model_copy(update={"claims": claims, "confidence": confidence})


def _quotes(above: Sequence[CitedClaim], found: Sequence[CitedClaim]) -> list[CitedClaim]:
    """What code quotes of the sources the model cites, where the answer above lacks it."""
    text = "\n".join(claim.text for claim in above)
    cited = {name for claim in above for name in claim.evidence_ids}
    known, room = set(terms(text)), ROOM - len(text)
    kept: list[CitedClaim] = []
    for claim in found:
        words = set(terms(claim.text))
        new = len(words & known) < SAID_ALREADY * len(words)
        fits = len(claim.text) <= room and len(above) + len(kept) < MOST_CLAIMS
        if new and fits and cited & set(claim.evidence_ids) and not foreign(claim.text, text):
            kept.append(claim)
            known |= words
            room -= len(claim.text)
    return kept


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


def _cause(
    said: Cause, by_code: Cause, stands: bool, thresholds: Thresholds, *, trusted: bool
) -> Cause:
    """The model words what code found, in whose words it goes on; against it, neither is sure.

    A model that could not tell takes nothing away from facts that are clear.
    """
    if said.stance is Stance.UNKNOWN:
        return by_code if _sure(by_code, thresholds) else said
    if trusted:
        return said
    if not _contradicts(said, by_code):
        return said.model_copy(
            update={
                "component": by_code.component,
                "fault": by_code.fault,
                "claims": [*said.claims, *(_quotes(said.claims, by_code.claims) if stands else [])],
                "confidence": by_code.confidence,
            }
        )
    other = 1.0 - by_code.confidence if _sure(by_code, thresholds) else by_code.confidence
    return said.model_copy(update={"confidence": min(said.confidence, other)})


def _contradicts(said: Cause, by_code: Cause) -> bool:
    """What a model left open is no objection to what was computed."""
    return (
        said.stance is not by_code.stance
        or said.component not in (None, by_code.component)
        or said.fault not in (None, by_code.fault)
    )


def _sure(found: Cause, thresholds: Thresholds) -> bool:
    least = {
        Stance.CAUSE: thresholds.cause,
        Stance.RUNBOOK: thresholds.runbook,
        Stance.NO_ACTION: thresholds.no_action,
    }
    return found.stance in least and found.confidence >= least[found.stance]
