"""Jira's REST API as far as it is used: v3 with ADF on Cloud, v2 with wiki markup elsewhere.

Synchronous, for activity threads. Every method raises PlaceError; none retries.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mendwheel.integrations.jira import reading
from mendwheel.integrations.jira.body import written
from mendwheel.integrations.jira.connection import Connection, quoted
from mendwheel.integrations.jira.errors import reading_answer
from mendwheel.integrations.jira.issue import Comment, Issue, Page, Person
from mendwheel.integrations.jira.marker import Mark, marked
from mendwheel.integrations.jira.writing import Writing
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

PAGE = 100


class JiraClient(Writing):
    """One Jira site, as one account. Made without a request, so that a start never waits."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Connection(settings))
        self._lock = threading.Lock()
        self._me: Person | None = None
        self._desks: dict[str, bool] = {}

    @property
    def cloud(self) -> bool:
        return self.http.cloud

    def close(self) -> None:
        """Let go of all connections."""
        self.http.close()

    def browse_url(self, key: str, comment: str = "") -> str:
        """Where a browser finds the issue, or one comment of it."""
        url = f"{self.http.base_url}/browse/{quoted(key)}"
        return f"{url}?focusedCommentId={quoted(comment)}" if comment else url

    def myself(self) -> Person:
        """The account that we are; asked once."""
        with self._lock:
            if self._me is None:
                raw = self.http.get("myself", "jira", "tell who we are")
                with reading_answer("jira", "tell who we are"):
                    found = reading.person(raw)
                    if found is None:
                        raise ValueError("nobody")
                    self._me = found
            return self._me

    def read(self, key: str) -> Issue:
        """The issue with all comments and, where Jira keeps them, changes.

        A moved issue comes back under its new key.
        """
        where, doing = f"jira:{key}", f"read {key}"
        raw = self.http.get(
            f"issue/{quoted(key)}", where, doing, fields=reading.FIELDS, expand="changelog"
        )
        with reading_answer(where, doing):
            found = reading.issue(raw, self.http.base_url)
            listed = raw.get("changelog") or {}
            if self.cloud and listed.get("total", 0) > len(listed.get("histories") or []):
                found.changes = reading.changes(self._changelog(key))
            project = raw["fields"].get("project") or {}
            if "projectTypeKey" in project:
                self._desks[found.project] = found.service_desk
        found.service_desk = self.service_desk(found.project)
        found.comments = self.comments(key)
        return found

    def project(self, key: str) -> str:
        """The key of the project that the issue is in now; the one in its key where unsaid."""
        fields = self.fields(key, ["project"])
        named = (fields.get("project") or {}).get("key")
        return str(named) if named else key.rpartition("-")[0]

    def service_desk(self, project: str) -> bool:
        """Whether comments in `project` can be internal; asked once per project."""
        if project not in self._desks:
            doing = f"read project {project}"
            raw = self.http.get(f"project/{quoted(project)}", f"jira:{project}", doing)
            with reading_answer(f"jira:{project}", doing):
                self._desks[project] = raw.get("projectTypeKey") == "service_desk"
        return self._desks[project]

    def comments(self, key: str) -> list[Comment]:
        """All comments, oldest first; our own bear the effect key they were written under."""
        me = self.myself()
        with reading_answer(f"jira:{key}", f"read the comments of {key}"):
            return reading.comments(list(self._comments(key, "created")), me)

    def search(
        self, jql: str, *, fields: Sequence[str] = (), next: str = "", limit: int = PAGE
    ) -> Page:
        """Issues that match, without comments and changes unless `fields` names `comment`.

        `next` is what the page before said. A site that knows this search no more is told by
        PlaceError of kind 404, 405 or 410.
        """
        wanted = [*reading.FIELDS.split(","), *fields]
        try:
            raw = self._found(jql, wanted, next, limit)
        except PlaceError as error:
            if error.kind in ("404", "405", "410"):
                other = "datacenter" if self.cloud else "cloud"
                raise PlaceError(
                    "jira",
                    error.kind,
                    f"this Jira has no such search ({error.kind}): is jira_deployment {other}?",
                ) from None
            raise
        with reading_answer("jira", "search"):
            issues = [reading.issue(each, self.http.base_url) for each in raw["issues"]]
            return Page(issues=issues, next=self._next(raw, next, len(issues)))

    def _found(self, jql: str, fields: list[str], next: str, limit: int) -> Any:
        if self.cloud:
            query: dict[str, Any] = {"jql": jql, "fields": fields, "maxResults": limit}
            if next:
                query["nextPageToken"] = next
            return self.http.send("POST", "search/jql", "jira", "search", json=query)
        params = {"jql": jql, "fields": ",".join(fields), "maxResults": limit}
        return self.http.get("search", "jira", "search", startAt=int(next or 0), **params)

    def _next(self, raw: Mapping[str, Any], before: str, count: int) -> str:
        if self.cloud:
            return "" if raw.get("isLast") else str(raw.get("nextPageToken") or "")
        seen = int(before or 0) + count
        return str(seen) if count and seen < int(raw.get("total", 0)) else ""

    def add_comment(
        self,
        key: str,
        markdown: str,
        mark: Mark,
        internal: bool = False,
        mention: Sequence[str] = (),
    ) -> str:
        """The id of a new comment. `mention`: ids of people (Cloud: accountIds) to call."""
        where, doing = f"jira:{key}", f"comment on {key}"
        body = self._comment(markdown, mark, internal, mention)
        raw = self.http.send("POST", f"issue/{quoted(key)}/comment", where, doing, json=body)
        with reading_answer(where, doing):
            return str(raw["id"])

    def edit_comment(
        self, key: str, comment: str, markdown: str, mark: Mark, internal: bool = False
    ) -> None:
        """Replace what a comment says. Kind `comment_gone` when somebody has deleted it."""
        path = f"issue/{quoted(key)}/comment/{quoted(comment)}"
        body = self._comment(markdown, mark, internal, ())
        try:
            self.http.send("PUT", path, f"jira:{key}", f"edit our comment on {key}", json=body)
        except PlaceError as error:
            if error.kind != "404":
                raise
            raise PlaceError(
                f"jira:{key}",
                "comment_gone",
                f"our comment {comment} on {key} is gone, or the account cannot see it",
            ) from None

    def _comment(
        self, markdown: str, mark: Mark, internal: bool, mention: Sequence[str]
    ) -> dict[str, Any]:
        body = written(markdown, cloud=self.cloud, closing=mark.line, mention=mention)
        return {"body": body, "properties": mark.properties(internal)}

    def find_comment(self, key: str, marker: str) -> str | None:
        """Id of our own comment written under `marker`, or of the first part when all are there."""
        parts = self.find_parts(key, marker)
        return parts[1][0] if 1 in parts and len(parts) >= parts[1][1] else None

    def find_parts(self, key: str, marker: str) -> dict[int, tuple[str, int]]:
        """Part number → id and number of parts, of what was written under `marker`.

        Looks from the newest back and stops when all are found. Parts of one second may stand
        in any order.
        """
        me, found = self.myself(), dict[int, tuple[str, int]]()
        with reading_answer(f"jira:{key}", f"look for our comment on {key}"):
            for raw in self._comments(key, "-created"):
                author = reading.person(raw.get("author"))
                if author is None or author.id != me.id:
                    continue
                mark = marked(reading.body_text(raw.get("body")), raw.get("properties"))
                if mark is not None and mark.key == marker:
                    found[mark.part] = (str(raw["id"]), mark.of)
                    if len(found) >= mark.of:
                        break
        return found

    def mark_of(self, key: str, comment: str) -> Mark | None:
        """The mark that one comment of ours bears; None where that cannot be told."""
        where, doing = f"jira:{key}", f"read our comment on {key}"
        path = f"issue/{quoted(key)}/comment/{quoted(comment)}"
        try:
            raw = self.http.get(path, where, doing, expand="properties")
        except PlaceError as error:
            if error.kind in ("404", "405"):
                return None
            raise
        with reading_answer(where, doing):
            return marked(reading.body_text(raw.get("body")), raw.get("properties"))

    def _comments(self, key: str, order: str) -> Iterator[Mapping[str, Any]]:
        path, doing = f"issue/{quoted(key)}/comment", f"read the comments of {key}"
        return self._pages(
            path, f"jira:{key}", doing, "comments", orderBy=order, expand="properties"
        )

    def _changelog(self, key: str) -> list[Mapping[str, Any]]:
        path, doing = f"issue/{quoted(key)}/changelog", f"read the changes of {key}"
        return list(self._pages(path, f"jira:{key}", doing, "values"))

    def _pages(
        self, path: str, where: str, doing: str, name: str, **params: Any
    ) -> Iterator[Mapping[str, Any]]:
        seen = 0
        while True:
            page = self.http.get(path, where, doing, startAt=seen, maxResults=PAGE, **params)
            items = page[name]
            yield from items
            seen += len(items)
            if not items or seen >= int(page.get("total", 0)):
                return
