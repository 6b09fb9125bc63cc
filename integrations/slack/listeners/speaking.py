"""Words addressed to us outside of a thread: a command, a ticket, or nothing."""

from mendwheel.domain.place import Verbosity
from mendwheel.integrations.slack.listeners import command, starting
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.reading import Said
from mendwheel.integrations.slack.telling import Told
from mendwheel.integrations.slack.words import Verb
from mendwheel.integrations.slack.words import command as understood
from mendwheel.integrations.thanks import thanks


async def spoken_to(reception: Reception, words: Said) -> Told | None:
    """A ticket shows itself by its card, in the thread of what was said; not in quiet places."""
    if thanks(words.text):
        return None
    asked = understood(words.text)
    if asked.verb is not Verb.RESOLVE:
        return await command.answer(reception, words, asked)
    issue = starting.issue_in(asked.text, reception.edge.settings)
    if issue is not None:
        return await starting.from_issue(reception, words, issue)
    told = await starting.from_text(
        reception,
        words,
        words.text,
        place=words.place,
        key=words.key,
        delivery_id=words.delivery_id,
    )
    rule = reception.edge.settings.rule(words.place)
    unseen = rule is not None and rule.verbosity is Verbosity.QUIET
    return told if told.blocks or unseen else None
