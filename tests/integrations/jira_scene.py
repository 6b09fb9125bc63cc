"""A Jira, the suite at work on it, and the inbox in between."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.domain.hint import Hint, Taken
from mendwheel.domain.ids import ticket_id
from mendwheel.domain.outcome import FactKind
from mendwheel.domain.ticket import Information, Report
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.jira.client import JiraClient
from mendwheel.integrations.jira.inbox import JiraInbox
from mendwheel.integrations.jira.tracker import JiraBoard
from mendwheel.settings import Settings
from mendwheel.testing import JiraIssue, JiraSide
from mendwheel.workers import options
from tests.integrations.served_app import changed
from tests.workflows.stage import Stage, own_settings, staged
from tests.workflows.tickets import QUESTION, incident

PEOPLE = """
[people]
ada = ["jira:{ann}"]
grace = ["jira:{ben}"]
"""


class Scene:
    """Ann reports and approves, Ben as well; hints are given by hand unless a test serves them."""

    def __init__(self, stage: Stage, jira: JiraSide) -> None:
        self.stage = stage
        self.jira = jira
        # Its own, because all tests share one Temporal, where a ticket is named by its issue.
        self.project = f"P{os.urandom(4).hex().upper()}"
        jira.site.projects[self.project] = "software"
        self.client = JiraClient(stage.settings)
        self.edge = Edge.over(stage.client, stage.stores, stage.settings)
        board = JiraBoard(stage.settings, self.client)
        self.inbox = JiraInbox(self.edge, self.client, stage.settings, board)
        assert stage.settings.policy is not None
        with stage.settings.policy.open("a", encoding="utf-8") as policy:
            policy.write(PEOPLE.format(ann=jira.ann.id, ben=jira.ben.id))

    def issue(self, summary: str = QUESTION, description: str | None = None) -> JiraIssue:
        return self.jira.add_issue(summary, description, project=self.project)

    def ticket(self, issue: JiraIssue) -> str:
        return ticket_id(self.stage.settings.tenant, "jira", issue.key)

    async def take(self, issue: JiraIssue, event: str = "jira:issue_updated", **of: Any) -> Taken:
        """The issue is looked at because of `event`; each time by another delivery."""
        said = {"delivery_id": secrets.token_hex(8)} | of
        return await self.inbox.take(Hint(system="jira", key=issue.key, event=event, **said))

    async def incident(self) -> JiraIssue:
        """An issue whose ticket, with recorded evidence, waits for a decision.

        Reported by Ben in another place, so that Ann may approve it alone.
        """
        issue = self.jira.add_issue(
            "A service is broken", user=self.jira.ben, project=self.project, quiet=True
        )
        place = f"jira:{issue.key}"
        reporter = f"jira:{self.jira.ben.id}"
        draft = incident(system="jira", key=issue.key, place=place, reporter=reporter)
        await self.stage.submit(draft)
        await self.stage.question(self.ticket(issue))
        return issue

    def code(self, issue: JiraIssue) -> str:
        asked = self.stage.stores.questions.open(self.ticket(issue))
        assert asked is not None
        return asked.code

    def replies(self, issue: JiraIssue) -> list[str]:
        """What commands that do not count were answered with."""
        ours = self.jira.comments(issue.key, by_app=True)
        return [comment.text for comment in ours if "does not count" in comment.text]

    def report(self, issue: JiraIssue) -> Report:
        case = self.stage.stores.cases.get(self.ticket(issue))
        assert case is not None
        assert case.head is not None
        text = self.stage.stores.artifacts.get(case.head.report)
        return Report.model_validate_json(text)

    def facts(self, issue: JiraIssue) -> list[FactKind]:
        return [fact.kind for fact in self.stage.stores.outcomes.facts(self.ticket(issue))]

    async def signals(self, issue: JiraIssue, name: str) -> list[Any]:
        """Payloads of the signals `name` that the ticket's latest run has got."""
        history = await self.stage.handle(self.ticket(issue)).fetch_history()
        converter = self.stage.client.data_converter.payload_converter
        sent = [each.workflow_execution_signaled_event_attributes for each in history.events]
        kinds = [Information] if name == "inform" else None
        return [
            converter.from_payloads(each.input.payloads, kinds)[0]
            for each in sent
            if each.signal_name == name
        ]

    async def said(self, issue: JiraIssue) -> list[str]:
        """Texts of the information that the ticket's latest run has got."""
        get = self.stage.stores.artifacts.get
        return [get(each.text) for each in await self.signals(issue, "inform")]


def jira_settings(folder: Path, name: str, jira: JiraSide, **limits: float) -> Settings:
    return changed(
        own_settings(folder, name, **limits),
        jira_base_url=jira.base_url,
        jira_user=jira.user,
        jira_token=jira.token,
        jira_deployment=jira.deployment,
        jira_webhook_secret=jira.webhook_secret,
    )


@asynccontextmanager
async def playing(client: Client, settings: Settings, jira: JiraSide) -> AsyncIterator[Scene]:
    """The suite at work on `jira`.

    Workflows stay cached, other than on the stage: what is tested is what reaches them, and
    replaying every task takes most of the time.
    """
    async with staged(client, settings, working=False) as stage:
        scene = Scene(stage, jira)
        worker = Worker(
            stage.client, task_queue=settings.task_queue, plugins=[stage.plugin], **options()
        )
        try:
            async with worker, stage.host():
                yield scene
        finally:
            scene.client.close()
