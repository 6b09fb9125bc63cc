"""The tables of docs/benchmarks.md, from what `make bench NAME=resolution` has printed.

`.venv/bin/python -m bench.resolution_page RESULT.json`
"""

import json
import sys
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

QUESTIONS = ("aws", "govt", "ibm")
"""Sources whose goal is about all of them together."""
Z = 1.96

COLUMNS = (
    "source", "tickets", "resolved", "answerable", "must not be answered", "confidently wrong",
    "handed over though answerable", "cut to 600", "right documents given", "characters",
)  # fmt: skip


def main() -> None:
    result = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    sources = [name for name, found in result.items() if "must_not_answer" in found]
    print(_table(COLUMNS, [_row(name, result[name], result["ceiling"]) for name in sources]))
    print(f"\n{_together([result[name] for name in QUESTIONS])} of {', '.join(QUESTIONS)}\n")
    for kind in ("consulting", "anomaly"):
        curve = result["risk_coverage"][kind]["held_back_too"]["curve"]
        header = ("answered", *(f"{point['coverage']:.0%}" for point in curve))
        print(_table(header, [("of these wrong", *(f"{point['error']:.0%}" for point in curve))]))
        print(f"({kind})\n")


def _row(name: str, found: dict[str, Any], ceiling: dict[str, Any]) -> tuple[str, ...]:
    best = ceiling.get(name, {"n": 0})
    return (
        f"`{name}`",
        str(found["n"]),
        _share(found),
        _share(found["answerable"], interval=False),
        _share(found["must_not_answer"], interval=False),
        str(found["confidently_wrong"]),
        str(found["handed_over_though_answerable"]),
        _share(found["cut_to_600"], interval=False),
        _share(best, interval=False),
        f"{found['median_answer_chars']:.0f}",
    )


def _share(found: dict[str, Any], *, interval: bool = True) -> str:
    if not found["n"]:
        return ""
    if not interval:
        return f"{found['resolved']} of {found['n']}"
    low, high = found["ci95"]
    return f"{found['resolved']} ({found['rate']:.0%}, {low:.0%} to {high:.0%})"


def _together(parts: Sequence[dict[str, Any]]) -> str:
    right, of = sum(each["resolved"] for each in parts), sum(each["n"] for each in parts)
    low, high = _wilson(right, of)
    return f"{right} of {of} ({right / of:.1%}, {low:.0%} to {high:.0%})"


def _wilson(right: int, of: int) -> tuple[float, float]:
    share, spread = right / of, Z * Z / of
    middle = share + spread / 2
    width = Z * sqrt(share * (1 - share) / of + spread / of / 4)
    return (middle - width) / (1 + spread), (middle + width) / (1 + spread)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
