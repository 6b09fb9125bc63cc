"""Back to the agents: what a person wants them to know or to look at."""

from mendwheel.integrations.slack import modals
from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.modals import Origin
from mendwheel.integrations.slack.reading import Payload, clicked, where
from mendwheel.integrations.slack.telling import Told


async def ask(reception: Reception, body: Payload) -> Told | None:
    """The button of an open question opens a dialog."""
    asked, who = await reception.question(clicked(body)), where(body)
    origin = Origin(
        question=asked.request_id,
        ticket=asked.ticket_id,
        channel=who.channel,
        thread=who.thread,
    )
    return await reception.open(body, modals.more(asked.question, origin))


async def send(reception: Reception, body: Payload) -> Told | None:
    """The dialog, sent: information for the ticket, once per dialog."""
    view, who = body["view"], where(body)
    origin, text = Origin.of(view), modals.values(view).get(modals.MORE, "").strip()
    if not text:
        return Told(text="Say what they should know or look at.")
    asked = await reception.question(origin.question)
    delivery = f"more-{asked.request_id}-{view['id']}"
    await reception.within(
        reception.edge.intake.inform(asked.ticket_id, who.subject, text, delivery)
    )
    reception.tell_later(who, Told(text=f"The agents look again: {inline_code(asked.ticket_id)}"))
    return None
