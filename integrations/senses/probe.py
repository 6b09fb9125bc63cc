"""Asks the addresses of a component, as a person would open them in a browser."""

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from pydantic import SecretStr

from mendwheel.domain.looking import Probe
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.http_get import Answer, get
from mendwheel.ports import SenseError

AT_ONCE = 20
"""Probes asked for one ticket."""
WITHIN = 8.0
HOPS = 2
EXPIRES_SOON_DAYS = 7
LIMIT = 1_000_000


class ProbeSense:
    """Only configured addresses, only GET; where a redirect leaves the host, it is told."""

    name = "probe"

    def __init__(
        self,
        probes: Sequence[Probe],
        secrets: Mapping[str, SecretStr],
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._probes = list(probes)
        self._secrets = secrets
        self._context = context

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """One observation; the probes of `component`, or all where it has none."""
        wanted = component.casefold() if component else None
        chosen = [each for each in self._probes if each.component.casefold() == wanted]
        chosen = (chosen or self._probes)[:AT_ONCE]
        if not chosen:
            return []
        with ThreadPoolExecutor(len(chosen), thread_name_prefix="probe") as pool:
            seen = list(pool.map(self.ask, chosen))
        now = datetime.now(UTC)
        return [
            Observation(
                title="probes of " + ", ".join(sorted({each.component for each in chosen}))[:150],
                media="probe",
                text=json.dumps({"asked_at": now.isoformat(), "probes": seen}, indent=1),
                url=_shown(chosen[0].url) if len(chosen) == 1 else None,
                window=Window(start=now, end=now),
            )
        ]

    def ask(self, probe: Probe) -> dict[str, Any]:
        """What one address said. `state` is `ok` or `alert`, as monitors have it."""
        secret = self._secrets.get(probe.token)
        headers = {"Authorization": f"Bearer {secret.get_secret_value()}"} if secret else {}
        row: dict[str, Any] = {"name": probe.component, "query": f"GET {_shown(probe.url)}"}
        try:
            answer = self._followed(probe.url, headers)
        except SenseError as error:
            return row | {"state": "alert", "message": str(error)}
        wrong = _wrong(probe, answer)
        row |= {
            "state": "alert" if wrong else "ok",
            "message": "; ".join(wrong) or "answers as it should",
            "status": answer.status,
            "latency_ms": round(answer.seconds * 1000),
        }
        if answer.expires is not None:
            row["certificate_expires_in_days"] = _days_left(answer.expires)
        return row

    def _followed(self, url: str, headers: Mapping[str, str]) -> Answer:
        ends = time.monotonic() + WITHIN
        for hop in range(HOPS + 1):
            left = max(0.5, ends - time.monotonic())
            answer = get(url, headers=headers, within=left, limit=LIMIT, context=self._context)
            following = _following(url, answer.location)
            if answer.status not in range(300, 400) or following is None or hop == HOPS:
                return answer
            url = following
        raise AssertionError("the last hop returns")


def _wrong(probe: Probe, answer: Answer) -> list[str]:
    wrong = []
    if answer.status != probe.status:
        place = f", not followed to {_shown(answer.location)}" if answer.location else ""
        wrong.append(f"status {answer.status} instead of {probe.status}{place}")
    if probe.text and probe.text not in answer.body.decode("utf-8", "replace"):
        wrong.append(f"the expected text {probe.text[:80]!r} is missing")
    if answer.seconds > probe.slow_seconds:
        wrong.append(f"slow: {answer.seconds:.1f} s instead of {probe.slow_seconds:g} s")
    if answer.expires is not None and _days_left(answer.expires) < EXPIRES_SOON_DAYS:
        wrong.append(f"its certificate expires in {_days_left(answer.expires)} days")
    return wrong


def _days_left(expires: float) -> int:
    return int((expires - time.time()) // 86_400)


def _following(url: str, location: str) -> str | None:
    """Where a redirect leads; None where it leaves the place that the operator named."""
    try:
        following = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(following)
        same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    except ValueError:  # what a server writes there need be no address
        return None
    return following if location and same else None


def _shown(url: str) -> str:
    """Without query: it may hold a key."""
    try:
        return urlsplit(url)._replace(query="", fragment="").geturl()[:200]
    except ValueError:
        return "what is no address"
