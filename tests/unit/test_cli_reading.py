"""What can be read about tickets while no Temporal runs: everything that was recorded."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mendwheel.cli.app import run
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.evidence import ArtifactRef, Dossier, Evidence, EvidenceKind
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.knowledge import Case
from mendwheel.domain.observation import Window
from mendwheel.domain.outcome import Outcome, OutcomeKind, Standing
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

TICKET = "mendwheel-default-cli-1"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    monkeypatch.chdir(tmp_path)
    # Port 1 answers nobody: everything here has to work without a server.
    monkeypatch.setenv("MENDWHEEL_TEMPORAL_ADDRESS", "127.0.0.1:1")
    return Stores(Settings.load().store_path)


def note_ticket(stores: Stores, ticket: str = TICKET, **fields: Any) -> None:
    case = Case(ticket_id=ticket, title="Exports fail", text="exports", opened_at=NOW)
    with stores:
        stores.cases.save(case.model_copy(update=fields))


def note_outcome(stores: Stores, **fields: Any) -> None:
    outcome = Outcome(ticket_id=TICKET, round=1, kind=OutcomeKind.ANSWERED, reason="it is known")
    with stores:
        stores.outcomes.save(outcome.model_copy(update=fields))


def note_reasons(stores: Stores, engine: str = "extractive") -> None:
    """An outcome with two claims; the second rests on evidence that is nowhere."""
    long = "Exports run nightly. " * 40
    dossier = Dossier(
        evidence=[
            Evidence(
                id="K1",
                kind=EvidenceKind.PASSAGE,
                title="Exports",
                source="guides/exports.md",
                text=long,
                url="https://docs.example/exports",
                window=Window(start=NOW, end=NOW),
            )
        ]
    )
    diagnosis = Diagnosis(
        stance=Stance.ANSWER,
        claims=[
            Claim(text="They run at night.", evidence_ids=["K1"]),
            Claim(text="So wait.", evidence_ids=["K9"]),
        ],
        objections=["the hour is not named"],
        engine=engine,
    )
    with stores:
        refs = [
            stores.artifacts.put("default", each.model_dump_json()) for each in (diagnosis, dossier)
        ]
    note_outcome(stores, diagnosis=refs[0], dossier=refs[1], engine=engine, confidence=0.8)


def test_a_ticket_is_shown_from_the_store_with_what_was_written(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    note_ticket(stores)
    note_outcome(stores)
    key = EffectKey(ticket_id=TICKET, round=1, step="final", target="desk")
    with stores:
        stores.desk.post("", TICKET, "**Exports run nightly.**", key)
    assert run(["show", TICKET]) == 0
    shown = capsys.readouterr()
    assert "answered, provisional: it is known" in shown.out
    assert "**Exports run nightly.**" in shown.out
    assert "from the store alone" in shown.err


def test_json_says_provisional_and_why_the_workflow_was_not_asked(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    note_ticket(stores)
    note_outcome(stores)
    assert run(["show", TICKET, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["ticket_id"], said["provisional"]) == (TICKET, True)
    assert "127.0.0.1:1" in said["missing"]


def test_a_confirmed_outcome_is_not_called_provisional(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    note_outcome(stores, standing=Standing.CONFIRMED)
    assert run(["show", TICKET]) == 0
    assert "provisional" not in capsys.readouterr().out


def test_a_ticket_unknown_to_the_store_may_still_be_on_the_server(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["show", TICKET]) == 6
    assert "mendwheel up" in capsys.readouterr().err


def test_what_a_ticket_says_never_controls_the_terminal(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J[red]x[/red]\x9b31m"
    note_ticket(stores, title=hostile)
    note_outcome(stores, reason=hostile, remedy=hostile, decided_by=[hostile])
    key = EffectKey(ticket_id=TICKET, round=1, step="final", target="desk")
    with stores:
        stores.desk.post("", TICKET, hostile, key)
    for command in (["show", TICKET], ["list"], ["why", TICKET], ["show", TICKET, "--json"]):
        assert run(command) == 0
        shown = capsys.readouterr().out
        assert not set(shown) & set("\x1b\x07\x9b"), command
    assert run(["list"]) == 0
    assert "[red]x[/red]" in capsys.readouterr().out


def test_the_list_is_newest_first_and_bounded(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        opened = NOW + timedelta(hours=number)
        note_ticket(stores, f"{TICKET}{number}", opened_at=opened, open=number % 2 == 0)
    assert run(["list", "--limit", "3", "--json"]) == 0
    shown = capsys.readouterr()
    ids = [row["ticket_id"] for row in json.loads(shown.out)["tickets"]]
    assert ids == [f"{TICKET}{number}" for number in (4, 3, 2)]
    assert "phases are missing" in shown.err
    run(["list", "--open", "--json"])
    assert len(json.loads(capsys.readouterr().out)["tickets"]) == 3


def test_a_list_of_nothing_says_how_to_begin(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list"]) == 0
    assert "mendwheel submit" in capsys.readouterr().out
    assert run(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"tickets": []}


def test_why_names_the_evidence_behind_each_claim(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    note_reasons(stores)
    assert run(["why", TICKET]) == 0
    shown = capsys.readouterr().out
    assert "resolved without a language model" in shown
    assert "1. They run at night.\n   [K1] Exports — guides/exports.md <https://docs" in shown
    assert "docs.example/exports>, 2026-03-01 12:00 UTC" in shown
    assert "2. So wait.\n   [K9] is not in the dossier" in shown
    assert "objection of the reviewer: the hour is not named" in shown


def test_why_as_json_holds_short_excerpts(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    note_reasons(stores, engine="some-model")
    assert run(["why", TICKET, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["engine"], said["language_model"]) == ("some-model", True)
    first, second = (claim["evidence"][0] for claim in said["claims"])
    assert first["excerpt"].startswith("Exports run nightly.")
    assert len(first["excerpt"]) < 310
    assert first["window"]["start"] == "2026-03-01T12:00:00Z"
    assert (second["id"], second["known"]) == ("K9", False)


def test_why_says_what_was_forgotten(stores: Stores, capsys: pytest.CaptureFixture[str]) -> None:
    gone = ArtifactRef(tenant="default", sha256="0" * 64, size=1)
    note_outcome(stores, diagnosis=gone, dossier=gone, engine="extractive")
    assert run(["why", TICKET]) == 0
    shown = capsys.readouterr().out
    assert "the diagnosis was forgotten" in shown
    assert "the evidence was forgotten" in shown


def test_why_tells_an_unknown_ticket_from_one_that_is_not_decided(
    stores: Stores, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["why", TICKET]) == 4
    assert "mendwheel list" in capsys.readouterr().err
    note_ticket(stores)
    assert run(["why", TICKET]) == 4
    assert "has no outcome yet" in capsys.readouterr().err
