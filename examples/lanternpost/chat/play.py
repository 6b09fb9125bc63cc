"""Six tickets where people are: reported, decided and read in Slack and Jira, over HTTP alone."""

import asyncio
from typing import Any

import aiohttp
from rich.console import Console
from rich.markup import escape

from lanternpost.chat.stage import APPROVER, ChatStage, Scene
from lanternpost.play import Actor
from lanternpost.tickets import SampleTicket
from mendwheel.domain.ids import ticket_id
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.reach import TicketNotFound
from mendwheel.integrations.slack import names
from tests.counterparts.people import Letter, SlackPeople, button, jira_commented, jira_created

PATIENCE = 50.0
"""Seconds for all of it."""

DECIDED = {Phase.APPROVAL, Phase.WATCH, Phase.CLOSED}
"""Phases in which a ticket waits for people, or has its outcome."""


class ChatPlay:
    """Sends what people do, and reads what they are told."""

    def __init__(self, stage: ChatStage, console: Console, session: aiohttp.ClientSession) -> None:
        self._stage = stage
        self._console = console
        self._session = session
        self._people = SlackPeople(stage.slack)
        self.actors: list[Actor] = []

    async def run(self, scene: Scene) -> list[Actor]:
        """Every ticket with its outcome. Raises TimeoutError when one does not come to an end."""
        by_role = {ticket.role: ticket for ticket in scene.tickets}
        async with asyncio.timeout(PATIENCE):
            await self._command("mara", "support", by_role["question"])
            await self._mention("tomas", "support", by_role["unanswerable"])
            key, incident = await self._issue(by_role["anomaly"])
            await self._settled(incident)
            await self._command("priya", "support", by_role["duplicate"])
            await self._command("oskar", "support", by_role["hostile"])
            second = await self._command("tomas", "operations", scene.second)
            await self._settled(second)
            await self._press(second)
            await self._comment(key, incident)
            await self._end()
        return self.actors

    async def _command(self, name: str, channel: str, ticket: SampleTicket) -> Actor:
        """`/resolve` with the report, and pasted what its reporter has of it."""
        said, where = _said(ticket), self._stage.slack.channels[channel]
        self._line(f"{name} in #{channel}: /resolve {ticket.title}")
        before = await self._newest(where)
        user = self._stage.slack.users[name]
        answer = await self._to_slack(self._people.command(user, where, said))
        self._line(f"  only {name} sees: {' '.join(_text(answer).split())[:160]}")
        return await self._appeared(ticket, channel, before)

    async def _mention(self, name: str, channel: str, ticket: SampleTicket) -> Actor:
        where = self._stage.slack.channels[channel]
        self._line(f"{name} in #{channel}: @mendwheel {ticket.title}")
        letter = await asyncio.to_thread(self._people.mentions, name, where, _said(ticket))
        before = await self._newest(where)
        await self._to_slack(letter)
        await self._to_slack(letter)  # Slack delivers at least once: twice is once
        return await self._appeared(ticket, channel, before)

    async def _issue(self, ticket: SampleTicket) -> tuple[str, Actor]:
        jira = self._stage.jira
        key = await asyncio.to_thread(jira.create, ticket.title, ticket.body, "mara")
        self._line(f"mara in Jira: {key} {ticket.title}")
        await self._to_jira(await asyncio.to_thread(jira_created, jira, key))
        tenant = self._stage.edge.settings.tenant
        actor = Actor(ticket.model_copy(update={"key": key}), ticket_id(tenant, "jira", key), "")
        self.actors.append(actor)
        return key, actor

    async def _press(self, actor: Actor) -> None:
        """The approver presses the card's button; a double click decides once."""
        slack = self._stage.slack
        where = slack.channels["operations"]
        card = await self._card(where, actor.id, names.APPROVE)
        self._line(f"{APPROVER} in #operations presses Approve on {actor.ticket.key}")
        click = self._people.click(slack.users[APPROVER], where, card, names.APPROVE)
        await asyncio.gather(self._to_slack(click), self._to_slack(click))

    async def _comment(self, key: str, actor: Actor) -> None:
        """The approver answers the question in the issue, by its code."""
        assert actor.status is not None and actor.status.approval is not None
        jira, code = self._stage.jira, actor.status.approval.code
        self._line(f"{APPROVER} in Jira comments on {key}: /approve {code}")
        said = await asyncio.to_thread(jira.comment, key, f"/approve {code}", APPROVER)
        await self._to_jira(await asyncio.to_thread(jira_commented, jira, key, said))

    async def _appeared(self, ticket: SampleTicket, channel: str, before: str) -> Actor:
        """The card that a report brought into a channel."""
        where = self._stage.slack.channels[channel]
        while True:
            for message in await asyncio.to_thread(self._stage.slack.history, where):
                if _ours(message) and str(message["ts"]) > before:
                    found = str(message["text"]).splitlines()[-1]
                    actor = Actor(ticket.model_copy(update={"key": f"#{channel}"}), found, "")
                    self.actors.append(actor)
                    return actor
            await asyncio.sleep(0.05)

    async def _newest(self, channel: str) -> str:
        said = await asyncio.to_thread(self._stage.slack.history, channel)
        return str(said[-1]["ts"]) if said else ""

    async def _card(self, channel: str, ticket: str, action: str) -> dict[str, Any]:
        """The card of `ticket`, once it has the button `action`."""
        while True:
            for message in await asyncio.to_thread(self._stage.slack.history, channel):
                if _ours(message) and ticket in message["text"] and _has(message, action):
                    return message
            await asyncio.sleep(0.05)

    async def _settled(self, actor: Actor) -> None:
        while actor.status is None or actor.status.phase not in DECIDED:
            await self._look(actor)
            await asyncio.sleep(0.05)

    async def _end(self) -> None:
        """Until each ticket has its outcome and each card says so."""
        while not all(actor.done for actor in self.actors):
            for actor in self.actors:
                await self._look(actor)
            await asyncio.sleep(0.1)
        for channel in ("support", "operations"):
            where = self._stage.slack.channels[channel]
            while not all(map(_final, await asyncio.to_thread(self._stage.slack.history, where))):
                await asyncio.sleep(0.1)

    async def _look(self, actor: Actor) -> None:
        """Fetch the state and print what is new in the ticket's timeline."""
        if actor.done:
            return
        try:
            actor.status = await self._stage.edge.reach.status(actor.id)
            steps = (await self._stage.edge.reach.timeline(actor.id)).steps
        except TicketNotFound:
            return
        for step in steps[actor.shown :]:
            self._line(f"  {actor.ticket.key} {actor.ticket.role}: {step.text}")
        actor.shown = len(steps)

    async def _to_slack(self, letter: Letter) -> str:
        headers = letter.slack_headers(self._stage.slack.signing_secret)
        return await self._post("/slack/events", letter.body, headers)

    async def _to_jira(self, letter: Letter) -> str:
        headers = letter.jira_headers(self._stage.jira.webhook_secret)
        return await self._post("/jira/webhook", letter.body, headers)

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> str:
        async with self._session.post(self._stage.url + path, data=body, headers=headers) as got:
            text = await got.text()
            if got.status != 200:
                raise RuntimeError(f"{path} answered {got.status}: {text[:300]}")
            return text

    def _line(self, text: str) -> None:
        self._console.print(escape(text), highlight=False, soft_wrap=True)
