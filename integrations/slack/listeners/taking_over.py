"""A human goes on: the agents stop, and what they found stays."""

from mendwheel.domain.ids import digest
from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.reading import Payload, clicked, where
from mendwheel.integrations.slack.telling import Told


async def take_over(reception: Reception, body: Payload) -> Told | None:
    """The button; once per person and round. Raises TicketNotFound: it has ended."""
    ticket, who = clicked(body), where(body)
    ended = await reception.ask(reception.edge.stores.outcomes.latest, ticket)
    delivery = f"over-{digest([ticket, ended.round if ended else 0, who.user])[:32]}"
    await reception.within(reception.edge.intake.take_over(ticket, who.subject, delivery))
    return Told(text=f"You go on with {inline_code(ticket)}: the agents stop.")
