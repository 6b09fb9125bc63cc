"""Turns text into the terms an index and a query share.

Technical questions turn on identifiers, so `max_retry_count` is findable as a whole and by its
parts; one rule for index and query keeps both sides agreeing without a database tokeniser.
"""

import re
from functools import lru_cache

_STOP = """
    a about above after again all also am an and any are aren as at be because been before being
    below between both but by can cannot could couldn did didn do does doesn doing don down during
    each either else ever every few for from further get gets getting give given gives go goes got
    had has hasn have haven having he her here hers him his how i if in into is isn it its itself
    just kindly know let like ll make makes may maybe me might mine more most much must my myself
    need needs no nor not now of off ok okay on once one only or other our ours out over own
    please put re really s same shall she should so some something such t tell than thank thanks
    that the their theirs them then there these they thing things this those through to too under
    until up us use used uses using ve very want wants was wasn way ways we well were weren what
    when where whether which while who whom whose why will with within without won would wouldn
    yes yet you your yours hi hello hey
"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that say nothing about a topic; neither indexed nor searched for."""

_WORD = re.compile(r"[^\W_]+(?:[_.:/'’-]+[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MOST_COMPOUND = 80  # characters; longer "words" are encoded data


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """`word` (lower case) without its inflection; light, so that unlike words stay apart."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    word = _singular(word)
    for suffix, least in (("ation", 4), ("ment", 5), ("ing", 3), ("ate", 4), ("ed", 3), ("ly", 4)):
        base = word.removesuffix(suffix)
        if base != word and len(base) >= least and re.search("[aeiouy]", base):
            if suffix in ("ing", "ed") and base[-1] == base[-2] and base[-1] not in "lsz":
                base = base[:-1]
            if base.endswith("at") and len(base) > 5:  # migrating, migrate, migration
                base = base[:-2]
            return base.removesuffix("e") if len(base) > 4 else base
    if word.endswith(("tion", "sion")) and len(word) > 6:
        return word[:-3]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=65536)
def _of_word(raw: str) -> tuple[str, ...]:
    """The terms of one raw word: its parts, and the whole when it is a compound."""
    if _CJK.search(raw):
        return tuple(raw[at : at + 2] for at in range(max(1, len(raw) - 1)))
    pieces = [piece for piece in _PART.findall(raw) if len(piece) <= _MOST_COMPOUND]
    found: list[str] = []
    for piece in pieces:
        found.extend(_of_piece(piece))
    if len(pieces) > 1 and len(raw) <= _MOST_COMPOUND and not re.search("['’]", raw):
        found.append("_".join(piece.lower() for piece in pieces))
    return tuple(found)


def _of_piece(piece: str) -> list[str]:
    lower = piece.lower()
    found = [] if lower in STOP_WORDS else [stem(lower)]
    if lower != piece and not piece.istitle() and not piece.isupper():
        parts = [part.lower() for part in _CAMEL.findall(piece)]
        if len(parts) > 1:
            found += [stem(part) for part in parts if len(part) > 1 and part not in STOP_WORDS]
    return found


def terms(text: str) -> list[str]:
    """The terms of `text` in order, repeats included; stop words left out."""
    found: list[str] = []
    for raw in _WORD.findall(text):
        found.extend(_of_word(raw))
    return found
