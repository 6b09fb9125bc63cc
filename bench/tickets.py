"""The tickets that are measured: questions and incidents of the sample world, drawn by number."""

import sys
from typing import TYPE_CHECKING

from bench.world import ROOT
from mendwheel.integrations.drafts import Draft, File

if TYPE_CHECKING:
    from mendwheel.tools.registry import RemedySpec

ROLES = ("question", "anomaly")
"""Every second ticket is an incident with recorded metrics, logs, topology and changes."""

_EXAMPLES = str(ROOT / "examples")


def role_of(number: int) -> str:
    return ROLES[number % len(ROLES)]


def draft(number: int, *, role: str = "") -> Draft:
    """Ticket `number`; the same number always gives the same words and evidence."""
    _examples_importable()
    from lanternpost.tickets import sample_tickets

    wanted = role or role_of(number)
    [drawn] = [each for each in sample_tickets(number) if each.role == wanted]
    return Draft(
        title=drawn.title,
        body=drawn.body,
        reporter=drawn.reporter,
        system="bench",
        key=f"{wanted}-{number}",
        files=[File(name=e.name, media=e.type, text=e.text) for e in drawn.evidence],
    )


def remedies() -> "list[RemedySpec]":
    """What the sample world's host registers."""
    _examples_importable()
    from lanternpost.host.remedies import REMEDIES

    return list(REMEDIES)


def _examples_importable() -> None:
    if _EXAMPLES not in sys.path:
        sys.path.append(_EXAMPLES)
