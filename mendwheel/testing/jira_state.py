"""A Jira site in memory: people, issues with everything on them, and what changed when."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mendwheel.testing import adf

Json = dict[str, Any]

CATEGORIES = {"new": (2, "To Do"), "indeterminate": (4, "In Progress"), "done": (3, "Done")}
BOT_ID = "712020:local-app"


class JiraProblem(Exception):
    """A refusal, in the shape in which Jira words them."""

    def __init__(self, status: int, *messages: str, detail: str = "", **errors: str) -> None:
        super().__init__("; ".join((*messages, *errors.values())))
        self.status = status
        self.body: Json = {"errorMessages": list(messages), "errors": errors}
        self.detail = detail


@dataclass
class JiraPerson:
    """Cloud: `id` is the account id; Data Center: the user name."""

    id: str
    name: str
    email: str = ""
    app: bool = False


@dataclass
class JiraStatus:
    id: str
    name: str
    category: str


@dataclass
class JiraTransition:
    """`fields`: as `expand=transitions.fields` gives them; `start`: from any status when empty."""

    id: str
    name: str
    to: str
    fields: Json = field(default_factory=dict)
    start: set[str] = field(default_factory=set)


@dataclass
class JiraComment:
    """`body` is ADF on Cloud and text on Data Center."""

    id: str
    author: JiraPerson
    body: Any
    created: datetime
    updated: datetime
    editor: JiraPerson
    properties: Json = field(default_factory=dict)
    visibility: Json | None = None

    @property
    def text(self) -> str:
        return adf.to_text(self.body)


@dataclass
class JiraChange:
    """One changelog entry; items as Jira gives them."""

    id: str
    at: datetime
    author: JiraPerson
    items: list[Json]


@dataclass
class JiraIssue:
    """`description` is ADF or None on Cloud, text or None on Data Center."""

    key: str
    id: str
    summary: str
    description: Any
    status: str
    reporter: JiraPerson | None
    created: datetime
    updated: datetime
    kind: str = "Task"
    priority: str = "Medium"
    resolution: str | None = None
    resolved: datetime | None = None
    assignee: JiraPerson | None = None
    labels: list[str] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    extra: Json = field(default_factory=dict)
    comments: list[JiraComment] = field(default_factory=list)
    changes: list[JiraChange] = field(default_factory=list)
    properties: Json = field(default_factory=dict)
    links: list[Json] = field(default_factory=list)

    @property
    def project(self) -> str:
        return self.key.rpartition("-")[0]


@dataclass
class News:
    """Something happened, for whoever sends webhooks."""

    event: str
    issue: JiraIssue
    who: JiraPerson
    change: JiraChange | None = None
    comment: JiraComment | None = None


class JiraSite:
    """State of a site. `lock` is held by whoever changes it."""

    def __init__(self, *, cloud: bool, origin: str, bot_email: str) -> None:
        self.cloud = cloud
        self.origin = origin
        self.lock = threading.RLock()
        self.people: dict[str, JiraPerson] = {}
        self.projects: dict[str, str] = {}
        self.roles: dict[tuple[str, str], list[str]] = {}
        """By project and role: ids of people, names of groups."""
        self.groups: dict[str, list[str]] = {}
        self.issues: dict[str, JiraIssue] = {}
        self.statuses: dict[str, JiraStatus] = {}
        self.transitions: list[JiraTransition] = []
        self.resolutions = ["Done", "Won't Do", "Duplicate"]
        self.listeners: list[Callable[[News], None]] = []
        self._numbers = itertools.count(10_001)
        self.bot = self.add_person(BOT_ID if cloud else "mendwheel", "App", bot_email, app=True)
        for id, name, category in (
            ("10000", "To Do", "new"),
            ("3", "In Progress", "indeterminate"),
            ("10001", "Done", "done"),
        ):
            self.add_status(id, name, category)

    def number(self) -> str:
        """10001, 10002 …, for ids."""
        return str(next(self._numbers))

    def add_person(self, id: str, name: str, email: str = "", *, app: bool = False) -> JiraPerson:
        person = JiraPerson(id, name, email, app)
        self.people[id] = person
        return person

    def add_status(self, id: str, name: str, category: str) -> JiraTransition:
        """A status, and a transition to it from every other one."""
        self.statuses[name] = JiraStatus(id, name, category)
        transition = JiraTransition(str(len(self.transitions) * 10 + 11), name, name)
        self.transitions.append(transition)
        return transition

    def person(self, id: str) -> JiraPerson:
        """Raises LookupError: nobody has this id."""
        if id not in self.people:
            raise LookupError(f"nobody has the id {id!r}: use add_person() first")
        return self.people[id]

    def issue(self, key: str) -> JiraIssue:
        """By key or id. Raises JiraProblem: 404."""
        for issue in list(self.issues.values()):
            if key in (issue.key, issue.id):
                return issue
        said = "Issue does not exist or you do not have permission to see it."
        raise JiraProblem(404, said)

    def native(self, text: str | None) -> Any:
        """`text` as this deployment stores it."""
        return adf.from_text(text) if self.cloud and text is not None else text

    def change(self, issue: JiraIssue, who: JiraPerson, items: list[Json]) -> JiraChange | None:
        """Note what `who` changed, and tell it; nothing changed, nothing told."""
        if not items:
            return None
        change = JiraChange(self.number(), now(), who, items)
        issue.changes.append(change)
        issue.updated = change.at
        self.tell(News("jira:issue_updated", issue, who, change=change))
        return change

    def tell(self, news: News) -> None:
        for listener in self.listeners:
            listener(news)


def now() -> datetime:
    """The time with the milliseconds that Jira keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def item(field: str, before: str | None, after: str | None, **ids: str | None) -> Json:
    """One changed field; `ids`: `was` and `to`, where the field has ids."""
    kind = {"field": field, "fieldtype": "jira", "fieldId": field}
    was, to = ids.get("was"), ids.get("to")
    return {**kind, "from": was, "fromString": before, "to": to, "toString": after}
