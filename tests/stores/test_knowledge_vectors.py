"""What nearness in meaning adds to a search, and what it may never bring back."""

from collections.abc import Sequence

import pytest

from mendwheel.domain.knowledge import Document
from mendwheel.ports import EmbedderError
from mendwheel.stores.knowledge import SqliteKnowledge
from mendwheel.stores.store import Store

pytest.importorskip("numpy")

MEANINGS = {"car": 0, "automobile": 0, "vehicle": 0, "mail": 1, "letter": 1, "cat": 2}


class Meanings:
    """An embedder that knows a few words and counts the texts it is asked for."""

    identity = "meanings/1"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.fails_after: int | None = None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        made = []
        for text in texts:
            if self.fails_after is not None and len(self.texts) >= self.fails_after:
                raise EmbedderError("the embedder is away: start it", retryable=True)
            self.texts.append(text)
            vector = [0.01] * 4
            for word in text.lower().replace(".", " ").split():
                if word in MEANINGS:
                    vector[MEANINGS[word]] += 1.0
            length = sum(number**2 for number in vector) ** 0.5
            made.append([number / length for number in vector])
        return made


@pytest.fixture
def embedder() -> Meanings:
    return Meanings()


@pytest.fixture
def knowledge(store: Store, embedder: Meanings) -> SqliteKnowledge:
    return SqliteKnowledge(store, embedder)


def _document(identity: str, body: str, **more: object) -> Document:
    return Document.model_validate({"id": identity, "title": "", "body": body} | more)


def _taken(knowledge: SqliteKnowledge, *documents: Document, tenant: str = "t") -> int:
    knowledge.add(tenant, documents)
    return knowledge.embed(tenant)


def _found(knowledge: SqliteKnowledge, query: str, **more: object) -> list[str]:
    return [hit.document_id for hit in knowledge.search("t", query, **more)]  # type: ignore[arg-type]


def test_document_is_found_by_what_it_means(knowledge: SqliteKnowledge) -> None:
    _taken(knowledge, _document("a", "An automobile."), _document("b", "A letter."))
    hits = knowledge.search("t", "which car")
    assert [hit.document_id for hit in hits] == ["a", "b"]
    near, far = (hit.cosine or 0.0 for hit in hits)
    assert near > 0.9 > 0.5 > far
    assert (hits[0].score, hits[0].coverage) == (0.0, 0.0), "these two stay measures of words"


def test_word_in_common_still_counts_among_equally_near(knowledge: SqliteKnowledge) -> None:
    _taken(
        knowledge,
        *(_document(f"d{number}", "An automobile.") for number in range(5)),
        _document("e", "An automobile with err_42."),
    )
    assert _found(knowledge, "car err_42")[0] == "e"


def test_unchanged_document_is_not_embedded_again(
    knowledge: SqliteKnowledge, embedder: Meanings
) -> None:
    assert _taken(knowledge, _document("a", "A car."), _document("b", "A cat.")) == 2
    assert _taken(knowledge, _document("a", "A car."), _document("b", "A letter.")) == 1
    assert [text.strip() for text in embedder.texts] == ["A car.", "A cat.", "A letter."]


def test_embedding_goes_on_where_it_was_stopped(
    knowledge: SqliteKnowledge, embedder: Meanings
) -> None:
    knowledge.add("t", (_document(f"d{number}", f"Car {number}.") for number in range(100)))
    embedder.fails_after = 70
    with pytest.raises(EmbedderError):
        knowledge.embed("t")
    kept = len(embedder.texts) - len(embedder.texts) % 32
    embedder.fails_after = None
    seen: list[tuple[int, int]] = []
    assert knowledge.embed("t", lambda done, total: seen.append((done, total))) == 100 - kept
    assert seen[-1] == (100 - kept, 100 - kept)
    assert knowledge.embed("t") == 0


def test_replaced_and_removed_documents_are_never_near_again(knowledge: SqliteKnowledge) -> None:
    _taken(knowledge, _document("a", "A car."), _document("b", "A vehicle."), _document("c", "x"))
    assert _found(knowledge, "automobile")[:2] == ["a", "b"]
    _taken(knowledge, _document("a", "A cat."))
    knowledge.remove("t", ["b"])
    hits = knowledge.search("t", "automobile")
    assert {hit.document_id: hit.text for hit in hits} == {"a": "A cat.", "c": "x"}


