"""Remedies that are one HTTP call: what a host fixes, and where a ticket's arguments may stand.

Scheme and host are the host's alone. An argument goes into the JSON body or into a slot of the path
or the query, encoded, so that none can lead the call somewhere else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mendwheel.domain.remedy import CheckResult
from mendwheel.domain.web import web_address

KEY = "key"
"""Slot of a look-up that holds what the call was sent as its `Idempotency-Key`."""

_SLOT = re.compile(r"\{(\w+)\}")
_OURS = {"idempotency-key", "content-type", "content-length", "host", "transfer-encoding"}


class _Address(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(description="scheme and host as they are; {argument} may stand in the path")
    query: dict[str, str] = Field({}, description="parameter → its value, or {argument}")
    headers: dict[str, str] = Field({}, description="header → value")
    secrets: dict[str, str] = Field({}, description="header → name in `remedy_secrets`")

    @field_validator("url")
    @classmethod
    def _fixed(cls, url: str) -> str:
        web_address(url, instead="`secrets`")
        parts = urlsplit(url)
        if "{" in parts.netloc:
            raise ValueError("lets a ticket say which host is called: name the host")
        if parts.query or parts.fragment:
            raise ValueError("has a query or fragment: say it in `query`")
        return url

    @field_validator("headers", "secrets")
    @classmethod
    def _not_ours(cls, headers: dict[str, str]) -> dict[str, str]:
        if taken := sorted(name for name in headers if name.lower() in _OURS):
            raise ValueError(f"{taken[0]} is set by Mendwheel: leave it out")
        return headers

    def slots(self) -> set[str]:
        """The arguments that stand in the address."""
        return set(_SLOT.findall(" ".join([self.url, *self.query.values()])))

    def address(self, values: Mapping[str, Any]) -> str:
        """Raises ValueError: a value would change the path, or is missing."""
        path = _SLOT.sub(lambda slot: _segment(slot[1], values), self.url)
        query = {
            name: _SLOT.sub(lambda slot: _text(slot[1], values), value)
            for name, value in self.query.items()
        }
        return f"{path}?{urlencode(query)}" if query else path


class HttpLook(_Address):
    """A GET that tells whether the effect is there: 200 says yes, 404 no, all else nothing.

    With `field` (dotted) the JSON of a 200 has to hold it, and not empty.
    """

    field: str = ""


class HttpCheck(_Address):
    """A GET that tells whether the remedy helped."""

    status: int = 200
    field: str = Field("", description="dotted name of a field of the JSON answer")
    equals: Any = Field(None, description="what `field` has to be")
    attempts: int = 3
    interval_seconds: float = 2.0


class HttpCall(_Address):
    """The write itself. Arguments that stand nowhere else are the JSON body."""

    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    honours_key: bool = Field(
        False, description="the target carries a call with a known Idempotency-Key out only once"
    )
    look: HttpLook | None = None

    def body(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        taken = self.slots()
        return {name: value for name, value in arguments.items() if name not in taken}


@dataclass(frozen=True)
class Sent:
    """What came back from a call that was carried out, bounded."""

    status: int
    text: str


class TurnedAway(Exception):
    """Nothing was done, and it may be tried again. One line; `retry_after` in seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class HttpTargets(Protocol):
    """Sends the calls, in the caller's thread; each ends within the ledger's deadline."""

    def send(self, call: HttpCall, arguments: Mapping[str, Any], key: str) -> Sent:
        """Send once.

        Raises:
            NotWritten: refused for good. TurnedAway: nothing was done. OutcomeUnknown.
        """
        ...

    def there(self, look: HttpLook, arguments: Mapping[str, Any], key: str) -> bool:
        """Whether the effect is there. Raises TurnedAway: it could not be seen."""
        ...

    def check(self, check: HttpCheck, arguments: Mapping[str, Any]) -> CheckResult: ...


class HttpRemedy(BaseModel):
    """The HTTP parts of one registered remedy."""

    model_config = ConfigDict(frozen=True)

    call: HttpCall | None = None
    undo: HttpCall | None = None
    check: HttpCheck | None = None

    def addresses(self) -> list[_Address]:
        calls = [each for each in (self.call, self.undo) if each is not None]
        looks = [each.look for each in calls if each.look is not None]
        return [*calls, *looks, *([self.check] if self.check else [])]

    def held_to(self, arguments: type[BaseModel]) -> Self:
        """Raises ValueError: a slot that is no argument, or that might be empty."""
        for each in self.addresses():
            known = {*arguments.model_fields, *([KEY] if isinstance(each, HttpLook) else [])}
            if unknown := sorted(each.slots() - known):
                raise ValueError(f"{each.url}: {{{unknown[0]}}} is no argument of the remedy")
        return self


def _text(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ValueError(f"{name}: only a text or a number can stand in an address")
    return str(value)


def _segment(name: str, values: Mapping[str, Any]) -> str:
    """One segment of the path, whatever stands in it."""
    text = _text(name, values)
    if text.strip(".") == "":
        raise ValueError(f"{name}: {text!r} would change the path")
    return quote(text, safe="")
