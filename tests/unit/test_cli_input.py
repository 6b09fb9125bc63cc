"""What goes in by `submit` and `learn`: whatever people have, and nothing lost without a word."""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from mendwheel.cli.app import run
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.intake import Submitted
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDWHEEL_USER", "ana")


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """What reaches the intake; nothing is sent."""
    taken: list[Draft] = []

    async def submit(draft: Draft) -> Submitted:
        taken.append(draft)
        return Submitted(ticket_id="mendwheel-default-cli-1", run_id="r", started=len(taken) == 1)

    @asynccontextmanager
    async def connected(_: Settings) -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(intake=SimpleNamespace(submit=submit))

    monkeypatch.setattr("mendwheel.cli.session.connected", connected)
    return taken


def stdin(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))


def test_text_file_and_title_become_one_report(
    drafts: list[Draft], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mail.txt").write_bytes("\ufeffZweite Zeile".encode())
    command = ["submit", "First", "-f", "mail.txt", "--title", "T", "--product", "p"]
    assert run([*command, "--component", "c", "--key", "K-1", "--system", "jira"]) == 0
    [draft] = drafts
    assert (draft.title, draft.body, draft.reporter) == ("T", "First\n\nZweite Zeile", "ana")
    assert (draft.product, draft.component, draft.system, draft.key) == ("p", "c", "jira", "K-1")
    # A script reads the id from stdout and nothing else.
    assert capsys.readouterr().out == "mendwheel-default-cli-1\n"


def test_joining_a_ticket_is_said(drafts: list[Draft], capsys: pytest.CaptureFixture[str]) -> None:
    run(["submit", "x"])
    run(["submit", "x"])
    assert "joined" in capsys.readouterr().err


def test_stdin_is_read_as_text(
    drafts: list[Draft], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin(monkeypatch, "東京 is down".encode())
    assert run(["submit", "-f", "-", "--json"]) == 0
    assert drafts[0].body == "東京 is down"
    assert json.loads(capsys.readouterr().out)["started"] is True


def test_attachments_carry_their_media_and_a_path_may_hold_a_colon(
    drafts: list[Draft], tmp_path: Path
) -> None:
    (tmp_path / "app.log").write_text("error")
    (tmp_path / "a:b.txt").write_text("colon")
    assert run(["submit", "x", "--attach", "app.log:logs", "--attach", "a:b.txt"]) == 0
    files = [(file.name, file.media, file.text) for file in drafts[0].files]
    assert files == [("app.log", "logs", "error"), ("a:b.txt", "text", "colon")]


def test_a_megabyte_goes_through_and_more_is_said_to_be_cut(
    drafts: list[Draft], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin(monkeypatch, b"a" * 1_000_000)
    assert run(["submit", "-f", "-"]) == 0
    assert "cut" not in capsys.readouterr().err
    stdin(monkeypatch, b"a" * 1_000_001)
    assert run(["submit", "-f", "-"]) == 0
    assert "cut after 1,000,000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (["submit"], "no text"),
        (["submit", " \n\t"], "no text"),
        (["submit", "-f", "none.txt"], "none.txt: No such file"),
        (["submit", "-f", "."], "Is a directory"),
        (["submit", "x", "--attach", "core.bin"], "core.bin: not UTF-8"),
        (["submit", "x", "--attach", "nul.txt"], "nul.txt: a binary file"),
        (["submit", "x", "--attach", "none.log:logs"], "none.log: No such file"),
        (["submit", "x", "--attach", "nul.txt:"], "no media"),
        (["submit", "x", "--watch", "--json"], "exclude each other"),
        (["answer", "t", "  "], "no text"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_anything_is_sent(
    drafts: list[Draft],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    hint: str,
) -> None:
    (tmp_path / "core.bin").write_bytes(b"\x7fELF\xff\xfe")
    (tmp_path / "nul.txt").write_bytes(b"a\x00b")
    assert run(command) == 2
    [said] = capsys.readouterr().err.splitlines()
    assert hint in said
    assert not drafts


def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "exports.md").write_text("# Exports\n\nExports run nightly at two.\n")
    (folder / "keys.md").write_text("# Keys\n\nKeys expire after a year.\n")
    return folder


def learned(product: str | None = None) -> list[str]:
    with Stores(Settings.load().store_path) as stores:
        found = stores.knowledge.search("default", "exports nightly keys expire", product=product)
        return sorted({passage.document_id for passage in found})


def test_learned_documents_can_be_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", str(docs(tmp_path)), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["documents"], said["left_out"]) == (2, [])
    assert said["passages_written"] >= 2
    assert learned() == ["exports.md", "keys.md"]


def test_learning_again_writes_nothing_and_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(docs(tmp_path))
    run(["learn", folder])
    capsys.readouterr()
    assert run(["learn", folder, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["documents"], said["passages_written"]) == (2, 0)


def test_documents_that_nobody_may_read_are_counted_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = docs(tmp_path)
    for name, labels in (("one", "staff, hr"), ("two", "board")):
        (folder / f"{name}.md").write_text(f"---\nlabels: {labels}\n---\n# {name}\n\nText.\n")
    assert run(["learn", str(folder)]) == 0
    [said] = capsys.readouterr().err.splitlines()
    assert said == (
        "2 documents are found by nobody: no setting says who may read board, hr, staff; name one "
        "of them in tenant_labels, or in `labels` of a place"
    )
    monkeypatch.setenv("MENDWHEEL_TENANT_LABELS", '{"default": ["hr"]}')
    assert run(["learn", str(folder), "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["unreadable"] == 1
    assert "1 document is found by nobody: no setting says who may read board;" in shown.err
    place = '[{"place": "slack:C0BOARD", "labels": ["board"]}]'
    monkeypatch.setenv("MENDWHEEL_PLACES", place)
    assert run(["learn", str(folder)]) == 0
    assert not capsys.readouterr().err


def test_what_is_left_out_is_named_by_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = docs(tmp_path)
    (folder / "bad.md").write_bytes(b"\xff\xfe")
    rows = ['{"id": "r1", "title": "T", "body": "Rows are read."}', "{broken"]
    (folder / "rows.jsonl").write_text("\n".join(rows))
    assert run(["learn", str(folder)]) == 3
    shown = capsys.readouterr()
    assert f"{folder / 'bad.md'}: " in shown.err
    assert f"{folder / 'rows.jsonl'}:2: " in shown.err
    assert "2 left out" in shown.out


def test_two_documents_of_one_id_never_replace_each_other_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.md").write_text(f"# {name}\n\nThis is {name}.\n")
    assert run(["learn", "a", "b"]) == 3
    assert "'index.md' was taken from a" in capsys.readouterr().err


def test_nothing_taken_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert run(["learn", "empty"]) == 2
    assert "the folder holds no files" in capsys.readouterr().err


def test_a_wrong_path_stops_before_anything_is_taken(tmp_path: Path) -> None:
    assert run(["learn", str(docs(tmp_path)), "nowhere"]) == 2
    assert learned() == []


def test_a_dry_run_takes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", str(docs(tmp_path)), "--dry-run"]) == 0
    assert "2 documents can be taken" in capsys.readouterr().out
    assert not (tmp_path / ".mendwheel").exists()


def test_the_product_is_given_to_documents_that_name_none(tmp_path: Path) -> None:
    folder = docs(tmp_path)
    (folder / "own.md").write_text("---\nproduct: other\n---\n# Own\n\nExports of another.\n")
    run(["learn", str(folder), "--product", "mine"])
    with Stores(Settings.load().store_path) as stores:
        rows = stores.store.rows("SELECT id, product FROM documents ORDER BY id")
    assert rows == [("exports.md", "mine"), ("keys.md", "mine"), ("own.md", "other")]


def test_what_has_gone_from_a_folder_is_removed_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = docs(tmp_path)
    run(["learn", str(folder)])
    (folder / "keys.md").unlink()
    capsys.readouterr()
    assert run(["learn", str(folder)]) == 0
    assert "1 documents taken, 0 passages written, 1 removed" in capsys.readouterr().out
    assert learned() == ["exports.md"]


def test_a_folder_that_was_emptied_or_is_away_takes_nothing_with_it_unless_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = docs(tmp_path)
    (folder / "more.md").write_text("# More\n\nText.\n")
    run(["learn", str(folder)])
    (folder / "exports.md").unlink()
    (folder / "keys.md").unlink()
    (folder / "more.md").rename(tmp_path / "more.md")
    assert run(["learn", str(folder), str(tmp_path / "more.md")]) == 3
    assert "were kept: add --remove-missing" in capsys.readouterr().err
    folder.rmdir()
    assert run(["learn", str(folder)]) == 2
    assert "remove them with --remove-missing" in capsys.readouterr().err
    assert run(["learn", str(folder), "--remove-missing", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["documents_removed"] == 2
    assert learned() == []
