"""A human goes on: the agents stop, and what they found stays."""

from mendwheel.domain.ids import digest
from mendwheel.domain.place import SLACK
from mendwheel.integrations.refused import TAKE_OVER, write_down
from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.people import person
from mendwheel.integrations.slack.reading import Payload, Where, clicked, where
from mendwheel.integrations.slack.telling import Told
from mendwheel.integrations.standing import Standing, standing

_NAMED = 20
"""People at most that a refusal names."""


async def take_over(reception: Reception, body: Payload) -> Told | None:
    """The button; once per person and round. Raises TicketNotFound: it has ended."""
    ticket, who = clicked(body), where(body)
    entitled = await reception.ask(_entitled, reception, ticket, who)
    if not entitled.has(who.subject):
        row = write_down(
            *(reception.edge.stores, ticket, TAKE_OVER),
            subject=who.subject,
            channel=SLACK,
            reason=f"{who.subject} may not take it over",
        )
        await reception.within(row)
        return _refused(ticket, entitled)
    ended = await reception.ask(reception.edge.stores.outcomes.latest, ticket)
    delivery = f"over-{digest([ticket, ended.round if ended else 0, who.user])[:32]}"
    await reception.within(reception.edge.intake.take_over(ticket, who.subject, delivery))
    return Told(text=f"You go on with {inline_code(ticket)}: the agents stop.")


def _entitled(reception: Reception, ticket: str, who: Where) -> Standing:
    place = f"slack:{who.channel}" if who.channel else ""
    return standing(reception.edge, reception.policy.now(), ticket, place=place)


def _refused(ticket: str, entitled: Standing) -> Told:
    known = [person(subject) for subject in entitled.known_in("slack")]
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    here = ", ".join(known[:_NAMED]) + more if known else "nobody who is known in Slack"
    return Told(
        text=f"You may not take {inline_code(ticket)} over. It is for whoever reported it, its "
        f"approvers, and whom this place hands over to: {here}."
    )
