"""Six tickets where people are: reported, decided and read in Slack and Jira, over HTTP alone."""

import asyncio

import aiohttp
from rich.console import Console
from rich.markup import escape

from lanternpost.chat.cards import Cards
from lanternpost.chat.stage import APPROVER, ChatStage, Scene
from lanternpost.play import Actor
from lanternpost.tickets import SampleTicket
from mendwheel.domain.ids import ticket_id
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.reach import TicketNotFound
from mendwheel.integrations.slack import names
from tests.counterparts.people import Letter, SlackPeople, jira_commented, jira_created

PASTED = 5
"""Lines of its log that somebody who reports an incident pastes."""

PATIENCE = 45.0
"""Seconds for all of it."""

SETTLED = {Phase.APPROVAL, Phase.WATCH, Phase.CLOSED}
"""Phases in which a ticket waits for people, or has its outcome."""


class ChatPlay:
    """Sends what people do, and watches what comes of it."""

    def __init__(self, stage: ChatStage, console: Console, session: aiohttp.ClientSession) -> None:
        self._stage = stage
        self._console = console
        self._session = session
        self._people = SlackPeople(stage.slack)
        self._cards = {
            name: Cards(stage.slack, stage.slack.channels[name])
            for name in ("support", "operations")
        }
        self.actors: list[Actor] = []

    async def run(self, scene: Scene) -> list[Actor]:
        """Every ticket with its outcome. Raises TimeoutError when one does not come to an end."""
        by_role = {ticket.role: ticket for ticket in scene.tickets}
        async with asyncio.timeout(PATIENCE):
            await self._command("mara", "support", by_role["question"])
            await self._mention("tomas", "support", by_role["unanswerable"])
            incident = await self._issue("mara", by_role["anomaly"])
            # The incident is known before it is reported a second time.
            await self._settled(incident)
            await self._command("priya", "support", by_role["duplicate"])
            await self._command("oskar", "support", by_role["hostile"])
            second = await self._command("tomas", "operations", scene.second)
            await self._settled(second)
            await self._press(second)
            await self._comment(incident)
            await self._end()
        return self.actors

    async def _command(self, name: str, channel: str, ticket: SampleTicket) -> Actor:
        """`/resolve` with the report; its answer is for the reporter's eyes only."""
        self._line(f"\n{name} in #{channel}: /resolve {ticket.title}")
        cards, known = self._cards[channel], await self._cards[channel].all()
        user = self._stage.slack.users[name]
        await self._to_slack(self._people.command(user, cards.channel, _said(ticket)))
        return self._enter(ticket, name, f"#{channel}", await cards.appeared(known))

    async def _mention(self, name: str, channel: str, ticket: SampleTicket) -> Actor:
        self._line(f"\n{name} in #{channel}: @mendwheel {ticket.title} (delivered twice)")
        cards, known = self._cards[channel], await self._cards[channel].all()
        letter = await asyncio.to_thread(self._people.mentions, name, cards.channel, _said(ticket))
        await self._to_slack(letter)
        await self._to_slack(letter)  # Slack delivers at least once; it is one ticket
        return self._enter(ticket, name, f"#{channel}", await cards.appeared(known))

    async def _issue(self, name: str, ticket: SampleTicket) -> Actor:
        """An issue in Jira, which is followed in #operations too."""
        jira = self._stage.jira
        said = ticket.title, _described(ticket), name, ticket.component
        key = await asyncio.to_thread(jira.create, *said)
        self._line(f"\n{name} in Jira: {key} {ticket.title}")
        await self._to_jira(await asyncio.to_thread(jira_created, jira, key))
        tenant = self._stage.edge.settings.tenant
        return self._enter(ticket, name, key, ticket_id(tenant, "jira", key))

    async def _press(self, actor: Actor) -> None:
        """The approver presses the card's button; a double click decides once."""
        slack, cards = self._stage.slack, self._cards["operations"]
        card = await cards.asking(actor.id)
        self._line(f"\n{APPROVER} in #operations presses Approve, twice")
        click = self._people.click(slack.users[APPROVER], cards.channel, card, names.APPROVE)
        await asyncio.gather(self._to_slack(click), self._to_slack(click))

    async def _comment(self, actor: Actor) -> None:
        """The approver answers the question in the issue, by its code."""
        assert actor.status is not None
        assert actor.status.approval is not None
        jira, key, code = self._stage.jira, actor.ticket.key, actor.status.approval.code
        self._line(f"\n{APPROVER} comments on {key}: /approve {code}")
        said = await asyncio.to_thread(jira.comment, key, f"/approve {code}", APPROVER)
        await self._to_jira(await asyncio.to_thread(jira_commented, jira, key, said))

    async def _settled(self, actor: Actor) -> None:
        while actor.status is None or actor.status.phase not in SETTLED:
            await self._look(actor)
            await asyncio.sleep(0.05)

    async def _end(self) -> None:
        """Until each ticket has its outcome and each card says so."""
        while not all(actor.done for actor in self.actors):
            for actor in self.actors:
                await self._look(actor)
            await asyncio.sleep(0.1)
        for cards in self._cards.values():
            await cards.final()

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
            self._line(f"  {actor.ticket.key} ({actor.ticket.role}) {step.text}")
        actor.shown = len(steps)

    def _enter(self, ticket: SampleTicket, name: str, where: str, found: str) -> Actor:
        actor = Actor(ticket.model_copy(update={"key": where, "reporter": name}), found, "")
        self.actors.append(actor)
        return actor

    async def _to_slack(self, letter: Letter) -> None:
        headers = letter.slack_headers(self._stage.slack.signing_secret)
        await self._post("/slack/events", letter.body, headers)

    async def _to_jira(self, letter: Letter) -> None:
        headers = letter.jira_headers(self._stage.jira.webhook_secret)
        await self._post("/jira/webhook", letter.body, headers)

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        async with self._session.post(self._stage.url + path, data=body, headers=headers) as got:
            text = await got.text()
            if got.status != 200:
                raise RuntimeError(f"{path} answered {got.status}: {text[:300]}")
            self._line(f"  {path} answers {text[:120] or 'nothing, with 200'}")

    def _line(self, text: str) -> None:
        self._console.print(escape(text), highlight=False, soft_wrap=True)


def _said(ticket: SampleTicket) -> str:
    """The report as somebody writes it in Slack, with what they have pasted into it."""
    return "\n".join([ticket.title, ticket.body, *(f"```\n{log}```" for log in _seen(ticket))])


def _described(ticket: SampleTicket) -> str:
    """The same as the description of an issue, in wiki markup."""
    pasted = (f"{{noformat}}\n{log}{{noformat}}" for log in _seen(ticket))
    return "\n".join([ticket.body, *pasted])


def _seen(ticket: SampleTicket) -> list[str]:
    """The part of the logs that its reporter has before them: whole, or the errors in it."""
    logs = [each.text for each in ticket.evidence if each.type == "logs"]
    if ticket.role != "anomaly":
        return logs
    errors = [[line for line in log.splitlines(True) if " ERROR " in line] for log in logs]
    return ["".join(lines[:PASTED]) for lines in errors]
