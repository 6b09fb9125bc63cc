"""`make bench NAME=resolution` on a few tickets of our own: what it prints, and what it hides."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mendwheel.batch.rows import Row

ROOT = Path(__file__).parents[2]

SCORE = """
def score_consulting(t, r):
    if t["expected"]["resolution"] != "answer":
        return {"resolved": r["outcome"] in ("escalate", "clarify")}
    right = set(t["expected"]["doc_ids"]) & set(r["doc_ids"]) and "vinegar" in r["answer"]
    return {"resolved": r["outcome"] == "answer" and bool(right)}

def score_anomaly(t, r):
    return {"resolved": r["runbook_ids"][:1] == t["expected"]["runbook_ids"]}

def summary(rows):
    scores = [(score_consulting if t["kind"] == "consulting" else score_anomaly)(t, r)
              for t, r in rows]
    return {"n": len(rows), "resolved": sum(s["resolved"] for s in scores)}
"""


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module of `bench`, as `python -m bench` sees it from the repository's root."""
    monkeypatch.syspath_prepend(str(ROOT))
    return lambda name: import_module(f"bench.{name}")


def _row(key: str, kind: str, title: str, **expected: Any) -> dict[str, Any]:
    return {"id": key, "kind": kind, "title": title, "body": title, "expected": expected}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two sources of questions, one of alerts, and a scorer of our own."""
    vinegar = "Fill the kettle with vinegar, boil it twice and rinse the kettle."
    rows = {
        "dev/consulting": [
            _row("k-1", "consulting", "How do I descale a kettle?", resolution="answer",
                 doc_ids=["kettle"]),
            _row("k-2", "consulting", "How do I descale my kettle?", resolution="answer",
                 doc_ids=["kettle"]),
            _row("q-1", "consulting", "Which wine goes with tuna?", resolution="escalate",
                 doc_ids=[]),
        ],
        "dev/anomaly": [
            _row("o-1", "anomaly", "OvenTooHot", resolution="runbook", runbook_ids=["oven"]),
        ],
        "kb_consulting": [
            {"id": "kettle", "title": "Descale a kettle", "body": vinegar},
            {"id": "toaster", "title": "Clean a toaster", "body": "Wipe the crumb tray dry."},
        ],
        "kb_anomaly": [
            {"id": "oven", "title": "OvenTooHot", "kind": "runbook",
             "body": "The oven is above its limit. 1. Cut the gas supply. 2. Open the door."},
        ],
    }  # fmt: skip
    (tmp_path / "data" / "dev").mkdir(parents=True)
    for name, held in rows.items():
        path = tmp_path / "data" / f"{name}.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in held))
    (tmp_path / "data" / "score.py").write_text(SCORE)
    return tmp_path / "data"


@pytest.mark.server
def test_the_bench_prints_each_source_the_ceiling_and_how_sure_it_was(
    bench: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA", str(data))
    monkeypatch.setenv("MENDWHEEL_EMBEDDER", "none")
    monkeypatch.setenv("MENDWHEEL_THRESHOLDS__ANSWER", "0.05")
    monkeypatch.setattr(bench("resolution_run"), "HOME", tmp_path / "home")
    found = bench("resolution").main()
    assert [found[name]["n"] for name in ("k", "q", "o", "all")] == [2, 1, 1, 4]
    assert (found["q"]["must_not_answer"]["n"], found["q"]["answerable"]["n"]) == (1, 0)
    assert found["all"]["wrong"] == 4 - found["all"]["resolved"]
    assert found["ceiling"].keys() == {"k", "o", "all"}, "no document answers the other source"
    assert found["ceiling"]["k"]["resolved"] == 2
    assert found["calibration"]["all"]["n"] == sum(
        each["n"] for each in found["calibration"]["all"]["reliability"]
    )
    assert found["risk_coverage"]["all"]["given"]["tickets"] == 4
    assert found["runbook_missing"]["right_runbook_is_there"]["right"] == 1
    assert found["runbook_missing"]["right_runbook_is_missing"]["handed_over"] == 1
    assert found["past_incidents"]["named"] == 0, "there is no other incident"
    assert found["setup"]["embedder"] == "none"
    told = (tmp_path / "home").rglob("*.jsonl")
    assert sum(path.read_text().count("\n") for path in told) == 4 + 3, "one run a row and place"
    assert bench("resolution").main()["all"] == found["all"]


def test_no_label_reaches_the_software(bench: Any, data: Path) -> None:
    lines = (data / "dev" / "consulting.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        row["expected"]["secret"] = "label"
        assert "label" not in bench("resolution_data").ticket_of(row).model_dump_json()


def test_a_larger_draw_contains_the_smaller(bench: Any) -> None:
    rows = [{"id": f"a-{n}"} for n in range(50)]
    draw = bench("resolution_data").drawn
    assert draw(rows, 5) == draw(rows, 12)[:5] != rows[:5]


@pytest.mark.parametrize(
    ("given", "says"), [({"DATA": "nowhere"}, "score.py"), ({"LIMIT": "ten"}, "LIMIT")]
)
def test_what_cannot_be_measured_is_said(
    bench: Any, data: Path, given: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA", str(data))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=says):
        bench("resolution_data").Wanted.from_environment()


def test_reliability_and_expected_error_are_those_of_the_claims(bench: Any) -> None:
    claims = [(0.9, True), (0.9, True), (0.9, False), (0.2, False)]
    found = bench("resolution_trust").calibration(claims)
    assert [each["right"] for each in found["reliability"]] == [0.0, 0.6667]
    assert [(each["from"], each["to"]) for each in found["reliability"]] == [(0.2, 0.3), (0.9, 1.0)]
    assert found["expected_calibration_error"] == pytest.approx(
        (0.2 + 3 * (0.9 - 2 / 3)) / 4, abs=1e-3
    )


def test_the_curve_reads_the_error_at_each_share_and_never_splits_a_threshold(bench: Any) -> None:
    claims = [(0.9, True), (0.5, True), (0.5, False), (0.1, False)]
    found = bench("resolution_trust").risk_coverage(claims, 10)
    points = [(each["threshold"], each["coverage"], each["error"]) for each in found["curve"]]
    assert points == [(0.9, 0.1, 0.0), (0.5, 0.3, 0.3333), (0.1, 0.4, 0.5)]
    assert found["area"] == pytest.approx((0.2 * 1 / 3 + 0.1 * 0.5) / 0.4, abs=1e-3)


def test_what_was_held_back_counts_only_where_it_is_asked_for(bench: Any) -> None:
    class Scorer:
        @staticmethod
        def score_consulting(row: Any, result: Any) -> dict[str, bool]:
            return {"resolved": result["outcome"] == "answer"}

    held = Row(id="k-1", outcome="escalate", answer="Vinegar.", confidence=0.2)
    nothing = Row(id="k-2", outcome="escalate", answer="", confidence=0.0)
    rows = [_row(key, "consulting", "?", resolution="answer") for key in ("k-1", "k-2")]
    pairs = list(zip(rows, (held, nothing), strict=True))
    judged = bench("resolution_trust").judged
    assert judged(pairs, Scorer) == []
    assert judged(pairs, Scorer, held_back=True) == [(0.2, True)]
    assert held.outcome == "escalate"


def test_the_paired_difference_counts_only_pairs_that_differ(bench: Any) -> None:
    model = bench("resolution_model")
    score = bench("resolution_score")

    class Scorer:
        @staticmethod
        def score_consulting(row: Any, result: Any) -> dict[str, bool]:
            return {"resolved": result["outcome"] == "answer"}

        @staticmethod
        def summary(rows: Any) -> dict[str, int]:
            return {"n": len(rows), "resolved": 0}

    rows = [_row(f"k-{n}", "consulting", "?", resolution="answer") for n in range(8)]
    plain = {row["id"]: Row(id=row["id"], outcome="escalate") for row in rows}
    better = {
        row["id"]: Row(id=row["id"], outcome="answer" if n < 6 else "escalate", engine="m")
        for n, row in enumerate(rows)
    }
    found = model.compared(score.paired(rows, better), score.paired(rows, plain), Scorer)
    assert (found["difference"], found["only_with_model"], found["only_without"]) == (0.75, 6, 0)
    assert found["mcnemar_p"] == 0.0312
    low, high = found["difference_ci95"]
    assert 0.3 < low < 0.75 < high <= 1.0
    same = model.compared(score.paired(rows, plain), score.paired(rows, plain), Scorer)
    assert (same["difference_ci95"], same["mcnemar_p"]) == ([0.0, 0.0], 1.0)


def test_weights_are_found_again_without_the_group_that_is_judged(bench: Any) -> None:
    fit = bench("resolution_fit")
    told = [fit.Example((value,), value > 1.0, 1.0, f"g{value}") for value in (0.0, 0.5, 1.5, 2.0)]
    odd = [fit.Example((5.0,), False, 1.0, "odd")]
    held_out = fit.held_out_by_group([*told, *odd])
    assert fit.fitted(told)[1] > 0
    assert held_out["odd", (5.0,)] > 0.5, "its own label is not known to what judges it"
