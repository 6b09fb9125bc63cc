"""The message shortcut "Resolve this": a message, or the whole thread it stands in."""

from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.listeners import starting
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.reading import Payload, Said, full_text, where
from mendwheel.integrations.slack.telling import Told


async def resolve_this(reception: Reception, body: Payload) -> Told:
    """Whoever uses it reports; whose words they are stands in the text."""
    message, who = body["message"], where(body)
    thread = str(message.get("thread_ts") or "")
    author = str(message.get("user") or message.get("username") or message.get("bot_id") or "")
    words = Said(
        user=who.user,
        channel=who.channel,
        response_url=who.response_url,
        thread="" if thread == message["ts"] else thread,
        ts=message["ts"],
        text=full_text(message, reception.identity.user),
    )
    known = await reception.ask(reception.edge.stores.threads.ticket, words.place)
    if known is not None:
        return Told(text=f"Already being worked on: {inline_code(known)}")
    if thread:
        delivery = f"shortcut-{body['action_ts']}"
        return await starting.from_thread(reception, words, delivery, "shortcut")
    if not words.text:
        return Told(text="This message has no text: say in a sentence what is wrong or asked.")
    return await starting.from_text(
        reception,
        words,
        words.text if author == who.user else f"{words.text}\n\n(written in Slack by {author})",
        place=words.place,
        key=words.key,
        delivery_id=words.delivery_id,
    )
