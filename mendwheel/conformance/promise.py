"""What a promise is, and how the list of them comes together."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mendwheel.conformance.stage import Stage

Check = Callable[["Stage"], Awaitable[str]]
When = Literal["driven", "seen"]
"""driven: brings its own traffic; seen: judges all traffic of the run, at the end."""


class Broken(Exception):
    """A promise is not kept; the message says what was seen instead."""


@dataclass(frozen=True)
class Promise:
    """`check` returns one line on how it was kept, or raises `Broken`."""

    name: str
    text: str
    check: Check
    when: When = "driven"


@dataclass(frozen=True)
class Verdict:
    name: str
    kept: bool
    detail: str
    text: str = ""


PROMISES: list[Promise] = []
"""All of them, in the order in which they are reported."""


def promise(name: str, text: str, when: When = "driven") -> Callable[[Check], Check]:
    """Add the decorated check under `name` (`slack-…`, `jira-…`); `text` is one sentence."""

    def add(check: Check) -> Check:
        PROMISES.append(Promise(name, text, check, when))
        return check

    return add


def expect(kept: bool, detail: str) -> None:
    """Raises Broken with `detail` unless `kept`."""
    if not kept:
        raise Broken(detail)
