"""What of many findings is told: few, short, each with news, so that people read it in one go."""

import re
from collections.abc import Sequence

from mendwheel.investigation.case import Finding, Told

POINT_LIMIT = 230
_NEWS = 0.3
_SENTENCE = re.compile(r"[.](?= )")
_LEAST = 60
_FIGURES = ("signals", "metrics", "graph")
_VARYING = re.compile(r"-[0-9a-f]{6,10}-[a-z0-9]{5}\b|0x[0-9a-f]+|[0-9a-f]{8,}|\d+")
_EMPTY = re.compile(r"(\s+<none>)+")
_WORD = re.compile(r"[a-z][a-z0-9_]{2,}", re.IGNORECASE)


def told(findings: Sequence[Finding], order: Sequence[int], limit: int) -> list[Told]:
    """The findings in `order` that say something new, shortened, within `limit` characters.

    What differs only in numbers and generated names is told once, with how often it was seen.
    """
    alike: dict[str, int] = {}
    for index in order:
        alike[_shape(findings[index])] = alike.get(_shape(findings[index]), 0) + 1
    chosen: list[Told] = []
    seen: set[str] = set()
    left = limit
    for index in order:
        shape = _shape(findings[index])
        count = alike.pop(shape, 0)
        words = _words(findings[index].statement)
        if not count or len(words - seen) < _NEWS * len(words):
            continue
        text = shortened(findings[index].statement) + (f" ({count} alike)" if count > 1 else "")
        if len(text) + 3 > left:
            continue
        left -= len(text) + 3
        seen |= words
        chosen.append(Told(finding=index, text=f"{text}."))
    return chosen


def shortened(statement: str, limit: int = POINT_LIMIT) -> str:
    """The statement up to the end of a sentence, or else of a word, within `limit` characters."""
    text = _EMPTY.sub("", statement).rstrip(". ")
    if len(text) <= limit:
        return text
    ends = [found.start() for found in _SENTENCE.finditer(text[:limit])]
    if ends and ends[-1] >= _LEAST:
        return text[: ends[-1]]
    return text[: max(limit - 2, 1)].rsplit(" ", 1)[0] + " …"


def _shape(finding: Finding) -> str:
    """What stays of a finding when numbers, generated names and its place are left out."""
    body = finding.quote or finding.statement
    return finding.statement if finding.sense in _FIGURES else _VARYING.sub("#", body.lower())


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
