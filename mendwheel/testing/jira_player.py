"""People of a Jira site at work, and the webhooks that tell an app of it."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mendwheel.testing import jira_comments, jira_editing, jira_issues
from mendwheel.testing.jira_state import (
    JiraChange,
    JiraComment,
    JiraIssue,
    JiraPerson,
    JiraSite,
    Json,
    News,
    item,
)
from mendwheel.testing.jira_webhooks import Proof, body_of, headers_of, identifier
from mendwheel.testing.sending import Answer, post
from mendwheel.testing.serving import Served, pause

_AGAIN = frozenset({0, 408, 409, 425, 429, *range(500, 600)})


@dataclass
class SentWebhook:
    """One delivery made by itself; `answer` is None while it is under way."""

    event: str
    key: str
    who: str
    identifier: str
    at: float
    retry: int = 0
    answer: Answer | None = None


class JiraPlayer(Served):
    """Half of `JiraSide`. `user` is a person or an id; by default Ann.

    Set `webhook_url`, and every change is sent there by itself, the app's own changes too. A
    delivery that fails is repeated twice, under the same identifier.
    """

    site: JiraSite
    ann: JiraPerson
    webhook_secret: str
    webhook_url: str | None = None
    webhook_proof: Proof = "hmac"
    webhook_copies = 1
    """How often each delivery is made; more than one, as a cluster sometimes does."""
    webhook_retry_after = 0.5
    """Seconds before a repetition; Jira itself waits for minutes."""
    webhook_most = 100
    """Deliveries for one issue; a loop ends there, and can be told by it."""
    sent: list[SentWebhook]

    def add_issue(
        self,
        summary: str,
        description: str | None = None,
        *,
        project: str = "PROJ",
        user: JiraPerson | str | None = None,
        quiet: bool = False,
        **fields: Any,
    ) -> JiraIssue:
        """Somebody reports something; `fields` as `JiraIssue` names them."""
        who = self._person(user)
        with self._changing(quiet):
            described = self.site.native(description)
            made = {"description": described, "reporter": who, **fields}
            issue = jira_issues.add(self.site, project, summary, **made)
            self.site.tell(News("jira:issue_created", issue, who))
        return issue

    def human_comment(
        self, key: str, text: str, user: JiraPerson | str | None = None, *, quiet: bool = False
    ) -> JiraComment:
        """Somebody comments; one paragraph per line."""
        with self._changing(quiet):
            issue, who = self.site.issue(key), self._person(user)
            return jira_comments.add(self.site, issue, who, self.site.native(text))

    def human_edits(
        self,
        comment: JiraComment | str,
        text: str,
        user: JiraPerson | str | None = None,
        *,
        quiet: bool = False,
    ) -> JiraComment:
        """Somebody changes a comment, whoever wrote it. Raises LookupError: it is not there."""
        wanted = comment if isinstance(comment, str) else comment.id
        with self._changing(quiet):
            for issue in self.site.issues.values():
                for each in issue.comments:
                    if each.id == wanted:
                        who, body = self._person(user), self.site.native(text)
                        jira_comments.edit(self.site, issue, who, each, body)
                        return each
        raise LookupError(f"no comment has the id {wanted}: look at side.comments(key)")

    def human_transition(
        self, key: str, to: str, user: JiraPerson | str | None = None, *, quiet: bool = False
    ) -> JiraChange | None:
        """Somebody moves an issue to the status named `to`."""
        with self._changing(quiet):
            issue = self.site.issue(key)
            items = jira_editing.set_status(self.site, issue, to)
            return self.site.change(issue, self._person(user), items)

    def human_assign(
        self,
        key: str,
        assignee: JiraPerson | str | None,
        user: JiraPerson | str | None = None,
        *,
        quiet: bool = False,
    ) -> JiraChange | None:
        """Somebody gives an issue to `assignee`, or to nobody."""
        with self._changing(quiet):
            issue = self.site.issue(key)
            items = jira_editing.set_assignee(issue, (assignee and self._person(assignee)) or None)
            return self.site.change(issue, self._person(user), items)

    def human_labels(
        self, key: str, *labels: str, user: JiraPerson | str | None = None, quiet: bool = False
    ) -> JiraChange | None:
        """Somebody adds labels."""
        with self._changing(quiet):
            issue = self.site.issue(key)
            before, issue.labels = issue.labels, [*issue.labels, *labels]
            items = [item("labels", " ".join(before), " ".join(issue.labels))]
            return self.site.change(issue, self._person(user), items)

    def news(self, event: str, key: str, user: JiraPerson | str | None = None) -> News:
        """What a webhook for `event` is about: the latest comment or change of the issue."""
        issue, who = self.site.issue(key), self._person(user)
        if event.startswith("comment_"):
            return News(event, issue, who, comment=issue.comments[-1])
        changed = event == "jira:issue_updated" and issue.changes
        return News(event, issue, who, change=issue.changes[-1] if changed else None)

    async def webhook(
        self,
        app_url: str,
        news: News,
        *,
        name: str | None = None,
        retry: int = 0,
        proof: Proof = "hmac",
        secret: str | None = None,
    ) -> Answer:
        """One delivery of `news`; the same `name` makes it a redelivery."""
        body = body_of(self.site, news)
        return await self.webhook_body(
            app_url, body, name=name, retry=retry, proof=proof, secret=secret
        )

    async def webhook_body(
        self,
        app_url: str,
        body: Json | bytes,
        *,
        name: str | None = None,
        retry: int = 0,
        proof: Proof = "hmac",
        secret: str | None = None,
    ) -> Answer:
        """Any body; bytes are sent as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        secret = self.webhook_secret if secret is None else secret
        known = name or identifier()
        headers = headers_of(proof, secret, raw, identifier=known, retry=retry)
        return await post(app_url, raw, headers)

    def announce(self, news: News) -> None:
        """Listener of the site: sends webhooks by itself."""
        told = sum(1 for each in self.sent if each.key == news.issue.key)
        if self.webhook_url is None or told >= self.webhook_most:
            return
        body, name = body_of(self.site, news), identifier()
        for _ in range(self.webhook_copies):
            self.soon(self._deliver(self.webhook_url, news, body, name))

    async def _deliver(self, url: str, news: News, body: Json, name: str) -> None:
        for retry in range(3):
            now = time.monotonic()
            sent = SentWebhook(news.event, news.issue.key, news.who.id, name, now, retry)
            self.sent.append(sent)
            deliver = self.webhook_body(url, body, name=name, retry=retry, proof=self.webhook_proof)
            sent.answer = await deliver
            if sent.answer.status not in _AGAIN or self.closing.is_set():
                return
            await pause(self.webhook_retry_after, self.closing)

    async def last_things(self) -> None:
        """No delivery outlives the side."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    @contextmanager
    def _changing(self, quiet: bool) -> Iterator[None]:
        with self.site.lock:
            listeners = self.site.listeners
            self.site.listeners = [] if quiet else listeners
            try:
                yield
            finally:
                self.site.listeners = listeners

    def _person(self, user: JiraPerson | str | None) -> JiraPerson:
        if isinstance(user, str):
            return self.site.person(user)
        return user or self.ann
