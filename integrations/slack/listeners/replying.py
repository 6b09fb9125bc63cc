"""What is said in a ticket's thread: news for the ticket, thanks for it, or too late for it."""

from datetime import UTC, datetime

from mendwheel.domain.ids import digest
from mendwheel.domain.outcome import FactKind, OutcomeFact
from mendwheel.integrations.reach import TicketNotFound
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.listeners.reopening import closed
from mendwheel.integrations.slack.reading import Said
from mendwheel.integrations.slack.telling import Told
from mendwheel.integrations.slack.threads import was_read
from mendwheel.integrations.thanks import thanks


async def add(reception: Reception, words: Said, ticket: str) -> Told | None:
    """Once per message, whichever events tell of it."""
    if not words.text or await reception.ask(was_read, reception.edge.stores, words):
        return None
    if thanks(words.text):
        return await thumb(reception, ticket, words.subject, helpful=True)
    try:
        await reception.within(
            reception.edge.intake.inform(ticket, words.subject, words.text, words.delivery_id)
        )
    except TicketNotFound:
        return await _too_late(reception, words, ticket)
    return None


async def _too_late(reception: Reception, words: Said, ticket: str) -> Told:
    """Nobody is to be surprised by a new round; a click brings what was said along."""
    stores = reception.edge.stores
    case = await reception.ask(stores.cases.get, ticket)
    tenant = case.tenant if case else reception.edge.settings.tenant
    said = await reception.ask(stores.artifacts.put, tenant, words.text, ticket)
    return closed(ticket, "Nobody reads this thread any more.", said)


async def thumb(reception: Reception, ticket: str, subject: str, *, helpful: bool) -> Told | None:
    """One person's word on one round: the first one counts."""
    ended = await reception.ask(reception.edge.stores.outcomes.latest, ticket)
    fact = OutcomeFact(
        id=f"thumb-{digest([ticket, ended.round if ended else 0, subject])[:32]}",
        kind=FactKind.THUMBS_UP if helpful else FactKind.THUMBS_DOWN,
        who=subject,
        at=datetime.now(UTC),
    )
    await reception.within(reception.edge.intake.observe(ticket, fact))
    return None
