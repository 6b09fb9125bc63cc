"""Resolved issues as cases: what people once did helps with the next ticket of its kind.

Goes through a search page by page and keeps its place, so that it may be stopped and goes on
later; an issue that is learned twice is one case.
"""

import time
from collections.abc import Callable

from pydantic import BaseModel, Field

from mendwheel.domain.ids import digest, ticket_id
from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.drafts import clean
from mendwheel.integrations.jira.drafting import ANYBODY, SYSTEM, by
from mendwheel.integrations.jira.facts import DONE
from mendwheel.integrations.jira.issue import Comment, Issue, Page, Person
from mendwheel.integrations.jira.patience import Answer, patiently
from mendwheel.integrations.jira.pending import TOGETHER
from mendwheel.integrations.jira.source import Source
from mendwheel.ports.world import PlaceError
from mendwheel.security.redaction import redact
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

PAGE = 50

TEXT, RESOLUTION = 4000, 2000  # characters, as `Case` says
LAST_WORDS = 3
"""Comments before the end that are taken to say what was done."""


class Progress(BaseModel):
    """How far it has come; counts of this call only."""

    learned: int = 0
    unresolved: int = Field(0, description="found, but not resolved: left out")
    ours: int = Field(0, description="tickets of ours, which know more already: left out")
    latest: str = Field("", description="key of the last issue")
    resumed: bool = Field(False, description="it went on from where an earlier call was stopped")
    complete: bool = False


class _Place(BaseModel):
    next: str = ""


class Backfill:
    """One search at a time.

    `tell` hears of every page and every wait; `wait` sleeps for seconds.
    """

    def __init__(
        self,
        jira: Source,
        stores: Stores,
        settings: Settings,
        *,
        tell: Callable[[str], None],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._jira = jira
        self._stores = stores
        self._settings = settings
        self._tell = tell
        self._wait = wait
        self.progress = Progress()

    def run(self, jql: str, *, limit: int | None = None, dry_run: bool = False) -> Progress:
        """Learn what `jql` finds, at most `limit` issues; dry: only count.

        Raises:
            PlaceError: Jira refuses, or is away for long; what was learned is kept.
            StoreUnavailable
        """
        us = self._patiently(self._jira.myself)
        name = f"jira-backfill-{digest([self._settings.jira_base_url, jql])[:24]}"
        next, looked = "" if dry_run else self._kept(name), 0
        while not self.progress.complete and (limit is None or looked < limit):
            size = PAGE if limit is None else min(PAGE, limit - looked)
            page = self._page(jql, next, size)
            for issue in page.issues:
                self._learn(issue, us, dry_run)
            looked, next = looked + len(page.issues), page.next
            self.progress.complete = not next
            if not dry_run:
                # After the page is kept: cut off in between, it is learned again.
                self._stores.cursors.set(name, _Place(next=next).model_dump_json())
            self._tell(f"{looked} issues, the last one {self.progress.latest or 'of none'}")
        return self.progress

    def _kept(self, name: str) -> str:
        kept = self._stores.cursors.get(name)
        next = _Place.model_validate_json(kept).next if kept else ""
        self.progress.resumed = bool(next)
        return next

    def _page(self, jql: str, next: str, size: int) -> Page:
        try:
            return self._patiently(lambda: self._jira.search(jql, next=next, limit=size))
        except PlaceError as error:
            if error.retryable or not next:
                raise
            # A place in a search lives only so long: what was learned is learned again.
            self.progress.resumed = False
            return self._patiently(lambda: self._jira.search(jql, limit=size))

    def _learn(self, issue: Issue, us: Person, dry_run: bool) -> None:
        self.progress.latest = issue.key
        if not (issue.category == DONE or issue.resolution or issue.resolved):
            self.progress.unresolved += 1
            return
        rule = self._settings.rule(f"{SYSTEM}:{issue.key}")
        tenant = (rule.tenant if rule else None) or self._settings.tenant
        ticket = ticket_id(tenant, SYSTEM, issue.key)
        known = self._stores.cases.get(ticket)
        if known is not None and known.head is not None:
            self.progress.ours += 1
            return
        if not dry_run:
            said = self._patiently(lambda: self._jira.comments(issue.key))
            component = next(iter(issue.components), None) or (rule.component if rule else None)
            found = case(issue, [each for each in said if not by(each.author, us)])
            named = {"ticket_id": ticket, "tenant": tenant, "component": component}
            self._stores.cases.save(found.model_copy(update=named))
        self.progress.learned += 1

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        return patiently(ask, self._tell, self._wait)


def case(issue: Issue, comments: list[Comment]) -> Case:
    """A resolved issue as others may recall it; without what the settings say about it."""
    text = redact(clean(f"{issue.summary}\n{issue.description}"))
    return Case(
        ticket_id=issue.key,
        title=redact(clean(" ".join(issue.summary.split())) or issue.key)[:120],
        text=text[:TEXT],
        reporter=(issue.reporter or ANYBODY).subject,
        open=False,
        outcome=OutcomeKind.RESOLVED_BY_HUMAN,
        resolution=resolution(issue, comments),
        opened_at=issue.created,
        closed_at=issue.resolved or issue.updated,
    )


def resolution(issue: Issue, comments: list[Comment]) -> str:
    """How it ended: the resolution, and the last words of people, the latest ones surely."""
    people = [each for each in comments if not (each.author and each.author.bot)]
    end = (issue.resolved or issue.updated) + TOGETHER
    # What came later is about something else.
    before = [each for each in people if each.created <= end] or people
    words = [redact(clean(each.text.strip())) for each in before[-LAST_WORDS:]]
    head = [f"Resolution: {issue.resolution}"] if issue.resolution else []
    left, kept = RESOLUTION - sum(len(each) + 1 for each in head), list[str]()
    for each in reversed([each for each in words if each]):
        if left <= 0:
            break
        kept.insert(0, each[:left])
        left -= len(each) + 2
    return "\n".join([*head, "\n\n".join(kept)]).strip()[:RESOLUTION]
