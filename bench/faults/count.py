"""What stands at Slack, at Jira, at the host and in the store, against what was decided.

Read from the counterparts themselves and from the host's own state. Nothing here asks the ledger.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.client import WorkflowExecutionStatus

from bench.faults.counted import Counted
from bench.faults.mended import mended, remedies
from bench.faults.people import People, Sent
from bench.faults.world import World
from mendwheel.contracts.names import TICKET_WORKFLOW
from mendwheel.domain.outcome import Outcome, OutcomeKind, Standing
from mendwheel.integrations.jira.marker import marked
from mendwheel.integrations.jira.reading import body_text
from mendwheel.integrations.slack.names import EVENT_TYPE

FINAL = "publish-final"
CARD = "card"


@dataclass(frozen=True)
class Written:
    """One thing of ours at a place. `key`: the effect that it says it is."""

    place: str
    key: str
    text: str

    @property
    def ticket(self) -> str:
        return self.key.split("/", 1)[0]

    @property
    def step(self) -> str:
        return self.key.split("/", 3)[2] if self.key.count("/") >= 3 else ""


async def count(world: World, people: People) -> Counted:
    counted, sent, tickets = Counted(), people.sent, dict[str, Sent]()
    runs = await _runs(world)
    written = [*await asyncio.to_thread(_slack, world), *await asyncio.to_thread(_jira, world)]
    for each in sent:
        mine = runs.get(each.title, {})
        counted.count(f"acknowledgement: {each.role}", int(each.acknowledged))
        counted.count(f"ticket: {each.role} {each.title!r}", len(mine))
        for ticket, status in mine.items():
            _ticket(world, counted, each, ticket, status, written)
            mended(people, counted, each, ticket)
            tickets[ticket] = each
    titles = {each.title for each in sent}
    for title in runs.keys() - titles:
        counted.count(f"ticket: nobody's {title!r}", len(runs[title]), 0)
    remedies(people, counted, tickets)
    _no_key_twice(counted, written)
    return counted


async def _runs(world: World) -> dict[str, dict[str, str]]:
    """Title → ticket → how its run stands."""
    found: dict[str, dict[str, str]] = {}
    known: dict[str, tuple[datetime, str, str]] = {}
    async for each in world.client.list_workflows(f"WorkflowType = '{TICKET_WORKFLOW}'"):
        described = await world.client.get_workflow_handle(each.id, run_id=each.run_id).describe()
        title, how = await described.static_summary() or "", str(each.status)
        if each.status in (WorkflowExecutionStatus.COMPLETED, None):
            how = "ended"
        began, last, before = known.get(each.id, (each.start_time, how, title))
        # Of a ticket that went on in another run, the last one; the first one has the title.
        last = how if each.start_time >= began else last
        known[each.id] = (max(began, each.start_time), last, before or title)
    for ticket, (_, how, title) in known.items():
        found.setdefault(title, {})[ticket] = how
    return found


def _ticket(
    world: World, counted: Counted, sent: Sent, ticket: str, status: str, written: list[Written]
) -> None:
    what = f"{sent.role} {ticket}"
    counted.count(f"end: {what} {status}", int(status == "ended"))
    outcome = world.stores.outcomes.latest(ticket)
    sql = "SELECT count(*) FROM outcomes WHERE ticket_id = ?"
    [(rows,)] = world.stores.store.rows(sql, (ticket,))
    counted.count(f"outcome: {what}", rows)
    if outcome is None:
        return
    counted.count(f"outcome kept: {what} failed", int(outcome.kind is OutcomeKind.FAILED), 0)
    mine = [each for each in written if each.ticket == ticket]
    for place in sent.places:
        _place(counted, what, place, outcome, [each for each in mine if each.place == place])
    settled = int(outcome.standing is Standing.CONFIRMED)
    counted.count(f"watched to its end: {what}", settled)
    if sent.key:
        _issue(world, counted, what, sent.key, outcome)


def _place(counted: Counted, what: str, place: str, outcome: Outcome, there: list[Written]) -> None:
    """One card in its final state, one answer; of questions, one message each (`_no_key_twice`)."""
    cards = [each for each in there if each.step == CARD]
    side = place.split(":", 1)[0]
    counted.count(f"{side} card: {what} at {place}", len(cards))
    said = outcome.kind.value.replace("_", " ")
    for card in cards[:1]:
        ended = int(said in card.text.lower())
        counted.count(f"{side} card's last state: {what} at {place}", ended)
    # Of a long answer in Jira, which is several comments, the first; `_no_key_twice` has the rest.
    finals = [each for each in there if each.step.startswith(FINAL) and " part " not in each.key]
    counted.count(f"{side} answer: {what} at {place}", len(finals))


def _issue(world: World, counted: Counted, what: str, key: str, outcome: Outcome) -> None:
    issue = world.jira.issue(key)
    # Nobody else moves issues here; the counterpart names one author whoever it was.
    moves = [
        item
        for history in issue["changelog"]["histories"]
        for item in history["items"]
        if item["field"] == "status"
    ]
    wanted = int(outcome.kind is OutcomeKind.FIXED)
    counted.count(f"transition: {what} {key}", len(moves), wanted)
    links = world.jira.call("GET", f"issue/{key}/remotelink")
    names = Counter(each.get("globalId") or each["object"]["url"] for each in links)
    for name, times in names.items():
        counted.count(f"link: {what} {key} {name}", times)


def _no_key_twice(counted: Counted, written: list[Written]) -> None:
    """Nothing under one key is there twice, whatever it is."""
    for (place, key), times in Counter((each.place, each.key) for each in written).items():
        if key.startswith("unmarked"):
            counted.count(f"unmarked message: {key} at {place}", times, 0)
            continue
        step = key.split("/", 3)[2] if key.count("/") >= 3 else key
        if step != CARD and (not step.startswith(FINAL) or " part " in key):
            counted.count(f"other message: {key} at {place}", times)


def _slack(world: World) -> list[Written]:
    found = []
    for channel in world.channels.values():
        for root in world.slack.history(channel):
            for message in [root, *world.slack.replies(channel, root["ts"])]:
                metadata: dict[str, Any] = message.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE:
                    key = str(metadata["event_payload"]["key"])
                    found.append(Written(f"slack:{channel}", key, message["text"]))
    return found


def _jira(world: World) -> list[Written]:
    found = []
    asked = f"search?jql=project={world.jira.project}&maxResults=100"
    for issue in world.jira.call("GET", asked)["issues"]:
        for comment in world.jira.comments(issue["key"]):
            if comment["author"]["name"] != world.jira.user:
                continue
            text = body_text(comment["body"])
            mark = marked(text, None)
            key = mark.key if mark else f"unmarked {comment['id']}"
            part = f" part {mark.part}" if mark and mark.part > 1 else ""
            found.append(Written(f"jira:{issue['key']}", key + part, text))
    return found
