"""What a batch reads, keeps and is named by; no server needed."""

import os
import time
from pathlib import Path

import pytest

from mendwheel.batch.folder import batch_key, prune
from mendwheel.batch.journal import Journal
from mendwheel.batch.library import take_in
from mendwheel.batch.rows import SCORED_AS, Row, row_of
from mendwheel.batch.tickets import BatchTicket
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.knowledge.lines import read_lines
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


def test_malformed_lines_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    lines = [
        b'{"id": "good", "title": "x"}',
        b"{torn",
        b'["no", "object"]',
        b'{"title": "no id"}',
        b'{"id": "bad", "evidence": "a string"}',
        b"\xff\xfe",
        b'{"id": "good", "title": "again"}',
        b'{"id": "last", "body": null, "evidence": null}',
    ]
    path = tmp_path / "tickets.jsonl"
    path.write_bytes(b"\n".join(lines))
    tickets, problems = read_lines(path, BatchTicket)
    assert [(ticket.id, ticket.title) for ticket in tickets] == [("good", "x"), ("last", "")]
    assert [problem.line for problem in problems] == [2, 3, 4, 5, 6, 7]
    assert str(problems[-1]) == f"{path}:7: id 'good' was there before: the first one counts"


def test_every_outcome_kind_has_a_name_in_the_scores() -> None:
    assert set(SCORED_AS) == set(OutcomeKind)
    known = {"answer", "escalate", "clarify", "fix", "no_action", "runbook"}
    assert set(SCORED_AS.values()) <= known


def test_row_of_a_ticket_that_is_asked_back_shows_the_question() -> None:
    asked = ["Which of your two kettles is it?"]
    found = Diagnosis(stance=Stance.CLARIFY, claims=[Claim(text="Two fit.")], questions=asked)

    def answer(kind: OutcomeKind) -> str:
        return row_of("a", Outcome(ticket_id="t", round=1, kind=kind), found, 0, 0, "r").answer

    assert answer(OutcomeKind.ASKED_BACK) == "Two fit.\n\nWhich of your two kettles is it?"
    assert answer(OutcomeKind.HANDED_OVER) == "Two fit."


def test_row_cut_by_a_kill_is_dropped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "finished.jsonl"
    with Journal(path) as journal:
        journal.add(Row(id="one", outcome="answer"))
    with path.open("ab") as file:
        file.write(b'{"id": "tw')
    with Journal(path) as journal:
        assert list(journal.rows) == ["one"]
        journal.add(Row(id="two", outcome="fix"))
    with Journal(path) as journal:
        assert list(journal.rows) == ["one", "two"]


def test_batch_is_another_one_when_its_knowledge_or_thresholds_change(tmp_path: Path) -> None:
    knowledge = tmp_path / "knowledge.md"
    knowledge.write_text("# Kettles")
    tickets = [BatchTicket(id="a", title="b")]
    settings = Settings(home=tmp_path)
    key = batch_key(tickets, [knowledge], settings)
    assert key == batch_key(tickets, [knowledge], Settings(home=tmp_path / "elsewhere"))
    stricter = settings.thresholds.model_copy(update={"answer": 0.9})
    other = settings.model_copy(update={"thresholds": stricter})
    assert batch_key(tickets, [knowledge], other) != key
    more = tmp_path / "more.md"
    more.write_text("# More")
    assert batch_key(tickets, [knowledge, more], settings) != key
    before = batch_key(tickets, [more], settings)
    more.write_text("# Less")
    assert batch_key(tickets, [more], settings) != before


def test_knowledge_cut_short_is_taken_in_again_and_whole_knowledge_is_not(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / f"{name}.md").write_text(f"# {name}\n\nText of {name}.")
    (tmp_path / "docs" / "d.exe").write_text("no document")
    settings = Settings(home=tmp_path, store=tmp_path / "batch.db")
    taken: list[int] = []

    def crash_at_the_second(count: int) -> None:
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in([tmp_path / "docs"], tmp_path, settings, crash_at_the_second)
    first = take_in([tmp_path / "docs"], tmp_path, settings, taken.append)
    again = take_in([tmp_path / "docs"], tmp_path, settings, taken.append)
    assert taken == [1, 2, 3]
    assert first == again
    assert "d.exe" in first[0]
    with Stores(settings.store_path) as stores:
        assert stores.knowledge.count("default") == 3


def test_batch_folder_unused_for_a_week_is_removed_and_a_fresh_one_is_not(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("mine", "fresh", "old")]
    for folder in folders:
        folder.mkdir()
        (folder / "mendwheel.db").touch()
    week_ago = time.time() - 8 * 24 * 3600
    for path in (folders[2] / "mendwheel.db", folders[2], folders[0]):
        os.utime(path, (week_ago, week_ago))
    assert prune(folders[0]) == [folders[2]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh", "mine"]
