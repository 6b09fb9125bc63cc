"""A ticket that has ended starts over when somebody says so, and only then."""

from typing import Any

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import digest
from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.reading import Payload, Where, clicked, where
from mendwheel.integrations.slack.telling import Told

_MARK = "#"
"""Between a ticket's id and the text that its reopening brings along; in neither of both."""


def closed(ticket: str, text: str, said: ArtifactRef | None = None) -> Told:
    """That a ticket has ended, with a button that starts its next round, with `said` if given."""
    value = f"{ticket}{_MARK}{said.sha256}{_MARK}{said.size}" if said else ticket
    shown = f"{text} {inline_code(ticket)} has ended: *Reopen* starts its next round."
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Reopen"},
        "action_id": names.REOPEN,
        "value": value,
    }
    section: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": shown}}
    return Told(text=shown, blocks=[section, {"type": "actions", "elements": [button]}])


async def reopen(reception: Reception, body: Payload) -> Told:
    """A click on the button."""
    ticket, *said = clicked(body).split(_MARK)
    note = await _text(reception, ticket, said)
    return await again(reception, where(body), ticket, note)


async def again(reception: Reception, who: Where, ticket: str, note: str = "") -> Told:
    """Start the next round of a ticket that has ended; one of them, however often it is said."""
    ended = await reception.ask(reception.edge.stores.outcomes.latest, ticket)
    if ended is None:
        return Told(text=f"{inline_code(ticket)} has not ended: it is being worked on.")
    delivery = f"reopen-{digest([ticket, ended.round])[:32]}"
    await reception.within(reception.edge.intake.reopen(ticket, who.subject, note, delivery))
    return Told(text=f"Working on it again: {inline_code(ticket)}")


async def _text(reception: Reception, ticket: str, said: list[str]) -> str:
    if len(said) != 2 or not said[1].isdigit():
        return ""
    case = await reception.ask(reception.edge.stores.cases.get, ticket)
    tenant = case.tenant if case else reception.edge.settings.tenant
    ref = ArtifactRef(tenant=tenant, sha256=said[0], size=int(said[1]))
    try:
        return await reception.ask(reception.edge.stores.artifacts.get, ref)
    except LookupError:
        return ""  # forgotten meanwhile: it starts over all the same
