"""Sends remedies that are HTTP calls: one request, one deadline, no redirect, a bounded answer."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from pydantic import SecretStr
from yarl import URL

from mendwheel.domain.remedy import CheckResult
from mendwheel.integrations.senses.http_get import FAILURES, in_a_loop, session
from mendwheel.retry_after import seconds_to_wait
from mendwheel.security.redaction import redact
from mendwheel.settings import Settings, SettingsError
from mendwheel.tools.foreign import NotWritten, OutcomeUnknown
from mendwheel.tools.http_calls import HttpCall, HttpCheck, HttpLook, Sent, TurnedAway
from mendwheel.tools.registry import Registry
from mendwheel.tools.summary import printable

DEADLINE = 8.0
"""Seconds for one request and its answer, as for every effect."""

LARGEST = 65_536
"""Bytes of an answer that are read."""

AGAIN = (425, 429)
"""The target says itself that it did nothing, and not to give up."""

OPEN = (408, 409)
"""It may be at work on it still: a request that it gave up reading, or one with the same key."""

MOVED = (307, 308)
"""Of redirects only these say that nothing was done yet."""

_DETAIL = 200


class HttpSender:
    """`HttpTargets`. Holds the secrets; any thread may use it."""

    def __init__(self, secrets: Mapping[str, SecretStr], deadline: float = DEADLINE) -> None:
        self._secrets = secrets
        self._deadline = deadline

    def send(self, call: HttpCall, arguments: Mapping[str, Any], key: str) -> Sent:
        """See `HttpTargets.send`."""
        try:
            url, body = call.address(arguments), call.body(arguments)
            headers = self._headers(call) | {"Idempotency-Key": key}
        except ValueError as error:
            raise NotWritten(str(error)) from None
        data = json.dumps(body).encode() if body or call.method != "DELETE" else None
        where = _where(call)
        try:
            sent, said = self._ask(call.method, url, headers, data)
        except aiohttp.ClientConnectorError:
            raise TurnedAway(f"{where} cannot be reached: nothing was sent") from None
        except FAILURES as error:
            why = _why(error, self._deadline)
            raise OutcomeUnknown(f"{where} {why}: it may have been done") from None
        if 200 <= sent.status < 300:
            return sent
        raise _refused(where, sent, said)

    def there(self, look: HttpLook, arguments: Mapping[str, Any], key: str) -> bool:
        """See `HttpTargets.there`."""
        try:
            url = look.address({**arguments, "key": key})
            sent, said = self._ask("GET", url, self._headers(look), None)
        except FAILURES as error:
            raise TurnedAway(f"{_where(look)} {_why(error, self._deadline)}") from None
        if sent.status == 404:
            return False
        if sent.status != 200:
            wait = seconds_to_wait(said)
            raise TurnedAway(f"{_where(look)} answered {sent.status} to the look-up", wait)
        return not look.field or bool(_field(sent.text, look.field))

    def check(self, check: HttpCheck, arguments: Mapping[str, Any]) -> CheckResult:
        """Red where it does not answer as it should."""
        try:
            url = check.address(arguments)
            sent, _ = self._ask("GET", url, self._headers(check), None)
        except FAILURES as error:
            detail = f"{_where(check)} {_why(error, self._deadline)}"
            return CheckResult(ok=False, detail=detail)
        told = f"{_where(check)} answered {sent.status}"
        if sent.status != check.status or not check.field:
            return CheckResult(ok=sent.status == check.status, detail=told)
        value = _field(sent.text, check.field)
        shown = redact(printable(json.dumps(value))[:_DETAIL])
        return CheckResult(ok=value == check.equals, detail=f"{told}, {check.field} is {shown}")

    def _headers(self, address: HttpCall | HttpLook | HttpCheck) -> dict[str, str]:
        secret = {
            header: self._secrets[name].get_secret_value()
            for header, name in address.secrets.items()
        }
        return {"Accept": "application/json"} | address.headers | secret

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> tuple[Sent, dict[str, str]]:
        sending = {**headers, "Content-Type": "application/json"} if data is not None else headers

        async def work() -> tuple[Sent, dict[str, str]]:
            async with (
                asyncio.timeout(self._deadline),
                session(sending) as one,
                one.request(
                    method, URL(url, encoded=True), data=data, allow_redirects=False
                ) as answer,
            ):
                body = bytearray()
                async for chunk in answer.content.iter_chunked(LARGEST):
                    body += chunk
                    if len(body) >= LARGEST:
                        break
                text = bytes(body[:LARGEST]).decode("utf-8", "replace")
                return Sent(answer.status, text), dict(answer.headers)

        return in_a_loop(work())


def sender(settings: Settings, registry: Registry) -> HttpSender:
    """Raises SettingsError: a remedy names a secret that is not set."""
    for spec in registry.specs():
        named = {each for http in spec.over_http.addresses() for each in http.secrets.values()}
        if missing := sorted(named - settings.remedy_secrets.keys()):
            raise SettingsError(
                f"the remedy {spec.name} names the secret {missing[0]!r}, which is not there: "
                f"set MENDWHEEL_REMEDY_SECRETS__{missing[0].upper()}"
            )
    return HttpSender(settings.remedy_secrets)


def _refused(where: str, sent: Sent, headers: Mapping[str, str]) -> Exception:
    status, told = sent.status, f"{where} answered {sent.status}"
    if status in AGAIN:
        return TurnedAway(f"{told}: it is tried again", seconds_to_wait(headers))
    if status in MOVED:
        return NotWritten(f"{told}, a redirect, which is not followed: register the new address")
    if 400 <= status < 500 and status not in OPEN:
        return NotWritten(f"{told}: nothing was done. It said: {_short(sent.text)}")
    return OutcomeUnknown(f"{told}: it may have been done")


def _short(text: str) -> str:
    return redact(" ".join(printable(text).split())[:_DETAIL]) or "nothing"


def _where(address: HttpCall | HttpLook | HttpCheck) -> str:
    return URL(address.url.partition("{")[0]).host or "the target"


def _why(error: Exception, deadline: float) -> str:
    if isinstance(error, TimeoutError):
        return f"did not answer within {deadline:.0f} s"
    # Its text may repeat a header, and with it a secret.
    return f"cannot be heard ({type(error).__name__})"


def _field(text: str, name: str) -> Any:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    for part in name.split("."):
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value
