"""What people mean by the words after the slash command. Pure."""

import re
from enum import StrEnum

from pydantic import BaseModel


class Verb(StrEnum):
    """What can be said after the slash command."""

    RESOLVE = "resolve"
    STATUS = "status"
    LIST = "list"
    APPROVE = "approve"
    REJECT = "reject"
    WHY = "why"
    HELP = "help"


class Command(BaseModel):
    """A text, understood. `text` is the ticket, the remark or the reason."""

    verb: Verb
    ref: str = ""
    text: str = ""


_REF = re.compile(
    r"mendwheel-\S+"
    r"|[A-Z][A-Z0-9_]+-\d+(?:\.\d+)?"  # an issue, or channel and time of a Slack message
    r"|[0-9A-F]{6}|(?=[a-f]*\d)[0-9a-f]{4,12}"  # a code, the end of an id
)
ISSUE = re.compile(r"[A-Z][A-Z0-9_]+-[1-9]\d*")
"""A Jira issue key, alone."""


def command(text: str) -> Command:
    """What `text` asks for; whatever reads as a sentence is a ticket.

    `help` and `list` are commands when they stand alone, `status` and `why` with at most one word
    more. `approve` takes a remark only after an id or a code. `reject` always is a command: a
    reason is free text, and a no by mistake does less harm than a yes.
    """
    first, rest = [*text.split(None, 1), "", ""][:2]
    words, verb = rest.split(), first.casefold()
    if not first or (verb in ("help", "?") and not words):
        return Command(verb=Verb.HELP)
    if verb == Verb.LIST and not words:
        return Command(verb=Verb.LIST)
    if verb in (Verb.STATUS, Verb.WHY) and len(words) <= 1:
        return Command(verb=Verb(verb), ref="".join(words))
    named = bool(words) and bool(_REF.fullmatch(words[0]))
    remark = rest.strip()[len(words[0]) :].strip() if named else ""
    if verb == Verb.APPROVE and (named or len(words) <= 1):
        return Command(verb=Verb.APPROVE, ref="".join(words[:1]), text=remark)
    if verb == Verb.REJECT:
        ref = words[0] if named else ""
        return Command(verb=Verb.REJECT, ref=ref, text=remark if named else rest.strip())
    return Command(verb=Verb.RESOLVE, text=text.strip())
