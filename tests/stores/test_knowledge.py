"""What a search may return, and what it must never return again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mendwheel.domain.knowledge import Document
from mendwheel.ports import Knowledge
from mendwheel.stores.knowledge import SqliteKnowledge
from mendwheel.stores.store import Store


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    store = Store(tmp_path / "store.db")
    store.open()
    yield SqliteKnowledge(store)
    store.close()


def _document(identity: str, body: str, **more: object) -> Document:
    return Document.model_validate({"id": identity, "title": identity, "body": body} | more)


def _found(knowledge: Knowledge, query: str, **more: object) -> list[str]:
    return [hit.document_id for hit in knowledge.search("t", query, **more)]  # type: ignore[arg-type]


def test_best_document_comes_first_with_where_it_was_found(knowledge: Knowledge) -> None:
    relay = "# Relay\n\n" + "Words about mail. " * 60 + "\n\n## Queue limit\n\nThe queue holds 500."
    knowledge.add("t", [_document("relay", relay, url="http://x/r"), _document("cat", "A cat.")])
    hit = knowledge.search("t", "How much does the relay queue hold?")[0]
    assert (hit.document_id, hit.heading, hit.url) == ("relay", "Relay › Queue limit", "http://x/r")
    assert "500" in hit.text
    assert 0 < hit.coverage <= 1


def test_changed_document_leaves_nothing_of_its_old_text(knowledge: Knowledge) -> None:
    knowledge.add("t", [_document("a", "The password is swordfish.")])
    assert knowledge.add("t", [_document("a", "The password is gone.")]) == 1
    assert _found(knowledge, "swordfish") == []
    assert _found(knowledge, "password") == ["a"]
    assert knowledge.count("t") == 1


def test_unchanged_document_is_not_written_again(knowledge: Knowledge) -> None:
    assert knowledge.add("t", [_document("a", "Text.")]) == 1
    assert knowledge.add("t", [_document("a", "Text.")]) == 0
    assert knowledge.add("t", [_document("a", "Text.", labels=["hr"])]) == 1


def test_same_id_twice_in_one_delivery_keeps_the_last(knowledge: Knowledge) -> None:
    knowledge.add("t", [_document("a", "apple"), _document("a", "pear")])
    assert (_found(knowledge, "apple"), _found(knowledge, "pear")) == ([], ["a"])


def test_removed_document_is_never_found_again(knowledge: Knowledge) -> None:
    knowledge.add("t", [_document("a", "swordfish"), _document("b", "swordfish too")])
    assert knowledge.remove("t", ["a", "unknown"]) == 1
    assert _found(knowledge, "swordfish") == ["b"]


def test_other_tenants_documents_are_neither_found_nor_removed(knowledge: Knowledge) -> None:
    knowledge.add("other", [_document("a", "swordfish")])
    assert _found(knowledge, "swordfish") == []
    assert knowledge.remove("t", ["a"]) == 0
    assert (knowledge.count("t"), knowledge.count("other")) == (0, 1)


def test_labelled_document_is_only_for_readers_with_one_of_its_labels(
    knowledge: Knowledge,
) -> None:
    secret = [_document(f"s{n}", "salary bands salary", labels=["hr", "board"]) for n in range(80)]
    knowledge.add("t", [*secret, _document("open", "salary day is the 25th")])
    # Filtered before ranking: many better hits do not crowd out the one that may be seen.
    assert _found(knowledge, "salary bands") == ["open"]
    assert _found(knowledge, "salary bands", labels=["ops"]) == ["open"]
    assert _found(knowledge, "salary bands", labels=["hr"])[0].startswith("s")


def test_kinds_and_limit_are_kept(knowledge: Knowledge) -> None:
    runbooks = [_document(f"r{n}", "disk full", kind="runbook") for n in range(5)]
    knowledge.add("t", [*runbooks, _document("g", "disk full")])
    assert set(_found(knowledge, "disk", kinds=["runbook"])) == {f"r{n}" for n in range(5)}
    assert len(_found(knowledge, "disk", limit=2)) == 2
    assert _found(knowledge, "disk", limit=0) == []


def test_product_that_was_asked_about_comes_first_and_hides_nothing(knowledge: Knowledge) -> None:
    knowledge.add(
        "t",
        [
            _document("a", "limit of the queue", product="mail"),
            _document("b", "limit of the queue", product="calendar"),
        ],
    )
    assert _found(knowledge, "queue limit", product="calendar") == ["b", "a"]


def test_query_without_terms_or_hits_finds_nothing(knowledge: Knowledge) -> None:
    assert _found(knowledge, "anything") == []
    knowledge.add("t", [_document("a", "text")])
    assert _found(knowledge, "") == []
    assert _found(knowledge, "how is it") == []
    assert _found(knowledge, "zzz") == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.text(max_size=80) | st.text(alphabet='"*()-:^+{} ANDORNEAR', max_size=30))
def test_no_query_breaks_the_search(knowledge: Knowledge, query: str) -> None:
    knowledge.add("t", [_document("a", 'AND OR NEAR "quoted" near text*')])
    assert set(_found(knowledge, query)) <= {"a"}


def test_store_reads_the_same_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    store.open()
    SqliteKnowledge(store).add("t", [_document("a", "swordfish")])
    store.close()
    again = Store(tmp_path / "store.db")
    again.open()
    assert _found(SqliteKnowledge(again), "swordfish") == ["a"]
    again.close()


@pytest.mark.parametrize("most", [5, 1000])
def test_better_hits_that_may_not_be_seen_hide_none_that_may(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("mendwheel.stores.knowledge_search.CANDIDATES", 3)
    monkeypatch.setattr("mendwheel.stores.knowledge_search.MOST_LOOKED_AT", most)
    secret = [_document(f"s{n}", "pear pear pear", labels=["hr"]) for n in range(60)]
    seen = [_document(f"o{n}", "pear " + "and many other words " * n) for n in range(1, 6)]
    knowledge.add("t", [*secret, *seen])
    knowledge.add("u", [_document(f"t{n}", "pear pear") for n in range(60)])
    # The nearest three of those that may be seen, as if nothing else were there.
    assert sorted(_found(knowledge, "pear")) == ["o1", "o2", "o3"]
    assert {each[0] for each in _found(knowledge, "pear", labels=["hr"])} == {"s"}
