"""A short answer spends its space on what is new, word for word."""

from mendwheel.knowledge.cover import cover
from mendwheel.knowledge.quote import Source
from mendwheel.knowledge.terms import terms

HOLDS = "The relay queue holds 500 messages."
FULL = "A full queue refuses further mail until space is free."


def _asked(question: str) -> list[set[str]]:
    return [set(terms(question))]


def test_same_sentence_in_two_sources_is_quoted_once() -> None:
    sources = [Source("K1", "Relay", HOLDS), Source("K2", "Relay", f"{HOLDS} {FULL}")]
    found = cover(_asked("How many messages does the relay queue hold?"), sources, 300)
    text = "\n".join(quote.text for quote in found.quotes)
    assert text.count(HOLDS) == 1
    assert FULL in text


def test_quotes_stay_within_the_budget_and_a_long_part_is_cut_at_a_word() -> None:
    long = "relay queue holds messages " * 60
    found = cover(_asked("relay queue"), [Source("K1", "", long.strip())], 100)
    assert 50 < len(found.quotes[0].text) <= 100
    assert found.quotes[0].text.split()[-1] in {"relay", "queue", "holds", "messages"}


def test_nothing_found_quotes_nothing() -> None:
    found = cover(_asked("relay queue"), [], 300)
    assert (found.quotes, found.closest, found.share) == ([], None, 0.0)
