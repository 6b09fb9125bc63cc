"""Messages that we see: replies in threads of tickets, and what people write to us directly."""

from mendwheel.integrations.slack import reading
from mendwheel.integrations.slack.listeners import replying, starting
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.listeners.speaking import spoken_to
from mendwheel.integrations.slack.reading import Payload
from mendwheel.integrations.slack.telling import Told


async def said(reception: Reception, body: Payload) -> Told | None:
    """What people say to each other outside of our threads is none of our business."""
    words = reading.said(body["event"], reception.identity.user)
    if words is None:
        return None
    ticket = await reception.ticket_in(words)
    if ticket is not None:
        return await replying.add(reception, words, ticket)
    if not words.direct:
        return None
    if words.thread:
        await starting.from_thread(reception, words, body["event_id"], "message.im")
        return None
    return await spoken_to(reception, words)
