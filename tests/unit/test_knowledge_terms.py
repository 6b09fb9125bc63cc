"""Text becomes terms, passages and quotable units without losing what people search for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.knowledge import Document
from mendwheel.knowledge.chunk import HARD_WORDS, MOST_WORDS, passages
from mendwheel.knowledge.terms import stem, terms
from mendwheel.knowledge.units import plain, units


def _passages(body: str) -> list[str]:
    return [passage.text for passage in passages(Document(id="d", title="T", body=body))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("set max_retry_count", {"max_retry_count", "max", "retry", "count"}),
        ("LabelPrinter", {"labelprinter", "printer"}),
        ("run with --mode daemon", {"daemon"}),
        ("ORA-00942 again", {"ora_00942", "00942"}),
        ("数据库连接失败", {"数据", "失败"}),
        ("café", {"café"}),
    ],
)
def test_identifiers_are_findable_as_a_whole_and_by_their_parts(text: str, found: set[str]) -> None:
    assert found <= set(terms(text))


@pytest.mark.parametrize(
    "forms",
    [
        ("migrate", "migrating", "migration"),
        ("configure", "configured", "configuration"),
        ("query", "queries"),
        ("deploy", "deployed", "deployment"),
        ("stop", "stopped", "stopping"),
    ],
)
def test_forms_of_one_word_are_one_term(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_unlike_words_stay_apart() -> None:
    words = ("worker", "work", "status", "state", "class", "analysis", "king", "bus")
    assert len({stem(word) for word in words}) == len(words)


@given(st.text())
def test_any_text_has_terms_without_spaces(text: str) -> None:
    assert all(term and not any(c.isspace() for c in term) for term in terms(text))


def test_headings_lead_to_their_passage() -> None:
    body = "\n\n".join(
        ["# Guide", "Intro. " * 130, "## Install", "Word " * 150, "### Linux", "More " * 150]
    )
    headings = [passage.heading for passage in passages(Document(id="d", title="T", body=body))]
    assert headings == ["Guide", "Guide › Install", "Guide › Install › Linux"]


def test_underlined_headings_count_and_tables_rules_do_not_become_text() -> None:
    body = "Install\n=======\n\n" + "Word " * 150 + "\n\nRun\n---\n\nStart it."
    found = passages(Document(id="d", title="T", body=body))
    assert [passage.heading for passage in found] == ["Install", "Install › Run"]
    assert "---" not in found[1].text


def test_code_and_numbered_steps_are_not_cut() -> None:
    code = "```\n" + "\n\n".join(f"call {number}" for number in range(60)) + "\n```"
    steps = "\n\n".join(f"{number}. Do the thing\n   then wait" for number in range(1, 25))
    body = f"# T\n\n{'Word ' * 150}\n\n{code}\n\n{steps}"
    found = _passages(body)
    assert any(code in text for text in found)
    assert any(steps.replace("\n\n", "\n") in text for text in found)


@given(st.text(alphabet=st.sampled_from("ab #`\n-1."), max_size=400))
def test_no_word_of_a_document_is_lost(body: str) -> None:
    words = {word for word in body.replace("#", " ").split() if word.isalpha()}
    found = passages(Document(id="d", title="T", body=body))
    kept = " ".join(f"{passage.heading} {passage.text}" for passage in found)
    assert all(word in kept for word in words)


def test_no_passage_is_endless() -> None:
    body = "# T\n\n" + "\n".join("word " * 20 for _ in range(200)) + "\n\n" + "x" * 30_000
    found = _passages(body)
    assert len(found) > 5
    assert max(len(text.split()) for text in found) <= max(HARD_WORDS, MOST_WORDS)


def test_document_of_headings_only_is_still_found() -> None:
    assert _passages("# Only\n\n## Headings\n") == ["Only › Headings"]
    assert _passages("  \n\n ") == []


def test_units_are_sentences_items_rows_and_whole_code() -> None:
    text = (
        "Open it, e.g. by hand. It takes 3.5 minutes! Done?\n- first item\n  goes on\n- second\n"
        "| a | b |\n| c | d |\n\n```\nx = 1. Y = 2.\n```\nEnd."
    )
    assert units(text) == [
        "Open it, e.g. by hand.",
        "It takes 3.5 minutes!",
        "Done?",
        "- first item goes on",
        "- second",
        "| a | b |",
        "| c | d |",
        "```\nx = 1. Y = 2.\n```",
        "End.",
    ]


def test_markup_goes_and_words_stay() -> None:
    marked = r"See [the guide](http://x.org/a(b)) for version 10\.2 ![logo](l.png) of :ref:`it <x>`"
    assert plain(marked).split() == ["See", "the", "guide", "for", "version", "10.2", "of", "it"]