def test_vectors_of_another_process_are_followed(
    knowledge: SqliteKnowledge, store: Store, embedder: Meanings
) -> None:
    _taken(knowledge, _document("a", "A car."))
    other = SqliteKnowledge(store, embedder)
    assert _found(other, "vehicle") == ["a"]
    _taken(knowledge, _document("b", "A vehicle."))
    assert set(_found(other, "automobile")) == {"a", "b"}
    knowledge.remove("t", ["a"])
    assert _found(other, "automobile") == ["b"]


def test_nearness_brings_up_nothing_of_other_tenants_labels_or_kinds(
    knowledge: SqliteKnowledge,
) -> None:
    _taken(knowledge, _document("theirs", "A car."), tenant="other")
    secret = [_document(f"s{number}", "A car.", labels=["hr"]) for number in range(80)]
    _taken(knowledge, *secret, _document("open", "A letter.", kind="runbook"))
    # Filtered before ranking: many nearer ones do not crowd out the one that may be seen.
    assert _found(knowledge, "automobile") == ["open"]
    assert _found(knowledge, "automobile", labels=["ops"]) == ["open"]
    assert _found(knowledge, "automobile", labels=["hr"])[0].startswith("s")
    assert _found(knowledge, "automobile", labels=["hr"], kinds=["runbook"]) == ["open"]


def test_passages_without_vectors_are_found_by_their_words(knowledge: SqliteKnowledge) -> None:
    _taken(knowledge, _document("a", "A car."))
    knowledge.add("t", [_document("late", "The swordfish manual.")])
    assert _found(knowledge, "swordfish")[0] == "late"


def test_vectors_of_another_model_are_not_compared(store: Store, embedder: Meanings) -> None:
    _taken(SqliteKnowledge(store, embedder), _document("a", "A car."))
    other = Meanings()
    other.identity = "meanings/2"
    knowledge = SqliteKnowledge(store, other)
    assert _found(knowledge, "automobile") == []
    assert knowledge.embed("t") == 1
    assert _found(knowledge, "automobile") == ["a"]


def test_search_goes_on_by_words_when_the_embedder_is_away(
    knowledge: SqliteKnowledge, embedder: Meanings, caplog: pytest.LogCaptureFixture
) -> None:
    _taken(knowledge, _document("a", "A car."), _document("b", "A cat."))
    embedder.fails_after = 0
    assert _found(knowledge, "cat") == ["b"]
    assert "searching by words alone: the embedder is away" in caplog.text


def test_product_lifts_its_own_among_equally_near(knowledge: SqliteKnowledge) -> None:
    many = [_document(f"d{number}", "A car.", product="mail") for number in range(90)]
    _taken(knowledge, *many, _document("z", "A car.", product="calendar"))
    assert _found(knowledge, "vehicle", product="calendar")[0] == "z"


def test_parts_of_one_page_do_not_crowd_out_another_page(knowledge: SqliteKnowledge) -> None:
    parts = [_document(f"p{number}", "A car.", title="One page") for number in range(8)]
    _taken(knowledge, *parts, _document("z", "A vehicle with a letter.", title="Another"))
    assert "z" in _found(knowledge, "automobile", limit=5)


def test_copies_of_one_text_do_not_crowd_out_another_document(knowledge: SqliteKnowledge) -> None:
    copies = [_document(f"c{number}", "A car.", title=f"Copy {number}") for number in range(8)]
    _taken(knowledge, *copies, _document("z", "A vehicle with a letter.", title="Another"))
    assert "z" in _found(knowledge, "automobile", limit=5)


def test_vectors_of_another_size_under_one_name_are_said_and_not_compared(
    knowledge: SqliteKnowledge, embedder: Meanings, caplog: pytest.LogCaptureFixture
) -> None:
    _taken(knowledge, _document("a", "A car."))
    shorter = embedder.embed
    embedder.embed = lambda texts: [vector[:3] for vector in shorter(texts)]  # type: ignore[method-assign]
    assert _found(knowledge, "a car") == ["a"]
    assert "give it another name" in caplog.text
