"""The slash command: starts a ticket, or answers about tickets and decides them by text."""

from collections.abc import Awaitable, Callable

from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.escape import plain as plain_text
from mendwheel.integrations.slack.listeners import deciding, starting, telling_about
from mendwheel.integrations.slack.listeners.finding import Finder
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.reading import Payload, Where, plain, where
from mendwheel.integrations.slack.telling import Told
from mendwheel.integrations.slack.words import Command, Verb
from mendwheel.integrations.slack.words import command as understood

Answering = Callable[[Reception, Where, Command], Awaitable[Told]]


async def said(reception: Reception, body: Payload) -> Told:
    """What stands after the command; whatever is no command of ours is a ticket."""
    # The answer to a command may go where nothing else of ours is let in.
    who = where(body).model_copy(update={"response_url": str(body.get("response_url") or "")})
    asked = understood(plain(str(body.get("text") or "")))
    if asked.verb is not Verb.RESOLVE:
        return await answer(reception, who, asked)
    issue = starting.issue_in(asked.text, reception.edge.settings)
    if issue is not None:
        return await starting.from_issue(reception, who, issue)
    sent = body.get("team_id"), who.channel, who.user, body.get("trigger_id")
    return await starting.from_text(
        reception,
        who,
        asked.text,
        place=f"slack:{who.channel}",
        # Made from the words: the same ones again within ten minutes are the same ticket.
        key=None,
        delivery_id="slash-" + "-".join(str(part) for part in sent if part),
    )


async def answer(reception: Reception, who: Where, asked: Command) -> Told:
    """Everything but a ticket."""
    return await _ANSWERS[asked.verb](reception, who, asked)


def finder(reception: Reception, who: Where) -> Finder:
    tenant = reception.tenant(f"slack:{who.channel}") if who.channel else ""
    edge = reception.edge
    return Finder(edge.stores, edge.settings, tenant or edge.settings.tenant)


def _place(who: Where) -> str:
    return f"slack:{who.channel}" if who.channel else ""


async def _status(reception: Reception, who: Where, asked: Command) -> Told:
    ticket = await reception.ask(finder(reception, who).ticket, who, asked.ref)
    return await telling_about.status(reception, ticket, _place(who))


async def _why(reception: Reception, who: Where, asked: Command) -> Told:
    ticket = await reception.ask(finder(reception, who).ticket, who, asked.ref)
    return await telling_about.why(reception, ticket, _place(who))


async def _list(reception: Reception, who: Where, asked: Command) -> Told:
    find = finder(reception, who)
    cases = await reception.ask(lambda: find.here(who, open_only=True))
    waiting = await reception.ask(find.waiting, cases)
    return telling_about.listing(cases, waiting)


async def _approve(reception: Reception, who: Where, asked: Command) -> Told:
    return await _decided(reception, who, asked, approved=True)


async def _reject(reception: Reception, who: Where, asked: Command) -> Told:
    if not asked.text:
        command = plain_text(reception.edge.settings.slack_command)
        return Told(text=f"Say why: `{command} reject CODE the reason`.")
    return await _decided(reception, who, asked, approved=False)


async def _decided(reception: Reception, who: Where, asked: Command, *, approved: bool) -> Told:
    question = await reception.ask(finder(reception, who).question, who, asked.ref)
    reply = await deciding.decide(reception, who, question, approved=approved, note=asked.text)
    ticket = inline_code(question.ticket_id)
    if reply is None:
        return Told(text=f"Sent: {ticket}. You are told here if it does not count.")
    done = Told(text=f"{'Approved' if approved else 'Rejected'}: {ticket}")
    return deciding.shown(reply, question) or done


async def _help(reception: Reception, who: Where, asked: Command) -> Told:
    return telling_about.usage(reception.edge.settings)


_ANSWERS: dict[Verb, Answering] = {
    Verb.STATUS: _status,
    Verb.LIST: _list,
    Verb.WHY: _why,
    Verb.APPROVE: _approve,
    Verb.REJECT: _reject,
    Verb.HELP: _help,
}
