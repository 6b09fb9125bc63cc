"""Somebody calls the app by its name in a channel."""

from mendwheel.integrations.slack.listeners import replying, starting
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.listeners.speaking import spoken_to
from mendwheel.integrations.slack.reading import Payload, said
from mendwheel.integrations.slack.telling import Told


async def mentioned(reception: Reception, body: Payload) -> Told | None:
    """In a ticket's thread it is information; in another thread, the thread is the ticket."""
    words = said(body["event"], reception.identity.user)
    if words is None:
        return None
    ticket = await reception.ticket_in(words)
    if ticket is not None:
        return await replying.add(reception, words, ticket)
    if words.thread:
        await starting.from_thread(reception, words, body["event_id"], "app_mention")
        return None  # the card says so, in the thread
    return await spoken_to(reception, words)
