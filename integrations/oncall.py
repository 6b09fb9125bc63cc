"""Calls whoever is on call, in PagerDuty's or Opsgenie's shape. The same effect is one incident."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from mendwheel.domain.card import Card
from mendwheel.domain.ids import EffectKey, digest
from mendwheel.domain.ticket import Severity
from mendwheel.ports.world import PlaceError
from mendwheel.retry_after import seconds_to_wait
from mendwheel.settings import Settings

WHERE = "on-call"
TIMEOUT = 5.0
"""Seconds for connecting, and again for each wait for an answer."""

_PAGERDUTY = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
}
_OPSGENIE = {
    Severity.CRITICAL: "P1",
    Severity.HIGH: "P2",
    Severity.MEDIUM: "P3",
    Severity.LOW: "P4",
}
_WAYS_OUT = {
    400: "check that oncall_format fits oncall_url",
    401: "set MENDWHEEL_ONCALL_KEY to a key that is valid there",
    403: "the key may not create incidents: allow it there, or set another MENDWHEEL_ONCALL_KEY",
    404: "check MENDWHEEL_ONCALL_URL",
}

Body = dict[str, Any]


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the key to another address."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class OnCallPort:
    """`ports.OnCall` over HTTP; any thread may call it."""

    def __init__(self, settings: Settings, timeout: float = TIMEOUT) -> None:
        """Raises ValueError: no address or no key is set."""
        if settings.oncall_url is None or settings.oncall_key is None:
            raise ValueError("nobody is on call: set MENDWHEEL_ONCALL_URL and MENDWHEEL_ONCALL_KEY")
        self._url = settings.oncall_url
        self._secret = settings.oncall_key
        self._format = settings.oncall_format
        self._timeout = timeout
        self._open = build_opener(_NoRedirect).open

    def call(self, card: Card, key: EffectKey) -> str:
        """Returns the name under which the incident is deduplicated there."""
        name = digest(str(key))
        secret = self._secret.get_secret_value()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._format == "opsgenie":
            body = opsgenie(card, name)
            headers["Authorization"] = f"GenieKey {secret}"
        else:
            body = pagerduty(card, name, secret)
        data = json.dumps(body).encode()
        self._send(Request(self._url, data, headers, method="POST"))  # noqa: S310  # see settings
        return name

    def _send(self, request: Request) -> None:
        try:
            with self._open(request, timeout=self._timeout) as answer:
                answer.read(65_536)
        except HTTPError as error:
            with error:
                raise _refused(error.code, dict(error.headers.items())) from None
        except TimeoutError:
            raise _unanswered("timeout", "did not answer in time") from None
        except (URLError, OSError, HTTPException) as error:
            if isinstance(getattr(error, "reason", None), TimeoutError):
                raise _unanswered("timeout", "did not answer in time") from None
            raise _unanswered("connection", f"cannot be reached ({type(error).__name__})") from None


def pagerduty(card: Card, name: str, routing_key: str) -> Body:
    """An Events API v2 trigger; docs: developer.pagerduty.com/docs/send-alert-event."""
    return {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": name,
        "payload": {
            "summary": _short(f"{card.title}: {card.headline}", 1024),
            "source": "mendwheel",
            "severity": _PAGERDUTY[card.severity or Severity.MEDIUM],
            "component": card.component or "",
            "custom_details": _details(card),
        },
        "links": [{"href": each.url, "text": each.title} for each in card.links],
    }


def opsgenie(card: Card, name: str) -> Body:
    """A create-alert request; docs: docs.opsgenie.com/docs/alert-api."""
    links = [f"{each.title}: {each.url}" for each in card.links]
    details = {key: value for key, value in _details(card).items() if key != "diagnosis"}
    return {
        "message": _short(f"{card.title}: {card.headline}", 130),
        "alias": name,
        "description": _short("\n\n".join(filter(None, [card.diagnosis, *links])), 15_000),
        "priority": _OPSGENIE[card.severity or Severity.MEDIUM],
        "source": "mendwheel",
        "entity": _short(card.component or "", 512),
        "details": details,
    }


def _details(card: Card) -> dict[str, str]:
    return {
        "ticket": card.ticket_id,
        "phase": card.phase.value,
        "round": str(card.round),
        "component": card.component or "",
        "diagnosis": _short(card.diagnosis, 8000),
        "remedy": card.remedy.tool if card.remedy else "",
        "problem": _short(card.problem, 1000),
    }


def _refused(status: int, headers: Mapping[str, str]) -> PlaceError:
    way = _WAYS_OUT.get(status, "look at its status page")
    passing = status in (408, 409, 425, 429) or status >= 500
    what = "it is tried again by itself" if passing else way
    return PlaceError(
        WHERE,
        str(status),
        f"{WHERE}: the service answered {status}: {what}",
        retryable=passing,
        retry_after=seconds_to_wait(headers) if passing else None,
    )


def _unanswered(kind: str, what: str) -> PlaceError:
    message = f"{WHERE}: the service {what}: it is tried again by itself"
    return PlaceError(WHERE, kind, message, retryable=True)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
