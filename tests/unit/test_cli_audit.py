"""`mendwheel audit`, as whoever has to prove something uses it."""

import json
from pathlib import Path

import pytest

from mendwheel.cli.app import run
from mendwheel.cli.exits import Exit
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    monkeypatch.chdir(tmp_path)
    made = Stores(Settings.load().store_path)
    with made:
        for number in range(3):
            made.audit.append("t1", "decision taken", "ada", {"decision": f"d{number}"})
    return made


def head(capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["audit", "verify", "--json"]) == Exit.OK
    return str(json.loads(capsys.readouterr().out)["head"])


def test_verify_prints_a_head_that_a_longer_chain_still_has(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = head(capsys)
    with stores:
        stores.audit.append("t2", "opened", "mendwheel", {})
    assert head(capsys) != noted
    assert run(["audit", "verify", "--since", noted]) == Exit.OK
    said = capsys.readouterr().out
    assert "4 rows hold" in said
    assert "unchanged up to row 3" in said


def test_chain_that_was_rewritten_as_a_whole_is_found_by_a_noted_head(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = head(capsys)
    with stores:
        stores.store.write(lambda db: db.execute("DELETE FROM audit") and None)
        for _ in range(3):
            stores.audit.append("t1", "decision taken", "eve", {})
    assert run(["audit", "verify"]) == Exit.OK, "by itself it looks well"
    assert run(["audit", "verify", "--since", noted]) == Exit.CHECK
    assert "rewritten" in capsys.readouterr().err


def test_verify_names_the_first_row_that_does_not_hold(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    edit = "UPDATE audit SET body = replace(body, 'ada', 'eve') WHERE seq = 2"
    with stores:
        stores.store.write(lambda db: db.execute(edit) and None)
    assert run(["audit", "verify"]) == Exit.CHECK
    assert "audit row 2 does not hold" in capsys.readouterr().err


def test_show_prints_a_tickets_rows_and_knows_when_there_are_none(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "show", "t1"]) == Exit.OK
    said = capsys.readouterr().out
    assert said.count("decision taken by ada") == 3
    assert "decision: d2" in said
    assert run(["audit", "show", "t9"]) == Exit.NOT_FOUND
