"""What people mean by a few words: thanks, or one of our commands. Pure."""

import re
import unicodedata
from enum import StrEnum

from pydantic import BaseModel

_NICE = frozenset(
    ("+1", "thumbsup", "pray", "heart", "tada", "raised_hands", "clap", "ok_hand", "bow")
)
_NICE_SIGNS = frozenset("👍🙏❤🎉🙌👏👌💚💙🙇")
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+):")
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>|(?<!\w)@\w+", re.IGNORECASE)
_NOISE = re.compile(r"[^\w\s]|_")

_THANKS = (
    "thanks|thank you|thankyou|thank u|thx|thnx|tnx|ty|tysm|cheers|much appreciated|appreciated"
    "|danke|dankeschön|danke schön|vielen dank|besten dank|herzlichen dank|dank dir|merci"
    "|gracias|muchas gracias|mil gracias|grazie|grazie mille|obrigado|obrigada|valeu"
    "|dank je|dank je wel|dankjewel|dank u|bedankt|tack|tack så mycket|takk|tusen takk|tak"
    "|mange tak|kiitos|dziękuję|dzięki|děkuji|díky|ďakujem|hvala|köszönöm|mulțumesc|multumesc"
    "|teşekkürler|teşekkür ederim|sağ ol|спасибо|большое спасибо|дякую|ευχαριστώ|תודה|شكرا"
    "|धन्यवाद|ありがとう|ありがとうございます|谢谢|谢谢你|多谢|謝謝|감사합니다|고마워요|cảm ơn"
)
_BEFORE = "ok|okay|great|super|perfect|perfekt|top|nice|cool|awesome|many|ah|oh|yes|ja|oui|sí|si"
_AFTER = (
    "a lot|a bunch|a million|so much|very much|again|all|everyone|everybody|team|guys|folks|mate"
    "|dir|euch|ihnen|sehr|nochmal|beaucoup|bien|tanto|mucho|molto|muito|veel|så mycket|большое"
    "|for the help|for your help|for helping|very helpful|that helped|super|great|perfect"
)


def thanks(text: str) -> bool:
    """Whether the whole of `text` says thanks and nothing else, in words or by an emoji."""
    said = unicodedata.normalize("NFC", text).casefold()
    codes = _SHORTCODE.findall(said)
    if any(code not in _NICE and not code.startswith("skin-tone") for code in codes):
        return False
    said = _MENTION.sub(" ", _SHORTCODE.sub(" ", said))
    nice = bool(codes) or any(sign in _NICE_SIGNS for sign in said)
    said = "".join(" " if sign in _NICE_SIGNS else sign for sign in said)
    if any(unicodedata.category(sign) == "So" for sign in said):
        return False  # some other emoji, which may say anything
    words = _words(said)
    return bool(_ONLY_THANKS.fullmatch(words)) if words else nice and "?" not in said


def _words(text: str) -> str:
    return " ".join(_NOISE.sub(" ", _joined(text)).split())


def _joined(text: str) -> str:
    """Without what only shapes a neighbour: skin tones, variation selectors, joiners."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Sk", "Cf", "Mn")
                   or unicodedata.combining(sign))  # fmt: skip


def _any(phrases: str) -> str:
    """Written as `_words` leaves a text: marks that \\w does not know are gone on both sides."""
    return "|".join(_words(phrase) for phrase in phrases.split("|"))


_ONLY_THANKS = re.compile(
    rf"(?:(?:{_any(_BEFORE)}) )*(?:(?:{_any(_THANKS)})(?: (?:{_any(_AFTER)}))* ?)+"
)


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
