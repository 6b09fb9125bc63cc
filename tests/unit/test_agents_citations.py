"""What a model words itself is held to its evidence: by numbers, by language, by quotes."""

import pytest

from mendwheel.agents.citations import check
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind

TEXT = "A download link of an export works for 72 hours, then it expires. It holds 1,500 rows."
DOSSIER = Dossier(
    evidence=[Evidence(id="K1", kind=EvidenceKind.PASSAGE, title="Links", source="s", text=TEXT)]
)
ENGLISH = "How many hours does the download link of an export work before it expires?"
GERMAN = "Wie viele Stunden ist der Link eines Exports gültig, und wann läuft er ab?"
SAID_IN_GERMAN = (
    "Der Link eines Exports ist 72 Stunden gültig, danach läuft er ab und wird gelöscht."
)


def objections(text: str, asked: str, *, quote: str = "", engine: str = "tiny-1") -> list[str]:
    claim = Claim(text=text, evidence_ids=["K1"], quote=quote)
    diagnosis = Diagnosis(stance=Stance.ANSWER, claims=[claim], engine=engine)
    kept, against = check(diagnosis, DOSSIER, asked=asked)
    assert len(kept) + len(against) == 1
    return against


def test_a_model_that_changes_a_number_is_caught_however_alike_the_words_are() -> None:
    wrong = "A download link of an export works for 24 hours, then it expires."
    assert objections(wrong, ENGLISH) == ["claim 0 states 24, which its evidence does not"]
    assert objections(wrong.replace("24", "72"), ENGLISH) == []


@pytest.mark.parametrize(
    "same", ["It holds 1500 rows.", "It holds 1,500 rows.", "1. It holds rows"]
)
def test_the_same_number_written_otherwise_and_the_marks_of_a_list_are_no_inventions(
    same: str,
) -> None:
    assert objections(same, ENGLISH) == []


def test_an_answer_in_a_language_that_nobody_spoke_is_not_given() -> None:
    [against] = objections(SAID_IN_GERMAN, ENGLISH, quote="works for 72 hours, then it expires")
    assert "written in de, the question in en" in against


def test_an_answer_in_the_askers_language_stands_on_the_words_it_translates() -> None:
    assert objections(SAID_IN_GERMAN, GERMAN, quote="works for 72 hours, then it expires") == []


@pytest.mark.parametrize(
    "quote", ["", "72 hours", "works for 72 days, then it is renewed", "läuft nach 72 Stunden ab"]
)
def test_a_translation_without_the_words_it_translates_is_dropped(quote: str) -> None:
    assert "not what its evidence says" in objections(SAID_IN_GERMAN, GERMAN, quote=quote)[0]


def test_an_answer_in_the_language_of_its_evidence_is_always_allowed() -> None:
    assert objections(TEXT, GERMAN) == []


def test_what_code_has_copied_is_not_held_to_the_askers_language() -> None:
    assert objections(TEXT, GERMAN, engine="extractive") == []
