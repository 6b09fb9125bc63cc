"""What is kept between two looks at an issue: who was heard, what was handed on, how it stood.

Synchronous; every method may raise StoreUnavailable.
"""

from datetime import datetime

from pydantic import BaseModel

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import ticket_id
from mendwheel.integrations.jira.drafting import SYSTEM
from mendwheel.integrations.jira.issue import Comment, Issue
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

_STARTED = "started"


class Heard(BaseModel):
    """What an issue held when its ticket began. Ids, because clocks and orders deceive."""

    comments: set[str] = set()
    changes: set[str] = set()

    @classmethod
    def so_far(cls, issue: Issue) -> "Heard":
        return cls(
            comments={comment.id for comment in issue.comments},
            changes={change.id for change in issue.changes},
        )

    @classmethod
    def before(cls, issue: Issue, moment: datetime) -> "Heard":
        """For a ticket that began elsewhere at `moment`."""
        return cls(
            comments={each.id for each in issue.comments if each.created < moment},
            changes={each.id for each in issue.changes if each.at < moment},
        )


class _Categories(BaseModel):
    known: dict[str, str] = {}


class Memory:
    """Kept in the store, so that any worker goes on where another one was."""

    def __init__(self, stores: Stores, settings: Settings) -> None:
        self._stores = stores
        self._settings = settings

    def ticket(self, issue: Issue) -> str:
        """The issue's ticket, begun or not. An issue that was moved keeps the one it had."""
        rule = self._settings.rule(f"{SYSTEM}:{issue.key}")
        tenant = (rule.tenant if rule else None) or self._settings.tenant
        return self._stores.threads.ticket(self._thread(issue)) or ticket_id(
            tenant, SYSTEM, issue.key
        )

    def heard(self, issue: Issue, ticket: str) -> Heard | None:
        """None: the ticket has not begun."""
        case = self._stores.cases.get(ticket)
        head = case.head if case else None  # a case without one was learned, not worked on
        if head is None and not self.seen(ticket, _STARTED):
            return None
        kept = self._stores.cursors.get(_heard(ticket))
        if kept or head is None:
            return Heard.model_validate_json(kept) if kept else Heard()
        return Heard.before(issue, head.opened_at)

    def begin(self, issue: Issue, ticket: str) -> None:
        """Before the start: what is there now is in the draft, what comes later is news."""
        self._stores.threads.bind(self._thread(issue), ticket)
        self._stores.cursors.set(_heard(ticket), Heard.so_far(issue).model_dump_json())

    def started(self, ticket: str) -> None:
        """After the start: until this is noted, the issue counts as one without a ticket."""
        self.note(ticket, _STARTED)

    def seen(self, ticket: str, what: str) -> bool:
        return self._stores.deliveries.seen(SYSTEM, f"{ticket}/{what}")

    def note(self, ticket: str, what: str) -> None:
        self._stores.deliveries.note(SYSTEM, f"{ticket}/{what}")

    def categories(self, issue: Issue) -> dict[str, str]:
        """Status id → category, as far as any issue has shown it; `issue` adds its own."""
        name = f"jira-statuses-{self._settings.jira_base_url}"
        kept = self._stores.cursors.get(name)
        known = _Categories.model_validate_json(kept).known if kept else {}
        if issue.status_id and issue.category and known.get(issue.status_id) != issue.category:
            known[issue.status_id] = issue.category
            self._stores.cursors.set(name, _Categories(known=known).model_dump_json())
        return known

    def category(self, ticket: str) -> str:
        """As the issue stood at the last look; empty before the first."""
        return self._stores.cursors.get(_category(ticket))

    def keep_category(self, ticket: str, category: str) -> None:
        if category and category != self.category(ticket):
            self._stores.cursors.set(_category(ticket), category)

    def said(self, comment: Comment) -> str | None:
        """What a comment of ours said when nobody else had touched it; None: never seen so."""
        kept = self._stores.cursors.get(_said(comment))
        if not kept:
            return None
        try:
            return self._stores.artifacts.get(ArtifactRef.model_validate_json(kept))
        except LookupError:  # it was forgotten
            return None

    def keep_said(self, tenant: str, ticket: str, comment: Comment) -> None:
        """Remember our own words, to tell later what somebody made of them."""
        ref = self._stores.artifacts.put(tenant, comment.text, ticket).model_dump_json()
        if self._stores.cursors.get(_said(comment)) != ref:
            self._stores.cursors.set(_said(comment), ref)

    def _thread(self, issue: Issue) -> str:
        return f"{SYSTEM}-issue:{self._settings.jira_base_url}#{issue.id}"


def _heard(ticket: str) -> str:
    return f"jira-heard-{ticket}"


def _category(ticket: str) -> str:
    return f"jira-category-{ticket}"


def _said(comment: Comment) -> str:
    return f"jira-said-{comment.id}"
