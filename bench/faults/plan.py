"""What is killed where, which write fails how, how far clocks are off; drawn from a seed."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from temporalio import activity

from bench.faults.ways import checks
from mendwheel.house import House
from mendwheel.settings import Settings

WORKER, SERVER, TEMPORAL = "worker", "server", "temporal"
PLATFORM = "platform"
VICTIMS = (WORKER, SERVER, TEMPORAL)

HOSTS = ("lanternpost.restart", "lanternpost.deploy", "lanternpost.healthy")
"""Activities of the host, which run in the same worker."""

OLD = ("mendwheel.establish", "mendwheel.merge")
"""Activities that only runs of an earlier release come to."""

LETTERS = ("command", "event", "click", "dialog", "webhook", "alert")
"""What the server is asked; it is killed before it is handed over, and before it is answered."""

WRITES = (
    "chat.postMessage",
    "chat.update",
    "comment.create",
    "comment.edit",
    "transition",
    "call",
    "http",
    "tool",
)
"""What the worker writes; it is killed when that is done and not answered, or not done yet."""

SLICE = 60
"""Kills that wait for their boundary in one seed besides those that no seed has come to yet."""

CLOCK = 600.0
"""Seconds by which a process's clock may be off, at most."""


class Kill(BaseModel):
    """`victim` is killed the next time that `moment` of `name` comes."""

    model_config = ConfigDict(frozen=True)

    victim: str
    moment: str
    name: str

    @property
    def boundary(self) -> str:
        return f"{self.moment}:{self.name}"

    def __str__(self) -> str:
        return f"{self.victim}@{self.boundary}"


@cache
def turns() -> list[Kill]:
    """Every boundary with every victim, in the order in which seeds go through them."""
    names = [*_suite(), *checks(), *HOSTS]
    kills = [
        Kill(victim=victim, moment=moment, name=name)
        for name in names
        for moment in ("before", "after")
        for victim in VICTIMS
    ]
    kills += [
        Kill(victim=SERVER, moment=moment, name=name)
        for name in LETTERS
        for moment in ("asked", "answering")
    ]
    kills += [
        Kill(victim=WORKER, moment=moment, name=name)
        for name in WRITES
        for moment in ("written", "in-flight")
    ]
    random.Random("turns").shuffle(kills)
    return kills


def _suite() -> list[str]:
    """Activities of the suite, by the name they are registered under."""
    built = House(Settings(home=Path("nowhere"))).activities()
    found = (activity._Definition.from_callable(each) for each in built)
    names = {each.name for each in found if each is not None and each.name}
    return sorted(names - set(OLD))


def armed(seed: int, met: Mapping[str, int]) -> tuple[list[Kill], list[Kill]]:
    """What waits in `seed`: first whatever was never met, then a slice of what was, rarest first.

    `met`: kill → how often it has happened in all seeds before.
    """
    kills = turns()
    start = (seed - 1) * SLICE % len(kills)
    kills = kills[start:] + kills[:start]
    never = [each for each in kills if not met.get(str(each))]
    rest = sorted((each for each in kills if met.get(str(each))), key=lambda each: met[str(each)])
    return never, rest[:SLICE]


def shift(seed: int, victim: str, start: int) -> float:
    """Seconds by which the clock of the process's `start`-th start is off."""
    return random.Random(f"clock {seed} {victim} {start}").uniform(-CLOCK, CLOCK)


FATES = {
    "write": {"lost": 0.12, "in-flight": 0.05, "timeout": 0.02, "429": 0.04, "503": 0.04},
    "read": {"429": 0.02, "503": 0.02, "timeout": 0.01},
    "talk": {},
}
"""Share of requests by what becomes of them; the rest is left alone."""

PATIENT = 3
"""Times that one and the same write fails at most."""


@dataclass
class Fates:
    """What becomes of requests; reproducible by seed for the same request at the same place."""

    seed: int
    calm: bool = False

    def draw(self, kind: str, what: str, number: int) -> str:
        """`number`: how often `what` was asked before; empty: it is left alone."""
        if self.calm or number >= PATIENT:
            return ""
        roll = random.Random(f"fate {self.seed} {what} {number}").random()
        for fate, share in FATES[kind].items():
            if roll < share:
                return fate
            roll -= share
        return ""


def named(kills: Iterable[Kill]) -> list[str]:
    return [str(each) for each in kills]
