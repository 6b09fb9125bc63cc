"""How long people in Slack wait for an answer while tickets come in and approvals are clicked.

Our server, a worker, Temporal and Slack's counterpart are processes of their own; the load is open
loop, and every new ticket and click is looked for in Temporal afterwards.
"""

import asyncio
import os
from collections.abc import Iterable
from typing import Any

from bench.acks_check import Checked, check
from bench.acks_load import PER_SECOND, RATE, Load, Sent
from bench.acks_world import AcksWorld, acks_world, park
from bench.world import cpu_seconds, say

SECONDS = 60


def main() -> dict[str, Any]:
    return asyncio.run(bench(seconds()))


def seconds() -> int:
    """How long to send. Raises SystemExit when SECONDS is no number."""
    given = os.environ.get("SECONDS", "").strip() or str(SECONDS)
    if not (given.isdigit() and int(given)):
        raise SystemExit(f"SECONDS={given!r} is not a number of seconds: give 60, for example")
    return int(given)


async def bench(duration: int) -> dict[str, Any]:
    async with acks_world() as made:
        say(f"parking {duration * PER_SECOND['click']} tickets with an open question each")
        parked = await park(made, duration * PER_SECOND["click"])
        load, before = Load(made, parked, duration), _cpu(made)
        sent = await load.run()
        used = {name: spent - before[name] for name, spent in _cpu(made).items()}
        say("looking for every new ticket and click in Temporal")
        checked = await check(made.here, parked, sent)
        for line in checked.problems[:20]:
            say(line)
    return _summary(sent, checked, duration, used)


def _cpu(made: AcksWorld) -> dict[str, float]:
    """Seconds of CPU by process."""
    temporal = made.here.server.pid
    assert temporal is not None
    return {
        "server": made.server.cpu(),
        "worker": made.worker.cpu(),
        "temporal": cpu_seconds(temporal),
        "slack": cpu_seconds(made.slack.process.pid),
        "load": sum(os.times()[:2]),
    }


def _summary(
    sent: list[Sent], checked: Checked, duration: int, used: dict[str, float]
) -> dict[str, Any]:
    kinds = {
        kind: _latency(each.seconds for each in sent if each.kind == kind) for kind in PER_SECOND
    }
    return {
        **_latency(each.seconds for each in sent),
        "rate": RATE,
        "lost": checked.lost,
        "duplicates": checked.duplicates,
        "n": len(sent),
        "failed": sum(each.failed for each in sent),
        "max_ms": round(max(each.seconds for each in sent) * 1000, 1),
        "by_kind": kinds,
        "cpu_share": {name: round(spent / duration, 2) for name, spent in used.items()},
    }


def _latency(values: Iterable[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {}
    at = {name: ordered[int(share * (len(ordered) - 1))] for name, share in _SHARES.items()}
    return {name: round(value * 1000, 1) for name, value in at.items()}


_SHARES = {"p50_ms": 0.5, "p99_ms": 0.99}
