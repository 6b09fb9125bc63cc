"""Reads deployments and other changes, from a file or from an address that lists them."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr

from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.fetch import Ask, Remote
from mendwheel.integrations.senses.log_lines import Clock, read_line
from mendwheel.integrations.senses.matching import segment
from mendwheel.integrations.senses.windows import epoch, stamp
from mendwheel.ports import SenseError

SHOWN = 500
READ = 10_000_000
"""Bytes of a file that are read, from its end."""

_LONGEST = 500


class ChangeList(Protocol):
    """Where changes are listed."""

    where: str

    def read(self, component: str | None, window: Window) -> list[Any]:
        """Items as they stand there. Raises SenseError."""
        ...


class ChangeSense:
    """One observation: the changes of the hours before the window and in it, in order of time.

    `fields` says for each of our fields where it stands in an item, as in `commit.author`.
    """

    def __init__(
        self, name: str, listed: ChangeList, fields: Mapping[str, str], hours: float
    ) -> None:
        self.name = name
        self._listed = listed
        self._fields = dict(fields)
        self._hours = timedelta(hours=hours)

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """Raises SenseError: the list cannot be read, or holds nothing that looks like a change."""
        whole = Window(start=window.start - self._hours, end=window.end)
        items = self._listed.read(component, whole)
        known = [change for item in items if (change := self._change(item)) is not None]
        where = self._listed.where
        if items and not known:
            raise SenseError(
                f"{where}: none of {len(items)} items has a time and a component: "
                "fit changes_fields to them"
            )
        start, end = epoch(whole.start), epoch(whole.end)
        within = sorted(
            (change for change in known if start <= change[0] <= end), key=lambda change: change[0]
        )
        if not within:
            return []
        shown = [json.dumps(change, ensure_ascii=False) for _, change in within[-SHOWN:]]
        unread = f"; {len(items) - len(known)} could not be read" if len(items) > len(known) else ""
        return [
            Observation(
                title=f"{where}: {len(within)} changes{unread}",
                media="changes",
                text="\n".join(shown),
                window=whole,
            )
        ]

    def _change(self, item: Any) -> tuple[float, dict[str, str]] | None:
        found = {name: _text(_at(item, path)) for name, path in self._fields.items()}
        moment, _ = read_line(found.get("time") or "", Clock())
        if moment is None or not found.get("component"):
            return None
        change = {name: text for name, text in found.items() if text}
        change["time"] = stamp(moment)
        change.setdefault("change", _said(change))
        return moment, change


class ChangeFile:
    """One JSON object a line, the newest last."""

    def __init__(self, path: Path) -> None:
        self.where = path.name
        self._path = path

    def read(self, component: str | None, window: Window) -> list[Any]:
        try:
            if not self._path.is_file():
                raise SenseError(f"{self._path} is no file: correct changes_file")
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - READ))
                text = file.read(READ).decode("utf-8", "replace")
        except OSError as error:
            raise SenseError(f"{self._path}: {error.strerror}: correct changes_file") from None
        lines = text.split("\n")[1 if size > READ else 0 :]
        return [_parsed(line) for line in lines if line.strip()]


class ChangeAddress:
    """JSON that lists changes; `url` may name `{start}`, `{end}` and `{component}`."""

    where = "changes"

    def __init__(
        self, url: str, token: SecretStr | None, headers: Mapping[str, SecretStr], items: str
    ) -> None:
        self._url = url
        self._token = token
        self._headers = dict(headers)
        self._items = items

    def read(self, component: str | None, window: Window) -> list[Any]:
        url = self._url
        for name, value in (
            ("start", stamp(epoch(window.start))),
            ("end", stamp(epoch(window.end))),
            ("component", component or ""),
        ):
            url = url.replace(f"{{{name}}}", segment(value))
        remote = Remote(self.where, url, self._token, self._headers)
        items = _at(remote.ask(Ask(""), remote.deadline()), self._items)
        if not isinstance(items, list):
            raise SenseError(f"{self.where}: no list at {self._items!r}: correct changes_items")
        return items


def _at(item: Any, path: str) -> Any:
    """What stands at `commit.author`; None where nothing does."""
    for key in _keys(path):
        item = item.get(key) if isinstance(item, dict) else None
    return item


def _keys(path: str) -> Iterator[str]:
    return (key for key in path.split(".") if key)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())[:_LONGEST]


def _said(change: Mapping[str, str]) -> str:
    """What was changed, in words: `deployment: 1.4.2 (was 1.4.1): New payment client`."""
    parts = [change.get("kind") or "change"]
    if version := change.get("version"):
        was = f" (was {change['previous_version']})" if change.get("previous_version") else ""
        parts.append(f"{version}{was}")
    if described := change.get("description"):
        parts.append(described)
    return ": ".join(parts)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
