"""What the results come to: by the data's own scorer, answerable and must-not-answer apart."""

from collections.abc import Mapping, Sequence
from statistics import median
from types import ModuleType
from typing import Any

from bench.resolution_data import Labelled, source_of
from mendwheel.batch.rows import Row

HANDED = ("escalate", "clarify")
"""Outcomes that leave the ticket to people; they are also what a must-not-answer row expects."""
SHORT = 600
"""Characters; an answer people read in one go."""

Scored = tuple[Labelled, Row]


def by_source(pairs: Sequence[Scored], score: ModuleType) -> dict[str, Any]:
    """A report for each source, and `all` of them together."""
    named: dict[str, list[Scored]] = {}
    for row, result in pairs:
        named.setdefault(source_of(row), []).append((row, result))
    return {
        **{name: report(found, score) for name, found in sorted(named.items())},
        "all": report(pairs, score),
    }


def report(pairs: Sequence[Scored], score: ModuleType) -> dict[str, Any]:
    """One source: the whole, its parts, and the same with short answers."""
    answerable = [each for each in pairs if must_answer(each[0])]
    others = [each for each in pairs if not must_answer(each[0])]
    alone = [each for each in pairs if each[0]["expected"]["resolution"] == "no_action"]
    lengths = [len(result.answer) for _, result in pairs if result.outcome not in HANDED]
    return {
        **summary(pairs, score),
        "median_answer_chars": median(lengths) if lengths else None,
        "failed_runs": sum(result.run_failed for _, result in pairs),
        "answerable": summary(answerable, score),
        "must_not_answer": summary(others, score),
        "no_action_left_alone": summary(alone, score),
        "cut_to_600": summary([(row, cut(result)) for row, result in pairs], score),
        "without_thresholds": summary([(row, freed(row, result)) for row, result in pairs], score),
    }


def summary(pairs: Sequence[Scored], score: ModuleType) -> dict[str, Any]:
    """The scorer's own figures, and `wrong`: every ticket that is not resolved."""
    if not pairs:
        return {"n": 0}
    found = score.summary([(row, result.model_dump()) for row, result in pairs])
    return {**found, "wrong": found["n"] - found["resolved"]}


def must_answer(row: Labelled) -> bool:
    return row["expected"]["resolution"] not in HANDED


def cut(result: Row) -> Row:
    """The result with only the beginning of its answer."""
    return result.model_copy(update={"answer": result.answer[:SHORT]})


def freed(row: Labelled, result: Row) -> Row:
    """The result as it would be without a threshold: what was found is claimed, however unsure."""
    if result.outcome not in HANDED or not result.answer or not result.confidence:
        return result
    said = "answer" if row["kind"] == "consulting" else "fix"
    if result.runbook_ids and not result.root_cause_type:
        said = "runbook"
    return result.model_copy(update={"outcome": said})


def is_resolved(row: Labelled, result: Row, score: ModuleType) -> bool:
    judge = score.score_consulting if row["kind"] == "consulting" else score.score_anomaly
    return bool(judge(row, result.model_dump())["resolved"])


def paired(rows: Sequence[Labelled], results: Mapping[str, Row]) -> list[Scored]:
    return [(row, results[row["id"]]) for row in rows]
