"""What people and services do to a world: they write, click, comment, and come again if need be.

Slack brings events again but neither commands nor clicks: people repeat those when they were told
that it did not work, or see that nothing came of it. Jira and Alertmanager send again until taken.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from lanternpost.chat.play import _described, _said
from lanternpost.chat.stage import APPROVER, Scene
from lanternpost.tickets import SampleTicket

from bench.faults.alarm import alarm
from bench.faults.operators import Operators
from bench.faults.world import World
from mendwheel.domain.approval import Approval
from mendwheel.integrations.slack import names
from tests.counterparts.people import Letter, SlackPeople, button, jira_commented, jira_created

AGAIN = (0.5, 1.5, 3.0, 5.0)
"""Seconds until the next delivery; then always the last."""

WITHIN = 3.0
"""Seconds that Slack waits for an answer."""

LOOKS = 9.0
"""Seconds after which an approver looks whether the question is still there, and answers again."""

INCIDENTS = ("anomaly", "duplicate")

NOT_TAKEN = "Not taken"


@dataclass
class Sent:
    """One report, and where its ticket is followed. `acknowledged`: somebody was told so."""

    role: str
    title: str
    key: str = ""
    acknowledged: bool = False
    service: str = ""
    """What is broken, of an incident."""
    places: list[str] = field(default_factory=list)


class People:
    """Everybody of one world."""

    def __init__(self, world: World, session: aiohttp.ClientSession) -> None:
        self.world = world
        self._session = session
        self.letters = SlackPeople(world.slack)
        self.sent: list[Sent] = []
        self.approved: dict[str, Approval] = {}
        """Ticket → what was agreed to last."""
        self._answered: dict[str, float] = {}
        self.operators = Operators(self)

    async def report(self, scene: Scene) -> None:
        """All reports of the scene, some at once; returns when each is acknowledged."""
        by_role = {ticket.role: ticket for ticket in scene.tickets}
        incident = asyncio.ensure_future(self._issue("mara", by_role["anomaly"]))
        await asyncio.gather(
            self._command("mara", "support", by_role["question"]),
            self._command("tomas", "operations", scene.second),
        )
        await asyncio.sleep(4)
        await asyncio.gather(
            self._mention("tomas", "support", by_role["unanswerable"]),
            self._command("oskar", "support", by_role["hostile"]),
            self._alert(scene),
        )
        await incident
        await asyncio.sleep(4)
        asked = by_role["question"].model_copy(
            update={"title": f"{by_role['question'].title} (asked in Jira)"}
        )
        await asyncio.gather(
            self._issue("tomas", asked), self._after_asking(by_role["anomaly"], by_role)
        )

    async def _after_asking(self, first: SampleTicket, by_role: dict[str, SampleTicket]) -> None:
        """The incident is known before it is reported a second time."""
        while True:
            if self._known(first.title):
                break
            await asyncio.sleep(0.5)
        await self._command("priya", "support", by_role["duplicate"])

    def _known(self, title: str) -> bool:
        stores, tenant = self.world.stores, self.world.settings.tenant
        cases = [case for case in stores.cases.list(tenant) if case.title == title]
        return any(
            stores.questions.open(case.ticket_id) or stores.outcomes.latest(case.ticket_id)
            for case in cases
        )

    def service(self, ticket: str) -> str:
        """What `ticket` is to mend, if anything."""
        case = self.world.stores.cases.get(ticket)
        return next((each.service for each in self.sent if case and each.title == case.title), "")

    async def decide(self) -> None:
        """Approvers answer every open question, by turns in three ways, until cancelled."""
        stores, tenant = self.world.stores, self.world.settings.tenant
        while True:
            await asyncio.sleep(0.5)
            for case in stores.cases.list(tenant, open_only=True):
                asked = stores.questions.open(case.ticket_id)
                if asked is None:
                    continue
                due = self._answered.get(asked.request_id, 0.0)
                if time.monotonic() < due:
                    continue
                if self.operators.wants_to_correct(asked):
                    await self.operators.correct(asked)
                    continue
                self._answered[asked.request_id] = time.monotonic() + LOOKS
                place = case.head.place if case.head else ""
                await self._answer(asked, place)

    async def _answer(self, asked: Approval, place: str) -> None:
        self.approved[asked.ticket_id] = asked
        system, _, where = place.partition(":")
        if system == "jira":
            await self._comment(where, f"/approve {asked.code}")
        elif not await self._click(asked):
            user = self.world.slack.users[APPROVER]
            channel = self.world.channels["operations"]
            said = f"approve {asked.code}"
            letter = self.letters.command(user, channel, said)
            await self.slack(letter, event=False, tries=1)

    async def _click(self, asked: Approval) -> bool:
        """False when there is no card with its button yet."""
        message = await self.card(asked)
        if message is None:
            return False
        user, channel = self.world.slack.users[APPROVER], self.world.channels["operations"]
        letter = self.letters.click(user, channel, message, names.APPROVE)
        # A double click, as people do when nothing moves.
        await asyncio.gather(*(self.slack(letter, event=False, tries=1) for _ in "12"))
        return True

    async def card(self, asked: Approval) -> dict[str, Any] | None:
        """The message with the question's buttons, if it is there yet."""
        slack, channel = self.world.slack, self.world.channels["operations"]
        for message in await asyncio.to_thread(slack.history, channel):
            with suppress(LookupError):
                if button(message, names.APPROVE)[1].get("value") == asked.request_id:
                    return message
        return None

    async def _comment(self, key: str, text: str) -> None:
        jira = self.world.jira
        written = await asyncio.to_thread(jira.comment, key, text, APPROVER)
        await self._jira(await asyncio.to_thread(jira_commented, jira, key, written))

    async def _command(self, name: str, channel: str, ticket: SampleTicket) -> None:
        place = self.world.channels[channel]
        sent = self._note(ticket.role, ticket.title, [f"slack:{place}"])
        sent.service = str(ticket.component) if ticket.role in INCIDENTS else ""
        user = self.world.slack.users[name]
        while not sent.acknowledged:
            letter = self.letters.command(user, place, _said(ticket))
            sent.acknowledged = await self.slack(letter, event=False, tries=1)
            if not sent.acknowledged:
                await asyncio.sleep(2)  # they read that it did not work, and send it again

    async def _mention(self, name: str, channel: str, ticket: SampleTicket) -> None:
        place = self.world.channels[channel]
        letter = await asyncio.to_thread(self.letters.mentions, name, place, _said(ticket))
        sent = self._note(ticket.role, ticket.title, [f"slack:{place}"])
        sent.acknowledged = await self.slack(letter, event=True, tries=99)
        await self.slack(letter, event=True, tries=1)  # at least once: it comes again

    async def _issue(self, name: str, ticket: SampleTicket) -> None:
        jira = self.world.jira
        said = ticket.title, _described(ticket), name, ticket.component
        key = await asyncio.to_thread(jira.create, *said)
        operations = f"slack:{self.world.channels['operations']}"
        sent = self._note(ticket.role, ticket.title, [f"jira:{key}", operations])
        sent.key = key
        sent.service = str(ticket.component) if ticket.role in INCIDENTS else ""
        letter = await asyncio.to_thread(jira_created, jira, key)
        sent.acknowledged = await self._jira(letter)

    async def _alert(self, scene: Scene) -> None:
        """About a service that nothing is wrong with: it is handed over."""
        broken = {str(each.component) for each in (*scene.tickets, scene.second)}
        service = next(name for name in scene.platform if name not in broken)
        title, body = alarm(service)
        operations = f"slack:{self.world.channels['operations']}"
        sent = self._note("alert", title, [operations])
        letter = Letter(body, "application/json")
        sent.acknowledged = await self._until(
            "/alerts", letter, {"Content-Type": "application/json"}
        )

    def _note(self, role: str, title: str, places: list[str]) -> Sent:
        sent = Sent(role, title, places=places)
        self.sent.append(sent)
        return sent

    async def _jira(self, letter: Letter) -> bool:
        headers = letter.jira_headers(self.world.jira.webhook_secret)
        return await self._until("/jira/webhook", letter, headers)

    async def _until(self, path: str, letter: Letter, headers: dict[str, str]) -> bool:
        for number in range(99):
            status, _ = await self._post(path, letter.body, headers, 10.0)
            if 200 <= status < 300:
                return True
            await asyncio.sleep(AGAIN[min(number, len(AGAIN) - 1)])
        return False

    async def slack(self, letter: Letter, *, event: bool, tries: int) -> bool:
        for number in range(tries):
            headers = letter.slack_headers(self.world.slack.signing_secret)
            if event and number:
                headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_error"}
            status, said = await self._post("/slack/events", letter.body, headers, WITHIN)
            if status == 200 and NOT_TAKEN not in said:
                return True
            if tries > 1:
                await asyncio.sleep(AGAIN[min(number, len(AGAIN) - 1)])
        return False

    async def _post(
        self, path: str, body: bytes, headers: dict[str, str], within: float
    ) -> tuple[int, str]:
        timeout = aiohttp.ClientTimeout(total=within)
        url = self.world.url + path
        try:
            async with self._session.post(url, data=body, headers=headers, timeout=timeout) as got:
                return got.status, await got.text()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return 0, type(error).__name__
