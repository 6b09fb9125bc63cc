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


def test_conversation_is_answered_by_what_all_sources_speak_of() -> None:
    aside = "Some apply for refunds of parking fees instead of tokens."
    sources = [
        Source("K1", "Permits", "Permits are issued by the harbour office. Bring a passport."),
        Source("K2", "Harbour", f"The harbour office issues permits on weekdays. {aside}"),
        Source("K3", "Fees", "Permits of the harbour office cost nothing."),
        Source("K4", "Weekdays", "On weekdays the harbour office issues permits."),
    ]
    asked = _asked("How can I apply?")
    by_itself = cover(asked, sources, 60).quotes[0].text
    goes_on = cover(asked, sources, 60, goes_on=True).quotes[0].text
    assert "refund" in by_itself
    assert "harbour office" in goes_on


def test_one_source_never_takes_all_of_a_long_answer() -> None:
    long = " ".join(f"The relay queue holds messages of kind {number}." for number in range(60))
    sources = [Source("K1", "Relay", long), Source("K2", "Queue", FULL, standing=0.2)]
    found = cover(_asked("relay queue"), sources, 1_440, goes_on=True)
    assert {quote.source for quote in found.quotes} == {"K1", "K2"}
    assert all(len(quote.text) <= 1_000 for quote in found.quotes)


def test_conversation_trusts_a_passage_that_is_about_the_question_in_several_sentences() -> None:
    depot = "The depot in Nantes sorts parcels overnight."
    crew = "Forklift crews unload trailers after midnight."
    about = (
        "A berth is reserved by filing a mooring form. "
        "The harbour pilot confirms a reserved berth. "
        "Reserving a berth costs a mooring deposit."
    )
    chance = f"Nobody ever reserved a berth here. {depot} {crew}"
    sources = [
        Source("K1", "Nantes", chance),
        Source("K2", "Nantes", f"{crew} {depot}", standing=0.9),
        Source("K3", "Harbour", about, standing=0.8),
    ]
    found = cover(_asked("How is it reserved, the berth?"), sources, 145, goes_on=True)
    text = "\n".join(quote.text for quote in found.quotes)
    assert "mooring" in text
    assert depot not in text


def test_conversation_reads_on_in_a_passage_before_it_turns_to_an_aside_of_another() -> None:
    where = "Berths are reserved at the harbour office."
    on = "The clerk stamps the form."
    sources = [
        Source("K1", "", f"{where} {on}"),
        Source("K2", "", "The harbour has two lighthouses and a marina."),
        Source("K3", "", "Reserved berths are marked by buoys."),
    ]
    found = cover(_asked("What about the harbour?"), sources, 95, goes_on=True)
    assert [quote.text for quote in found.quotes] == [f"{where}\n{on}"]
