"""Somebody opens the app: its home is drawn anew, its conversation offers a beginning."""

import asyncio
import logging
from datetime import UTC, datetime

from mendwheel.domain.approval import Approval
from mendwheel.domain.knowledge import Case
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.slack import home
from mendwheel.integrations.slack.listeners.finding import Finder
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.reading import Payload, Where
from mendwheel.integrations.slack.telling import FAILURES, kind
from mendwheel.policy.live import LivePolicy
from mendwheel.policy.people import delegates, members, outside_groups, person_of
from mendwheel.ports import StoreUnavailable

PROMPTS = [
    ("Something is broken", "Checkout answers with error 500 since 10:00, all regions."),
    ("A question", "How do I rotate the signing key of a service?"),
    ("What is open", "list"),
]

_log = logging.getLogger(__name__)


async def opened(reception: Reception, body: Payload) -> None:
    """Nothing is handed over: it is drawn after Slack has got its answer."""
    event = body["event"]
    who = Where(user=str(event.get("user") or ""), channel=str(event.get("channel") or ""))
    if event.get("tab") == "messages":
        reception.later(_suggest(reception, who))
    elif who.user:
        reception.later(_publish(reception, who))


async def _publish(reception: Reception, who: Where) -> None:
    edge = reception.edge
    try:
        waiting, cases = await asyncio.to_thread(_gather, reception, who)
        view = home.view(waiting, cases, edge.settings, reception.identity.url)
        await reception.client.views_publish(user_id=who.user, view=view)
    except StoreUnavailable as error:
        _log.warning("the home of %s is not drawn: %s", who.user, error)
    except FAILURES as error:
        _log.warning("the home of %s is not drawn: %s", who.user, kind(error))


def _gather(
    reception: Reception, who: Where
) -> tuple[list[tuple[Approval, Case | None]], list[Case]]:
    """What waits for this person, and what they reported, in every tenant. Newest first."""
    edge = reception.edge
    settings, stores = edge.settings, edge.stores
    tenants = {settings.tenant, *(rule.tenant for rule in settings.places if rule.tenant)}
    waiting: list[tuple[Approval, Case | None]] = []
    mine: list[Case] = []
    for tenant in sorted(tenants):
        find = Finder(stores, settings, tenant)
        cases = stores.cases.list(tenant, open_only=True, limit=200)
        by_id = {case.ticket_id: case for case in cases}
        waiting += [(asked, by_id.get(asked.ticket_id)) for asked in find.waiting(cases)]
        mine += find.here(Where(user=who.user))
    mine_to_decide = put_to(edge, [asked for asked, _ in waiting], who.subject)
    theirs = [each for each in waiting if each[0] in mine_to_decide]
    theirs.sort(key=lambda each: each[0].asked_at, reverse=True)
    return theirs, sorted(mine, key=lambda case: case.opened_at, reverse=True)


def put_to(edge: Edge, waiting: list[Approval], subject: str) -> list[Approval]:
    """The questions that were put to `subject`; whether it counts, policy says then."""
    policy, now = LivePolicy(edge.settings.policy).now(), datetime.now(UTC)
    named = [name for asked in waiting for name in asked.approvers + asked.escalate_to]
    outside = edge.directory.look(outside_groups(policy, named))  # once: it may be slow
    person = person_of(policy, subject)
    found = []
    for asked in waiting:
        names = asked.approvers + asked.escalate_to
        people = members(policy, names, edge.settings.user, outside)
        component, tool = asked.component or "", asked.tool
        people |= set(delegates(policy, people, component=component, tool=tool, now=now))
        found += [asked] if person in people else []
    return found


async def _suggest(reception: Reception, who: Where) -> None:
    prompts = [{"title": title, "message": message} for title, message in PROMPTS]
    try:
        await reception.client.api_call(
            "assistant.threads.setSuggestedPrompts",
            json={"channel_id": who.channel, "prompts": prompts},
        )
    except FAILURES as error:
        _log.info("no prompts are suggested to %s: %s", who.user, kind(error))
