"""Labels that people give in a file reach triage, and nothing else of the file does harm."""

import json
from pathlib import Path

import pytest

from mendwheel.activities.precedents import precedents
from mendwheel.cli.app import run
from mendwheel.domain.knowledge import CaseMatch
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import Report, TicketKind
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import as_case, as_evidence_of_cases
from tests import tickets

REPORT = Report(title="The parcel label printer prints blank labels", body="")
TICKET = tickets.ticket()
GOOD = {"text": "Label printer prints blank parcel labels", "component": "printing"}


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def label(*lines: object) -> int:
    texts = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    Path("labels.jsonl").write_text("\n".join(texts), "utf-8")
    return run(["label", "labels.jsonl"])


def test_labelled_tickets_reach_triage_and_are_never_quoted_as_answers() -> None:
    kind = {"kind": "anomaly"}
    assert label(GOOD, GOOD | kind | {"id": "7", "title": "Blank labels"}) == 0
    with Stores(Settings().store_path) as stores:
        found = precedents(stores.cases, TICKET, REPORT)
        assert {each.component for each in found} == {"printing"}
        assert {each.kind for each in found} == {None, TicketKind.ANOMALY}
        cases = stores.cases.list("default")
        matches = stores.cases.similar(cases[0])
        assert matches
        assert as_evidence_of_cases(matches) == []


def test_the_same_file_again_changes_nothing_and_an_id_replaces_its_label() -> None:
    assert label(GOOD, GOOD | {"id": "7"}) == 0
    assert label(GOOD, GOOD | {"id": "7", "component": "mail"}) == 0
    with Stores(Settings().store_path) as stores:
        assert sorted(str(case.component) for case in stores.cases.list("default")) == [
            "mail",
            "printing",
        ]


def test_secrets_in_a_labels_file_are_not_kept() -> None:
    assert label(GOOD | {"text": "printing fails with AKIAIOSFODNN7EXAMPLE"}) == 0
    with Stores(Settings().store_path) as stores:
        [case] = stores.cases.list("default")
        assert "AKIA" not in case.model_dump_json()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{", "not a JSON object"),
        ("[1]", "labels.jsonl:2"),
        ({"text": "x"}, "give a kind (consulting or anomaly) or a component"),
        ({"kind": "anomaly"}, "give a text or a title"),
        ({"text": "x", "kind": "incident"}, "kind: "),
    ],
)
def test_a_line_without_a_label_is_named_and_the_rest_is_learned(
    bad: object, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert label(GOOD, bad) == 3
    said = capsys.readouterr()
    assert why in said.err
    assert "1 labelled ticket" in said.out


def test_a_dry_run_and_a_file_without_labels_learn_nothing() -> None:
    Path("labels.jsonl").write_text(json.dumps(GOOD), "utf-8")
    assert run(["label", "labels.jsonl", "--dry-run"]) == 0
    assert label() == 2
    assert run(["label", "absent.jsonl"]) == 2
    with Stores(Settings().store_path) as stores:
        assert stores.cases.list("default") == []


@pytest.mark.parametrize("kind", [OutcomeKind.HANDED_OVER, OutcomeKind.ASKED_BACK])
def test_what_came_to_nothing_is_not_quoted_to_the_next_ticket(kind: OutcomeKind) -> None:
    case = as_case(TICKET, REPORT).model_copy(update={"resolution": "perhaps the printer"})
    guessed = CaseMatch(case=case.model_copy(update={"outcome": kind}), similarity=1.0)
    fixed = CaseMatch(case=case.model_copy(update={"outcome": OutcomeKind.FIXED}), similarity=0.5)
    assert [item.score for item in as_evidence_of_cases([guessed, fixed])] == [0.5]
