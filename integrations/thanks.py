"""Whether somebody only says thanks: that is no news for a ticket, but a good sign. Pure."""

import re
import unicodedata

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
