"""Past issues out of Jira, each read once and kept, so that a rerun asks for news only."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from mendwheel.backtest.past import PastIssue
from mendwheel.backtest.rewound import is_resolved, rewound
from mendwheel.integrations.jira.issue import Issue
from mendwheel.integrations.jira.patience import patiently
from mendwheel.integrations.jira.source import Source

PAGE = 50
NEWEST = " ORDER BY created DESC"

Answer = TypeVar("Answer")


class Found(BaseModel):
    """What a search came to."""

    issues: list[PastIssue] = []
    unresolved: int = 0


class _Read(BaseModel):
    """An issue as it was read; it is read again when Jira says that it changed since."""

    updated: str
    issue: PastIssue


class PastIssues:
    """`tell` hears of progress and of every wait; `wait` sleeps for seconds."""

    def __init__(
        self,
        jira: Source,
        kept: Path,
        *,
        tell: Callable[[str], None],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._jira = jira
        self._kept = kept
        self._tell = tell
        self._wait = wait

    def find(self, jql: str, last: int) -> Found:
        """At most `last` resolved issues, in the order of the search; by itself the newest ones.

        Raises:
            PlaceError: Jira refuses, or is away for long; what was read is kept.
        """
        us = self._patiently(self._jira.myself)
        read, found = self._known(), Found()
        with self._kept.open("a", encoding="utf-8") as file:
            for issue in self._search(jql):
                if not is_resolved(issue):
                    found.unresolved += 1
                    continue
                known = read.get(issue.key)
                if known is None or known.updated != issue.updated.isoformat():
                    whole = self._read(issue.key)
                    known = _Read(updated=issue.updated.isoformat(), issue=rewound(whole, us))
                    file.write(f"{known.model_dump_json()}\n")
                    file.flush()
                found.issues.append(known.issue)
                if len(found.issues) % PAGE == 0:
                    self._tell(f"{len(found.issues)} issues read")
                if len(found.issues) >= last:
                    break
        return found

    def _search(self, jql: str) -> Iterator[Issue]:
        ordered = jql if "order by" in " ".join(jql.lower().split()) else f"{jql}{NEWEST}"
        next = ""
        while True:
            page = self._patiently(
                lambda at=next: self._jira.search(ordered, next=at, limit=PAGE)  # type: ignore[misc]
            )
            yield from page.issues
            next = page.next
            if not next:
                return

    def _read(self, key: str) -> Issue:
        return self._patiently(lambda: self._jira.read(key))

    def _known(self) -> dict[str, _Read]:
        """What an earlier call read; a line that a kill cut off is read again."""
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.touch(mode=0o600)
        written = self._kept.read_bytes()
        whole = written[: written.rfind(b"\n") + 1]
        if len(whole) < len(written):
            self._kept.write_bytes(whole)
        read = [_Read.model_validate_json(line) for line in whole.splitlines()]
        return {each.issue.id: each for each in read}

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        return patiently(ask, self._tell, self._wait)
