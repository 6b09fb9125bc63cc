"""What can go wrong between an app and the services it writes to, each to be ordered by name."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from starlette.requests import Request
from starlette.responses import Response

from mendwheel.testing.serving import HangUp, caller_gone, pause


class FaultKind(StrEnum):
    """What happens to a request."""

    RATE_LIMITED = "rate_limited"  # 429 with Retry-After; nothing is done
    UNAVAILABLE = "unavailable"  # 503; nothing is done
    ERROR = "error"  # the service's own word for a refusal; nothing is done
    TIMEOUT = "timeout"  # no answer for longer than a client waits
    EXECUTED_ANSWER_LOST = "executed_answer_lost"  # done, then the connection ends
    IN_FLIGHT = "in_flight"  # done only after the client has given up


@dataclass
class Fault:
    """One order; `met` counts the requests it has hit."""

    kind: FaultKind
    name: str
    times: int = 1
    at: str | None = None
    """Channel id or issue key; None: any."""
    retry_after: float | None = 1.0
    """Seconds, for `rate_limited` and `unavailable`; None: the header is left out."""
    http_date: bool = False
    """Give Retry-After as a date, as proxies do. Dates have whole seconds: it is rounded up."""
    hold: float = 15.0
    """Seconds that a request without answer is held at most."""
    lag: float = 0.5
    """Seconds between a client's giving up and the write of `in_flight`."""
    executes: bool = False
    """Whether `timeout` does what it was asked before it falls silent."""
    code: str = "internal_error"
    """For `error`: the word, or the message."""
    status: int = 400
    """For `error` at Jira."""
    skip: int = 0
    """Requests that pass untouched before it begins."""
    met: int = 0
    met_at: list[float] = field(default_factory=list)
    """Monotonic time of each hit, seconds."""

    @property
    def spent(self) -> bool:
        return self.met >= self.times

    def retry_header(self) -> dict[str, str]:
        """Retry-After as ordered."""
        if self.retry_after is None:
            return {}
        if not self.http_date:
            return {"Retry-After": f"{self.retry_after:g}"}
        moment = datetime.now(UTC) + timedelta(seconds=self.retry_after)
        if moment.microsecond:
            moment = moment.replace(microsecond=0) + timedelta(seconds=1)
        return {"Retry-After": format_datetime(moment, usegmt=True)}


@dataclass
class Faults:
    """Orders that stand; the first that fits is used up."""

    orders: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> Fault:
        self.orders.append(fault)
        return fault

    def clear(self) -> None:
        """Forget what has not been met."""
        self.orders.clear()

    def take(self, name: str, at: str, now: float) -> Fault | None:
        """The order that hits this request; counted."""
        for fault in self.orders:
            if fault.spent or not fnmatchcase(name, fault.name):
                continue
            if fault.at is None or fault.at == at:
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.met += 1
                fault.met_at.append(now)
                return fault
        return None


async def suffer(
    fault: Fault,
    request: Request,
    execute: Callable[[], Response],
    refuse: Callable[[Fault], Response],
    closing: asyncio.Event,
) -> Response:
    """Answer `request` as `fault` says: `execute` does it, `refuse` words a refusal."""
    if fault.kind in (FaultKind.RATE_LIMITED, FaultKind.UNAVAILABLE, FaultKind.ERROR):
        return refuse(fault)
    if fault.kind is FaultKind.EXECUTED_ANSWER_LOST:
        execute()
        return HangUp()
    if fault.kind is FaultKind.TIMEOUT:
        if fault.executes:
            execute()
        await caller_gone(request, closing, fault.hold)
        return HangUp()
    await caller_gone(request, closing, fault.hold)
    await pause(fault.lag, closing)
    execute()
    return HangUp()
