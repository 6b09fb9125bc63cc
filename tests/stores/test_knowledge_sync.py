"""What a source holds is what is known of it: nothing more, and nothing lost by accident."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mendwheel.domain.knowledge import Document
from mendwheel.knowledge.reading import Reading
from mendwheel.knowledge.sources import File, Problem
from mendwheel.stores.knowledge import SqliteKnowledge
from mendwheel.stores.knowledge_sync import Sync
from mendwheel.stores.store import Store


@pytest.fixture
def knowledge(store: Store) -> SqliteKnowledge:
    return SqliteKnowledge(store)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Eight pages, `0.md` to `7.md`."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.md").write_text(f"# Page {number}\n\nIt says pear{number}.\n")
    return folder


def _synced(
    knowledge: SqliteKnowledge, *sources: Path, even_most: bool = False, product: str | None = None
) -> tuple[Sync, Reading]:
    reading = Reading(product)
    sync = knowledge.sync("t", reading, even_most=even_most)
    for source in sources:
        sync.run(source)
    return sync, reading


def _ids(store: Store) -> list[str]:
    return [row[0] for row in store.rows("SELECT id FROM documents ORDER BY id")]


def test_document_that_vanished_is_never_found_again(
    knowledge: SqliteKnowledge, docs: Path
) -> None:
    _synced(knowledge, docs)
    assert knowledge.search("t", "pear3")
    (docs / "3.md").unlink()
    sync, reading = _synced(knowledge, docs)
    assert (sync.removed, sync.written, reading.taken) == (1, 0, 7)
    assert knowledge.search("t", "pear3") == []


def test_documents_of_other_sources_deliveries_and_tenants_stay(
    knowledge: SqliteKnowledge, store: Store, docs: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.jsonl").write_text('{"id": "o", "title": "O", "body": "Other."}\n')
    _synced(knowledge, docs, tmp_path / "other.jsonl")
    knowledge.sync("u", Reading()).run(docs)
    knowledge.add("t", [Document(id="by-hand", title="By hand", body="Text.")])
    (docs / "3.md").unlink()
    assert _synced(knowledge, docs)[0].removed == 1
    assert {"o", "by-hand"} <= set(_ids(store))
    assert (knowledge.count("t"), knowledge.count("u")) == (9, 8)


def test_rows_that_left_a_file_are_removed(
    knowledge: SqliteKnowledge, store: Store, tmp_path: Path
) -> None:
    rows = [f'{{"id": "r{number}", "title": "T", "body": "Row."}}\n' for number in range(4)]
    (tmp_path / "rows.jsonl").write_text("".join(rows))
    _synced(knowledge, tmp_path / "rows.jsonl")
    (tmp_path / "rows.jsonl").write_text("".join(rows[:3]))
    assert _synced(knowledge, tmp_path / "rows.jsonl")[0].removed == 1
    assert _ids(store) == ["r0", "r1", "r2"]


def test_emptied_folder_takes_nothing_away_unless_that_is_said(
    knowledge: SqliteKnowledge, docs: Path
) -> None:
    _synced(knowledge, docs)
    for page in docs.iterdir():
        page.unlink()
    sync, _ = _synced(knowledge, docs)
    assert (sync.removed, knowledge.count("t")) == (0, 8)
    assert "8 of 8 documents" in sync.kept[0]
    assert "--remove-missing" in sync.kept[0]
    assert _synced(knowledge, docs, even_most=True)[0].removed == 8


def test_half_a_folder_takes_nothing_away_unless_that_is_said(
    knowledge: SqliteKnowledge, docs: Path
) -> None:
    _synced(knowledge, docs)
    for number in range(6):
        (docs / f"{number}.md").unlink()
    (docs / "new.md").write_text("# New\n\nText.\n")
    sync, _ = _synced(knowledge, docs)
    assert (sync.removed, len(sync.kept), knowledge.count("t")) == (0, 1, 9)
    assert _synced(knowledge, docs, even_most=True)[0].removed == 6


def test_missing_folder_is_refused_with_the_way_out(
    knowledge: SqliteKnowledge, docs: Path, tmp_path: Path
) -> None:
    _synced(knowledge, docs)
    docs.rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError, match=r"8 documents.*--remove-missing"):
        _synced(knowledge, docs)
    assert knowledge.count("t") == 8
    assert _synced(knowledge, docs, even_most=True)[0].removed == 8
    with pytest.raises(FileNotFoundError, match="give a folder"):
        _synced(knowledge, docs, even_most=True)


def test_folder_that_cannot_be_read_takes_nothing_away_whatever_is_said(
    knowledge: SqliteKnowledge, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "sub").mkdir()
    (docs / "sub" / "a.md").write_text("# A\n\nText.\n")
    _synced(knowledge, docs)
    (docs / "3.md").unlink()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    sync, reading = _synced(knowledge, docs, even_most=True)
    assert (sync.removed, knowledge.count("t")) == (0, 9)
    assert "not all of it could be read" in sync.kept[0]
    assert [problem.what for problem in reading.problems] == ["Permission denied"]


def test_document_whose_file_broke_is_kept(knowledge: SqliteKnowledge, docs: Path) -> None:
    _synced(knowledge, docs)
    (docs / "3.md").write_bytes(b"\xff\xfe")
    sync, reading = _synced(knowledge, docs)
    assert (sync.removed, len(reading.problems)) == (0, 1)
    assert knowledge.search("t", "pear3")


def test_interrupted_sync_goes_on_and_touches_nothing_twice(
    knowledge: SqliteKnowledge, store: Store, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def until_five(taken: int) -> None:
        if taken == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        knowledge.sync("t", Reading(progress=until_five)).run(docs)
    assert _ids(store) == ["0.md", "1.md", "2.md", "3.md"], "in order, and nothing is lost"
    keys = dict(store.rows("SELECT id, key FROM documents"))
    read: list[str] = []
    reader = File.read

    def watched(file: File) -> Iterator[Document | Problem]:
        read.append(file.place)
        return reader(file)

    monkeypatch.setattr(File, "read", watched)
    sync, reading = _synced(knowledge, docs)
    assert read == ["4.md", "5.md", "6.md", "7.md"]
    assert (sync.written, reading.taken) == (4, 8)
    assert keys.items() <= dict(store.rows("SELECT id, key FROM documents")).items()


def test_changed_file_and_other_product_are_noticed(
    knowledge: SqliteKnowledge, store: Store, docs: Path
) -> None:
    _synced(knowledge, docs)
    (docs / "3.md").write_text("# Page 3\n\nIt says plum3.\n")
    assert _synced(knowledge, docs)[0].written == 1
    assert _synced(knowledge, docs, product="mail")[0].written == 8
    assert _synced(knowledge, docs, product="mail")[0].written == 0


def test_document_that_moved_to_another_file_is_kept_as_it_is(
    knowledge: SqliteKnowledge, store: Store, docs: Path
) -> None:
    (docs / "a.md").write_text("---\nid: named\n---\n# Named\n\nText.\n")
    _synced(knowledge, docs)
    before = store.rows("SELECT key FROM documents WHERE id = 'named'")
    (docs / "a.md").rename(docs / "z.md")
    sync, _ = _synced(knowledge, docs)
    assert (sync.removed, sync.written) == (0, 0)
    assert store.rows("SELECT key FROM documents WHERE id = 'named'") == before
    (docs / "z.md").unlink()
    assert _synced(knowledge, docs)[0].removed == 1


def test_document_that_another_source_took_over_comes_back_when_learned_again(
    knowledge: SqliteKnowledge, docs: Path, tmp_path: Path
) -> None:
    _synced(knowledge, docs)
    other = tmp_path / "other"
    other.mkdir()
    (other / "3.md").write_text("# Page 3\n\nIt says plum.\n")
    _synced(knowledge, other)
    assert knowledge.search("t", "plum")
    assert _synced(knowledge, docs)[0].written == 1
    assert knowledge.search("t", "plum") == []


def test_second_of_two_documents_of_one_id_takes_its_place_when_the_first_goes(
    knowledge: SqliteKnowledge, docs: Path
) -> None:
    (docs / "a.md").write_text("---\nid: twice\n---\n# First\n\nIt says plum.\n")
    (docs / "b.md").write_text("---\nid: twice\n---\n# Second\n\nIt says quince.\n")
    assert len(_synced(knowledge, docs)[1].problems) == 1
    (docs / "a.md").unlink()
    assert _synced(knowledge, docs)[0].removed == 0
    assert [hit.title for hit in knowledge.search("t", "plum quince")] == ["Second"]
