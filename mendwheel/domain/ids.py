"""Names that must come out the same wherever they are made: ticket ids, digests, effect keys."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

CARD = "card"
"""Step of a ticket's cards; the target of such an effect is the place that follows the ticket."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_BUCKET = timedelta(minutes=10)


def digest(value: Any) -> str:
    """SHA-256 (hex, 64 characters) of `value` as canonical JSON: same meaning, same digest."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def slug(text: str, limit: int = 80) -> str:
    """`text` as a name safe in URLs and proxies; what was lost is kept as a hash suffix."""
    safe = _UNSAFE.sub("-", text).strip("-.")
    if safe == text and len(safe) <= limit:
        return safe
    return f"{safe[: limit - 9]}-{digest(text)[:8]}".lstrip("-")


def ticket_id(tenant: str, system: str, key: str) -> str:
    """The workflow id of a ticket, the same whatever channel it came through.

    Raises:
        ValueError: a part is empty.
    """
    for name, part in (("tenant", tenant), ("system", system), ("key", key)):
        if not part.strip():
            raise ValueError(f"a ticket id needs a {name}: give one, for example `{name}=default`")
    return f"{tenant_prefix(tenant)}{_part(system, 20)}-{slug(key)}"


def tenant_prefix(tenant: str) -> str:
    """What the ids of a tenant's tickets begin with, and those of no other tenant."""
    return f"mendwheel-{_part(tenant, 40)}-"


def _part(text: str, limit: int) -> str:
    """A slug without the separator: tenant `a-b` and key `c` are not tenant `a` and key `b-c`."""
    plain = slug(text, limit)
    return f"{plain.replace('-', '_')}_{digest(text)[:6]}" if "-" in plain else plain


def free_text_keys(place: str, author: str, text: str, at: datetime) -> tuple[str, str]:
    """Keys for a ticket that has none of its own: this 10-minute bucket's and the previous one's.

    The same words by the same person in the same place within ten minutes are one ticket.
    """
    normal = " ".join(text.casefold().split())
    bucket = int(at.timestamp() // _BUCKET.total_seconds())
    now, before = (digest([place, author, normal, number])[:12] for number in (bucket, bucket - 1))
    return now, before


class EffectKey(BaseModel):
    """Names one outside effect of one decision: stable over retries, restarts and new runs."""

    model_config = ConfigDict(frozen=True)

    ticket_id: str
    round: int
    step: str
    target: str

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.round}/{self.step}/{self.target}"

    @classmethod
    def parse(cls, text: str) -> "EffectKey":
        """What `str` made. Raises ValueError."""
        parts = text.strip().split("/", 3)
        if len(parts) < 4 or not parts[1].isdecimal():
            raise ValueError(f"{text!r} is no effect's key: write TICKET/ROUND/STEP/TARGET")
        return cls(ticket_id=parts[0], round=int(parts[1]), step=parts[2], target=parts[3])


def arguments_digest(tool: str, arguments: Mapping[str, Any]) -> str:
    """What an approval is bound to: the tool and its exact arguments."""
    return digest({"tool": tool, "arguments": dict(arguments)})
