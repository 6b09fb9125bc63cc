"""How a comment tells which effect it is: a property, and a last line where there are none.

Anybody can write that line, so it counts only in comments of our own account.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

PROPERTY = "mendwheel.effect"
INTERNAL = "sd.public.comment"
"""Jira Service Management's own property: an internal note is not shown to customers."""

_LINE = re.compile(r"mendwheel: (?P<key>\S.*?)(?: \((?P<part>\d{1,3})/(?P<of>\d{1,3})\))?")


class Mark(BaseModel):
    """The effect key a comment was written under, and which part of it the comment is."""

    model_config = ConfigDict(frozen=True)

    key: str
    part: int = 1
    of: int = 1

    @property
    def line(self) -> str:
        """The last line of the comment, as plain text."""
        return f"mendwheel: {self.key}" + (f" ({self.part}/{self.of})" if self.of > 1 else "")

    def properties(self, internal: bool) -> list[dict[str, Any]]:
        """The comment's properties, as Jira takes them."""
        value = {"key": self.key, "part": self.part, "of": self.of}
        hidden = [{"key": INTERNAL, "value": {"internal": True}}] if internal else []
        return [{"key": PROPERTY, "value": value}, *hidden]


def marked(text: str, properties: Sequence[Any] | None) -> Mark | None:
    """The mark of a comment of our own, from its properties or its text."""
    value = property_value(properties, PROPERTY)
    if isinstance(value, Mapping) and isinstance(value.get("key"), str):
        part, of = value.get("part", 1), value.get("of", 1)
        numbers = isinstance(part, int) and isinstance(of, int)
        return Mark(key=value["key"], part=part, of=of) if numbers else Mark(key=value["key"])
    last = text.rstrip().rpartition("\n")[2].strip().strip("`")
    found = _LINE.fullmatch(last)
    if found is None:
        return None
    return Mark(key=found["key"], part=int(found["part"] or 1), of=int(found["of"] or 1))


def property_value(properties: Sequence[Any] | None, name: str) -> Any:
    """The value of one entity property, or None."""
    for each in properties or ():
        if isinstance(each, Mapping) and each.get("key") == name:
            return each.get("value")
    return None
