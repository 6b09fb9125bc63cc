"""All seeds in one line."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bench.faults.plan import named, turns


def summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    ours = [each["ours"] for each in results]
    baseline = [each["baseline"] for each in results]
    kills = _sum(each["kills"] for each in ours)
    writes = sum(each["writes"] for each in ours)
    lost = sum(each["answers_lost"] for each in ours)
    return {
        "kills": sum(kills.values()),
        "tickets": sum(each["tickets"] for each in ours),
        "lost": sum(each["lost"] for each in ours),
        "duplicates": sum(each["duplicates"] for each in ours),
        "baseline_lost": sum(each["lost"] for each in baseline),
        "baseline_duplicates": sum(each["duplicates"] for each in baseline),
        "seeds": len(results),
        "baseline_kills": sum(sum(each["kills"].values()) for each in baseline),
        "writes": writes,
        "answer_lost_share": round(lost / writes, 3) if writes else 0.0,
        "in_flight_overlaps": sum(each["overlaps"] for each in ours),
        "counted": _sum(each["counts"] for each in ours),
        "fates": _sum(each["fates"] for each in ours),
        "troubles": [trouble for each in ours for trouble in each["troubles"]],
        "kills_at": dict(sorted(kills.items())),
        "boundaries": len(named(turns())),
        "boundaries_met": sum(each in kills for each in named(turns())),
        "never_met": sorted(
            {each.boundary for each in turns()} - {each.partition("@")[2] for each in kills}
        ),
    }


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)
