"""The stretch of a text that is most about a question, where all of it does not fit a prompt.

A model that is shown the beginning of a page answers from its introduction, or from nothing.
"""

from collections.abc import Set

from mendwheel.knowledge.terms import terms
from mendwheel.knowledge.units import units

READ = 12_000
"""Characters that are looked through: what is asked about is seldom further down a passage."""


def excerpt(text: str, asked: Set[str], limit: int) -> str:
    """At most `limit` characters of `text`: the part that holds most of `asked` (terms) and what
    follows it, for answers follow questions and headings; the beginning where no part holds any.
    """
    if len(text) <= limit:
        return text
    parts = units(text[:READ])
    held = [len(asked & set(terms(part))) for part in parts]
    if not any(held):
        return text[:limit]
    start = held.index(max(held))
    end, room = start + 1, limit - len(parts[start])
    while end < len(parts) and room > 1:
        room -= len(parts[end]) + 1
        end += 1
    while start and len(parts[start - 1]) < room:
        start -= 1
        room -= len(parts[start]) + 1
    return "\n".join(parts[start:end])[:limit]
