"""How sure an answer is: what a conversation that was searched by meaning changes."""

import pytest

from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.gateway.extractive.confidence import confidence
from mendwheel.knowledge.quote import Found, Quote

ASKED = [{"export", "link", "valid"}]
TEXT = "An export link is valid for a day."


def sure(cosine: float | None, *, goes_on: bool) -> float:
    passage = Evidence(
        id="K1", kind=EvidenceKind.PASSAGE, source="a", title="Exports", text=TEXT, score=3.0,
        cosine=cosine,
    )  # fmt: skip
    picked = Found([Quote("K1", TEXT)], None, 1.0)
    return confidence(ASKED, [passage], picked, own_case=False, goes_on=goes_on)


def test_an_answer_to_a_conversation_is_surer_where_meaning_was_compared() -> None:
    assert sure(0.6, goes_on=True) > sure(0.6, goes_on=False)
    assert sure(None, goes_on=True) == sure(None, goes_on=False)


@pytest.mark.parametrize("goes_on", [True, False])
def test_the_nearer_the_first_passage_the_surer(goes_on: bool) -> None:
    assert sure(0.5, goes_on=goes_on) < sure(0.7, goes_on=goes_on)
