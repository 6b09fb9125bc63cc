"""A model's diagnosis beside what code makes of the same evidence: each gives what it is good for.

A model words things better than rules do. It also is as sure of a guess as of a fact, leaves out
the figure that was asked for, and overlooks what was computed. So rules say how sure an answer is
and what it must hold; what a model says beside that is kept where the evidence holds it; and its
doubt weighs something, not everything.
"""

from collections.abc import Sequence

from pydantic import BaseModel

from mendwheel.activities.believed import (
    DOUBT,
    MOST_CLAIMS,
    Believed,
    beside,
    lacking,
    lessened,
    pulled,
    verdict,
)
from mendwheel.activities.grounded_cause import cause
from mendwheel.agents.agent import Brief
from mendwheel.agents.language import language
from mendwheel.agents.outputs import Answer, Cause, CitedClaim
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report

LONGEST = 1_440
"""Characters of an answer with the quotes under it: what rules quote at most."""


def grounded(
    said: BaseModel,
    by_code: BaseModel,
    report: Report,
    thresholds: Thresholds,
    believed: Believed,
    *,
    trusted: bool,
) -> BaseModel:
    """What counts of a model's output `said`; `by_code` itself where nothing of it does.

    `trusted`: the model's own confidence counts, because it is known to be right as often as it
    says, or because rules cannot judge the evidence.
    """
    if isinstance(said, Answer) and isinstance(by_code, Answer):
        if trusted:
            return _of_a_trusted(said, by_code, believed)
        return _answer(said, by_code, believed)
    if isinstance(said, Cause) and isinstance(by_code, Cause):
        return cause(said, by_code, report, thresholds, believed, trusted=trusted)
    return said


def words_of_a_model(output: BaseModel, by_code: BaseModel) -> bool:
    """Whether anything is left in `output` that was not found by code."""
    if isinstance(output, Answer | Cause) and isinstance(by_code, Answer | Cause):
        found = {claim.text for claim in by_code.claims}
        if output.claims or output.stance is by_code.stance:
            return any(claim.text not in found for claim in output.claims)
    return True


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


def _of_a_trusted(said: Answer, by_code: Answer, believed: Believed) -> Answer:
    """Its words and confidence, with quotes of what it cites. It may say that it cannot tell."""
    if said.stance is not Stance.ANSWER:
        return said
    return said.model_copy(
        update={"claims": [*said.claims, *beside(said.claims, by_code.claims, believed)]}
    )


def _answer(said: Answer, by_code: Answer, believed: Believed) -> Answer:
    """Rules say how sure it is. What they would quote is in it, quoted or in the model's words."""
    if by_code.stance is not Stance.ANSWER:
        return _handed_over(said, by_code, believed)
    led, leads = verdict(by_code.claims), verdict(believed.claims)
    if said.stance is not Stance.ANSWER or (led and leads and led != leads):
        return by_code.model_copy(update={"confidence": lessened(by_code.confidence, DOUBT)})
    if not believed.claims:
        return by_code  # that it worded nothing well says nothing about what was found
    return by_code.model_copy(update={"claims": _worded(believed.claims, by_code.claims)})


def _handed_over(said: Answer, by_code: Answer, believed: Believed) -> Answer:
    """Rules are unsure, and no model makes them surer: a human gets what both have found."""
    if by_code.stance is Stance.CLARIFY or said.stance is not Stance.ANSWER:
        return said if said.stance is Stance.CLARIFY else by_code
    if not believed.claims:
        return by_code
    return by_code.model_copy(update={"claims": _worded(believed.claims, by_code.claims)})


def _worded(words: Sequence[CitedClaim], quotes: Sequence[CitedClaim]) -> list[CitedClaim]:
    """The model's words, and under them every quote that they do not already hold.

    A "Yes." that rules have read in a source stays in front.
    """
    kept = lacking(words, quotes)
    room = LONGEST - sum(len(claim.text) for claim in kept)
    fitting: list[CitedClaim] = []
    for claim in words:
        if len(claim.text) <= room and len(fitting) + len(kept) < MOST_CLAIMS:
            fitting.append(claim)
            room -= len(claim.text)
    if len(fitting) < len(words):
        return pulled(quotes)  # half of what it says could say the opposite
    if verdict(quotes) and not verdict(words):
        return pulled(quotes)[:1] + fitting + [each for each in kept if each.text != quotes[0].text]
    return fitting + kept
