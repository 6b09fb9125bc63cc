"""From words to a ticket: started or joined, and its thread known as its own from then on."""

import asyncio
import logging
import time

from mendwheel.domain.hint import Hint
from mendwheel.domain.ids import ticket_id
from mendwheel.domain.place import JIRA, SLACK, Place
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.intake import Submitted
from mendwheel.integrations.reach import TicketClosed
from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.listeners.reopening import closed
from mendwheel.integrations.slack.reading import Said, Where
from mendwheel.integrations.slack.telling import Told
from mendwheel.integrations.slack.threads import keep_thread
from mendwheel.integrations.slack.words import ISSUE
from mendwheel.ports import StoreUnavailable
from mendwheel.settings import Settings

_BUCKET = 600
"""Seconds in which the same issue named again is the same hint."""

_log = logging.getLogger(__name__)


async def from_text(
    reception: Reception, who: Where, text: str, *, place: str, key: str | None, delivery_id: str
) -> Told:
    """Start a ticket from what a person wrote, or join the one that is there."""
    draft = Draft(
        body=text,
        reporter=who.subject,
        system=SLACK,
        key=key,
        place=place,
        delivery_id=delivery_id,
    )
    try:
        submitted = await reception.within(reception.edge.intake.submit(draft))
    except TicketClosed as error:
        return closed(error.ticket, "It was dealt with already.")
    await _bind(reception, place, submitted)
    _tell_outsider(reception, who, submitted.ticket_id)
    return working_on(submitted.ticket_id, started=submitted.started)


async def _bind(reception: Reception, place: str, submitted: Submitted) -> None:
    """Replies may come before the card is there: they are information from now on."""
    thread = Place.parse(place).thread
    if not thread:
        return
    try:
        await asyncio.to_thread(
            keep_thread, reception.edge.stores, place, submitted.ticket_id, thread
        )
    except StoreUnavailable as error:
        # The ticket has started; its card binds the thread again.
        _log.warning("the thread of %s is not kept yet: %s", submitted.ticket_id, error)


async def from_thread(reception: Reception, words: Said, delivery_id: str, event: str) -> Told:
    """Hand a whole thread over; what was said in it is read from there."""
    hint = Hint(
        system=SLACK,
        key=f"{words.channel}/{words.root}",
        delivery_id=delivery_id,
        event=event,
        who=words.subject,
        place=words.place,
    )
    started = await reception.within(reception.edge.hints.start(hint))
    ticket = ticket_id(reception.tenant(words.place), SLACK, words.key)
    _tell_outsider(reception, words, ticket)
    return working_on(ticket, started=started)


async def from_issue(reception: Reception, who: Where, key: str) -> Told:
    """Have a Jira issue looked at: the same run as its webhook starts."""
    place = f"slack:{who.channel}"
    rule = reception.edge.settings.rule(f"jira:{key}")
    known = place in (rule.show_in if rule else [])
    if not known and reception.tenant(place) != reception.tenant(f"jira:{key}"):
        return Told(text=f"{inline_code(key)} is not for this channel: it has another tenant.")
    bucket = int(time.time() // _BUCKET)
    hint = Hint(
        system=JIRA,
        key=key,
        delivery_id=f"slash-{who.channel}-{key}-{bucket}",
        event="slash",
        who=who.subject,
        place=place,
    )
    started = await reception.within(reception.edge.hints.start(hint))
    ticket = ticket_id(reception.tenant(f"jira:{key}"), JIRA, key)
    _tell_outsider(reception, who, ticket)
    return working_on(ticket, started=started)


def _tell_outsider(reception: Reception, who: Where, ticket: str) -> None:
    """Later: whoever asks where we cannot write would wait for a card that never comes."""
    # Without a URL the words came as an event, which only members are sent.
    if who.response_url and who.channel and not who.direct:
        reception.later(_invite(reception, who, ticket))


async def _invite(reception: Reception, who: Where, ticket: str) -> None:
    if not await reception.membership.missing(who.channel):
        return
    invite = inline_code(f"/invite @{reception.identity.name or 'mendwheel'}")
    why = inline_code(f"{reception.edge.settings.slack_command} why {ticket}")
    text = f"*I cannot write here:* {invite}. {inline_code(ticket)} goes on, {why} tells."
    await reception.voice.answer(who, Told(text=text))


def issue_in(text: str, settings: Settings) -> str | None:
    """The Jira issue that `text` is the key of, where Jira is used and its project is ours."""
    key = text.strip()
    if not settings.jira or not ISSUE.fullmatch(key):
        return None
    project = key.rpartition("-")[0]
    return key if not settings.jira_projects or project in settings.jira_projects else None


def working_on(ticket: str, *, started: bool) -> Told:
    shown = inline_code(ticket)
    return Told(text=f"Working on it: {shown}" if started else f"Already being worked on: {shown}")
