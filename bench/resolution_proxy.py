"""How far the verdict of a backtest can be trusted: the label's text plays what people wrote.

A backtest has no labels and compares with people's last words. Here both are known, so what agrees
and what differs can be held against what is right.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from bench.resolution_data import Labelled
from bench.resolution_score import Scored, is_resolved
from mendwheel.backtest.judge import AGREES, judge
from mendwheel.backtest.past import PastComment, PastIssue

AT = datetime(2025, 1, 1, tzinfo=UTC)
SHARES = (0.3, AGREES, 0.5, 0.6)


def proxy(pairs: Sequence[Scored], score: ModuleType) -> dict[str, Any]:
    """For each share of words that may count as agreeing: verdict → right and wrong answers."""
    told = [(row, result) for row, result in pairs if _text(row)]
    found: dict[str, Any] = {"n": len(told), "used": AGREES}
    for share in SHARES if told else ():
        counts: Counter[tuple[str, str]] = Counter()
        for row, result in told:
            verdict = judge(_issue(row), result, agrees=share).verdict.value
            counts[verdict, "right" if is_resolved(row, result, score) else "wrong"] += 1
        verdicts = sorted({verdict for verdict, _ in counts})
        found[f"{share:g}"] = {
            verdict: {name: counts[verdict, name] for name in ("right", "wrong")}
            for verdict in verdicts
        }
    return found


def _text(row: Labelled) -> str:
    expected = row["expected"]
    return str(expected.get("answer_text") or "") if expected["resolution"] == "answer" else ""


def _issue(row: Labelled) -> PastIssue:
    return PastIssue(
        id=row["id"],
        title=row["title"],
        body=row["body"],
        created=AT,
        comments=[PastComment(text=_text(row))],
    )
