"""Past tickets that say the same in other words are found, and never taken for the same one."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from mendwheel.domain.knowledge import Case
from mendwheel.ports import EmbedderError
from mendwheel.stores.cases import BY_MEANING, SqliteCases
from mendwheel.stores.store import Store

pytest.importorskip("numpy")

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TOPICS = (("car", "vehicle", "automobile"), ("letter", "mail", "post"), ("cat", "kitten"))


class Topics:
    """One number a topic; a text of none is far from all."""

    identity = "topics/1"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.fails = False
        self.goes_on = threading.Event()
        self.goes_on.set()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.goes_on.wait(10)
        if self.fails:
            raise EmbedderError("the embedder is away: start it")
        self.texts += texts
        return [self._vector(text.casefold()) for text in texts]

    def _vector(self, text: str) -> list[float]:
        found = [float(sum(text.count(word) for word in topic)) for topic in TOPICS]
        length = sum(number**2 for number in found) ** 0.5
        return [number / length for number in found] + [0.0] if length else [0.0, 0.0, 0.0, 1.0]


@pytest.fixture
def embedder() -> Topics:
    return Topics()


@pytest.fixture
def cases(store: Store, embedder: Topics) -> SqliteCases:
    return SqliteCases(store, embedder)


def _case(ticket: str, text: str, **more: object) -> Case:
    values = {"ticket_id": ticket, "title": text, "text": text, "opened_at": START}
    return Case.model_validate(values | more)


def _saved(cases: SqliteCases, *several: Case) -> None:
    for case in several:
        cases.save(case)
    cases.embed("default")


def _alike(cases: SqliteCases, text: str, **more: object) -> list[str]:
    found = cases.similar(_case("new", text), **more)  # type: ignore[arg-type]
    return [match.case.ticket_id for match in found]


def test_ticket_in_other_words_is_found_but_is_no_duplicate(cases: SqliteCases) -> None:
    _saved(cases, _case("a", "The car stopped"), _case("b", "A letter is lost"))
    best = cases.similar(_case("new", "My automobile broke down"))[0]
    assert best.case.ticket_id == "a"
    assert 0.5 < best.similarity <= BY_MEANING < 0.75


def test_shared_words_and_errors_count_as_before(cases: SqliteCases, store: Store) -> None:
    text = "Paying fails with HTTP 503 from pay-api"
    _saved(cases, _case("a", text, component="pay"), _case("b", "The post fails"))
    by_words = SqliteCases(store).similar(_case("new", text, component="pay"))[0]
    assert cases.similar(_case("new", text, component="pay"))[0] == by_words
    assert by_words.similarity == 1.0


def test_ticket_is_embedded_once_and_found_by_the_next(
    cases: SqliteCases, embedder: Topics
) -> None:
    cases.similar(_case("a", "The car stopped"))
    cases.save(_case("a", "The car stopped"))
    cases.similar(_case("a", "The car stopped"))
    cases.save(_case("a", "The car stopped", open=False, resolution="Refuelled."))
    assert cases.embed("default") == 0
    assert len(embedder.texts) == 1
    assert _alike(cases, "My automobile broke down") == ["a"]


def test_cases_of_others_are_never_near_whatever_they_say(cases: SqliteCases) -> None:
    for number in range(70):
        cases.save(_case(f"x{number}", "A car", tenant="other"))
        cases.save(_case(f"c{number}", "A car", open=False))
    cases.embed("other")
    _saved(cases, _case("new", "A vehicle"), _case("open", "A letter"))
    assert "new" not in _alike(cases, "An automobile", limit=50)
    # Filtered before ranking: seventy nearer ones that are closed do not crowd it out.
    assert _alike(cases, "An automobile", open_only=True) == ["open"]
    assert not any(name.startswith("x") for name in _alike(cases, "An automobile", limit=50))


def test_case_that_says_something_else_now_is_not_found_by_what_it_said(
    cases: SqliteCases,
) -> None:
    _saved(cases, _case("a", "A car"), _case("b", "A kitten"))
    assert _alike(cases, "An automobile", limit=1) == ["a"]
    _saved(cases, _case("a", "A letter"))
    found = {m.case.ticket_id: m.similarity for m in cases.similar(_case("new", "An automobile"))}
    assert found == {"a": 0.0, "b": 0.0}
    assert _alike(cases, "The post", limit=1) == ["a"]


def test_cases_of_a_store_from_before_are_caught_up_with(cases: SqliteCases, store: Store) -> None:
    SqliteCases(store).save(_case("old", "The car stopped"))
    store.write(lambda db: db.execute("UPDATE cases SET said = NULL") and None)
    seen: list[int] = []
    assert cases.embed("default", seen.append) == 1
    assert (cases.embed("default"), seen) == (0, [1])
    assert _alike(cases, "My automobile broke down") == ["old"]


def test_cases_are_compared_by_words_when_the_embedder_is_away(
    cases: SqliteCases, embedder: Topics, caplog: pytest.LogCaptureFixture
) -> None:
    _saved(cases, _case("a", "The car stopped"))
    embedder.fails = True
    assert _alike(cases, "An automobile") == []
    assert _alike(cases, "The car stopped again") == ["a"]
    assert "by words alone: the embedder is away" in caplog.text


def test_embedder_that_hangs_holds_up_one_ticket_shortly_and_no_other(
    cases: SqliteCases,
    embedder: Topics,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _saved(cases, _case("a", "The car stopped"))
    embedder.goes_on.clear()
    monkeypatch.setattr("mendwheel.stores.case_vectors.WITHIN", 0.05)
    assert _alike(cases, "The car stopped again") == ["a"]
    monkeypatch.setattr("mendwheel.stores.case_vectors.WITHIN", 60.0)
    assert _alike(cases, "That car stopped again") == ["a"], "which does not wait behind it"
    assert "has not answered yet" in caplog.text
    embedder.goes_on.set()


def test_tickets_that_start_together_are_all_compared_by_meaning(
    cases: SqliteCases, embedder: Topics
) -> None:
    _saved(cases, _case("a", "The car stopped"))
    embedder.goes_on.clear()
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(_alike, cases, f"Automobile {number}") for number in range(4)]
        embedder.goes_on.set()
        assert [each.result(10) for each in found] == [["a"]] * 4


def test_vectors_of_another_size_are_not_compared(store: Store, cases: SqliteCases) -> None:
    _saved(cases, _case("a", "The car stopped"))

    class Shorter(Topics):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            return [vector[:2] for vector in super().embed(texts)]

    assert _alike(SqliteCases(store, Shorter()), "The car stopped") == ["a"]
    assert _alike(SqliteCases(store, Shorter()), "An automobile") == []


def test_ticket_that_was_there_before_it_was_compared_is_kept_too(cases: SqliteCases) -> None:
    cases.save(_case("a", "The car stopped"))
    cases.similar(_case("a", "The car stopped"))
    assert cases.embed("default") == 0
