"""`make bench NAME=resolution DATA=DIR`: labelled tickets through real runs.

LIMIT=20 draws at most so many tickets a source, SOURCES=a,b takes only these (and `all` is then
these together), MODEL_URL adds a language model on a few tickets. Stopped, the same command goes
on; finished tickets are not run again while tickets, knowledge, settings and code are the same.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from bench import resolution_data as data
from bench.resolution_ceiling import ceiling, with_gold
from bench.resolution_data import KINDS, Labelled, Wanted
from bench.resolution_missing import runbook_missing
from bench.resolution_model import compared, model_results, with_model
from bench.resolution_past import past_incidents
from bench.resolution_proxy import proxy
from bench.resolution_run import embedder_of, filled, place, run, without_model
from bench.resolution_score import Scored, by_source, paired
from bench.resolution_trust import calibration, judged, risk_coverage


def main() -> dict[str, Any]:
    wanted = Wanted.from_environment()
    score = data.scorer(wanted)
    every = {kind: data.rows_of(wanted, kind) for kind in KINDS}
    rows = {kind: data.chosen(every[kind], wanted) for kind in KINDS}
    if not any(rows.values()):
        raise SystemExit(f"SOURCES={','.join(sorted(wanted.sources))} names no source of the data")
    ran = {kind: _ran(wanted, kind, every[kind], rows[kind]) for kind in KINDS}
    pairs = {kind: found for kind, (found, _) in ran.items()}
    best = [each for _, found in ran.values() for each in found]
    result = by_source([each for found in pairs.values() for each in found], score)
    result["ceiling"] = by_source(best, score) if best else {}
    result["calibration"] = _by_kind(pairs, score, curves=False)
    result["risk_coverage"] = _by_kind(pairs, score, curves=True)
    result["backtest_proxy"] = proxy(pairs["consulting"], score)
    result["runbook_missing"] = _runbook_missing(wanted, every["anomaly"], rows["anomaly"])
    result["past_incidents"] = past_incidents(rows["anomaly"], without_model())
    result["leave_one_out"] = _left_out(rows["anomaly"])
    result["setup"] = {"embedder": embedder_of(without_model()), "limit_a_source": wanted.limit}
    if wanted.model_url:
        result["model"] = _model(wanted, every, rows, pairs, score)
    return result


def _ran(
    wanted: Wanted, kind: str, every: Sequence[Labelled], rows: Sequence[Labelled]
) -> tuple[list[Scored], list[Scored]]:
    """Scored pairs of the whole knowledge base, and of the right documents alone."""
    if not rows:
        return [], []
    path, settings = data.knowledge_of(wanted, kind), without_model()
    where = filled(place(kind, every, [path], settings), [path])
    found = paired(rows, run(where, rows))
    best = ceiling(kind, every, rows, path, settings)
    return found, paired(with_gold(rows), best)


def _by_kind(pairs: dict[str, list[Scored]], score: ModuleType, *, curves: bool) -> dict[str, Any]:
    together = {**pairs, "all": [each for found in pairs.values() for each in found]}
    return {
        name: _curves(found, score) if curves else calibration(judged(found, score))
        for name, found in together.items()
        if found
    }


def _curves(found: Sequence[Scored], score: ModuleType) -> dict[str, Any]:
    """As thresholds stand, raised further; and with what they hold back let through as well."""
    freed = judged(found, score, held_back=True)
    return {
        "given": risk_coverage(judged(found, score), len(found)),
        "held_back_too": risk_coverage(freed, len(found)),
    }


def _runbook_missing(
    wanted: Wanted, every: Sequence[Labelled], rows: Sequence[Labelled]
) -> dict[str, Any]:
    path, settings = data.knowledge_of(wanted, "anomaly"), without_model()
    where = filled(place("anomaly", every, [path], settings), [path])
    return runbook_missing(rows, where, path, data.knowledge_of(wanted, "consulting"))


def _left_out(rows: Sequence[Labelled]) -> dict[str, Any]:
    """Telemetry sets with one kind of fault unknown to the rules at a time, where that is there."""
    if find_spec("bench.leave_out") is None:
        return {"left_out": "there is no bench.leave_out in this version"}
    if not rows:
        return {}
    found: dict[str, Any] = import_module("bench.leave_out").main()
    return found


def _model(
    wanted: Wanted,
    every: dict[str, list[Labelled]],
    rows: dict[str, list[Labelled]],
    pairs: dict[str, list[Scored]],
    score: ModuleType,
) -> dict[str, Any]:
    settings = with_model(without_model(), wanted.model_url)
    both: list[tuple[Scored, Scored]] = []
    found: dict[str, Any] = {}
    for kind in KINDS:
        if not rows[kind]:
            continue
        plain = {row["id"]: result for row, result in pairs[kind]}
        path = data.knowledge_of(wanted, kind)
        asked, results, calls = model_results(kind, every[kind], rows[kind], path, settings)
        ours, theirs = paired(asked, results), paired(asked, plain)
        found[kind] = {**compared(ours, theirs, score), **calls}
        both += list(zip(ours, theirs, strict=True))
    found["all"] = compared([each for each, _ in both], [each for _, each in both], score)
    return {"name": settings.routes[0].model, **found}
