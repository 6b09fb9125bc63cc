"""Draws what is broken in the sample world: one service, one fault, one moment."""

import random
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from lanternpost.services import LEAK_SIGNATURES, SERVICES

Fault = Literal["bad_release", "leak"]

MINUTES = 16
ONSET_MINUTE = 9


class Releases(BaseModel, frozen=True):
    """What a service runs and what it ran before, such as `4.18.2` and `4.18.1`."""

    current: str
    previous: str


class Incident(BaseModel, frozen=True):
    """The truth behind the anomaly. `order` is how services are listed in its evidence."""

    service: str
    fault: Fault
    signature: str
    started: datetime
    severity: float
    order: tuple[str, ...]
    releases: dict[str, Releases]

    @property
    def onset(self) -> datetime:
        return self.started + timedelta(minutes=ONSET_MINUTE)


def draw_incident(rng: random.Random) -> Incident:
    """Takes the first draws of `rng`, so that tickets and state of one seed agree."""
    service = rng.choice(list(SERVICES))
    fault: Fault = rng.choice(("bad_release", "leak"))
    leak_signature = rng.choice(LEAK_SIGNATURES)
    order = list(SERVICES)
    rng.shuffle(order)
    return Incident(
        service=service,
        fault=fault,
        signature=SERVICES[service].defect if fault == "bad_release" else leak_signature,
        started=_draw_moment(rng),
        severity=rng.uniform(0.85, 1.2),
        order=tuple(order),
        releases={name: _draw_releases(rng) for name in order},
    )


def _draw_moment(rng: random.Random) -> datetime:
    day = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=rng.randrange(180))
    return day + timedelta(hours=rng.randint(9, 17), minutes=rng.randint(0, 59))


def _draw_releases(rng: random.Random) -> Releases:
    major, minor, patch = rng.randint(1, 6), rng.randint(1, 30), rng.randint(0, 9)
    if patch:
        previous = f"{major}.{minor}.{patch - 1}"
    else:
        previous = f"{major}.{minor - 1}.{rng.randint(0, 9)}"
    return Releases(current=f"{major}.{minor}.{patch}", previous=previous)
