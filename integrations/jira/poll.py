"""Looks for what no webhook told us: by JQL, from a cursor, started by a Temporal Schedule.

For sites that cannot reach us, and as a net under the webhooks of those that can.
"""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, Field
from temporalio.client import Client, ScheduleActionStartWorkflow

from mendwheel.domain.hint import Hint, Polled, PollRequest
from mendwheel.integrations.jira.drafting import SYSTEM
from mendwheel.integrations.jira.issue import Issue, Page
from mendwheel.integrations.jira.source import Source
from mendwheel.integrations.schedules import ensure, every
from mendwheel.ports import Deliveries
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings
from mendwheel.workflows.hints import PollWorkflow

POLL = "poll"
"""The event of issues that a look has found changed."""

POLL_CREATED = "poll_created"
"""The event of those which were created since the look before, however long ago that was."""

PAGE = 50

OVERLAP = timedelta(minutes=5)
"""Looked at twice: the search lags behind what was written, and clocks differ."""

FIRST = timedelta(hours=1)
"""How far back the very first look goes. What is older is for `mendwheel learn`."""

_ORDER = re.compile(r"\border\s+by\b(?=(?:[^\"']|\"[^\"]*\"|'[^']*')*$)", re.IGNORECASE)


class Mark(BaseModel):
    """Where a look has come to. Between the pages of one search its JQL must stay the same."""

    since: datetime | None = None
    jql: str = ""
    next: str = ""
    latest: datetime | None = None
    fresh: bool = Field(False, description="a page before this one held something new")
    again: bool = Field(False, description="there is more to look at right now")

    def event(self, issue: Issue) -> str:
        """What `issue`, found from here on, is news of. The very first look goes back so little
        that an issue which it calls created is young besides.
        """
        created = self.since is not None and issue.created >= self.since - OVERLAP
        return POLL_CREATED if created else POLL

    def further(self, next: str, latest: datetime | None, fresh: bool) -> "Mark":
        """After a page that ends with `latest` and is followed by `next`."""
        seen = max(filter(None, [latest, self.latest]), default=None)
        if next:
            return self.model_copy(
                update={
                    "next": next,
                    "latest": seen,
                    "fresh": fresh or self.fresh,
                    "again": True,
                }
            )
        if self.next and (fresh or self.fresh):
            # An issue that changes between two pages moves to the end, and all behind it move
            # up by one, over the edge of a page: several pages are gone through until they hold
            # nothing new.
            return Mark(since=self.since, again=True)
        return Mark(since=max(filter(None, [seen, self.since]), default=None))


class Poll:
    """One page of issues after another, each issue once per change."""

    def __init__(self, jira: Source, deliveries: Deliveries, settings: Settings) -> None:
        self._jira = jira
        self._deliveries = deliveries
        self._settings = settings

    def look(self, cursor: str, now: datetime) -> Polled:
        """The page at `cursor`; empty: the first look. Raises PlaceError, StoreUnavailable."""
        page, mark = self._page(Mark.model_validate_json(cursor) if cursor else Mark(), now)
        hints = [_hint(issue, mark.event(issue)) for issue in page.issues]
        fresh = [hint for hint in hints if not self._deliveries.seen(SYSTEM, hint.delivery_id)]
        moments = [issue.updated for issue in page.issues]
        further = mark.further(page.next, max(moments, default=None), bool(fresh))
        return Polled(hints=fresh, cursor=further.model_dump_json(), more=further.again)

    def taken(self, hint: Hint) -> None:
        """It was handed on: the overlap of the next look need not bring it again."""
        self._deliveries.note(SYSTEM, hint.delivery_id)

    def _page(self, mark: Mark, now: datetime) -> tuple[Page, Mark]:
        if mark.next:
            try:
                return self._jira.search(mark.jql, next=mark.next, limit=PAGE), mark
            except PlaceError as error:
                if error.retryable:
                    raise
                # A page token lives only so long: from the beginning, then.
        since = mark.since or now - FIRST
        mark = Mark(since=since, jql=jql(self._settings, since, now))
        return self._jira.search(mark.jql, limit=PAGE), mark


def jql(settings: Settings, since: datetime, now: datetime) -> str:
    """What a look searches for.

    Relative minutes: Jira reads a written date in the time zone of the account, which we do not
    know, and milliseconds since 1970 are documented for neither Cloud nor Data Center.
    """
    minutes = max(1, math.ceil((now - since + OVERLAP) / timedelta(minutes=1)))
    parts = [_projects(settings.jira_projects), _bracketed(settings.jira_jql)]
    where = " AND ".join([*filter(None, parts), f"updated >= -{minutes}m"])
    return f"{where} ORDER BY updated ASC, key ASC"


def _projects(keys: Sequence[str]) -> str:
    quoted = ", ".join('"' + re.sub(r'(["\\])', r"\\\1", key) + '"' for key in keys)
    return f"project in ({quoted})" if keys else ""


def _bracketed(clause: str) -> str:
    """A user's clause, without the order it may name."""
    plain = _ORDER.split(clause, maxsplit=1)[0].strip()
    return f"({plain})" if plain else ""


def _hint(issue: Issue, event: str) -> Hint:
    stamp = issue.updated.astimezone(UTC).isoformat(timespec="milliseconds")
    delivery = f"{POLL}-{issue.key}-{stamp}"
    return Hint(system=SYSTEM, key=issue.key, delivery_id=delivery, event=event)


async def ensure_schedule(client: Client, settings: Settings) -> bool:
    """Make the schedule of the settings' tenant what the settings say; safe to repeat.

    Returns whether there is one now. Raises TemporalUnreachable.
    """
    name, pause = f"mendwheel-poll-{settings.tenant}", settings.jira_poll_seconds
    if not (settings.jira and pause):
        return await ensure(client, settings, name, None)
    look = ScheduleActionStartWorkflow(
        PollWorkflow.run,
        PollRequest(),
        id=name,
        task_queue=settings.task_queue,
        static_summary="what changed in Jira",
    )
    return await ensure(client, settings, name, every(timedelta(seconds=pause), look))
