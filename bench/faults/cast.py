"""The tickets of one seed: as in the chat demonstration, with one incident of each kind."""

import itertools

from lanternpost.chat.stage import Scene
from lanternpost.tickets import sample_state, sample_tickets

GATEWAY = "api-gateway"
"""It passes on whatever fails behind it: too little is certain there for a remedy."""


def cast(seed: int) -> Scene:
    """Two incidents in two services: one is mended by a restart, one by a roll-back."""
    tickets = sample_tickets(seed)
    platform = sample_state(seed)
    broken, fault = _broken(platform)
    for other in itertools.count(seed + 1):
        second = next(each for each in sample_tickets(other) if each.role == "anomaly")
        name, another = _broken(sample_state(other))
        if name not in (broken, GATEWAY) and another != fault:
            platform[name] = sample_state(other)[name]
            return Scene(tickets=tickets, second=second, platform=platform)
    raise AssertionError("there is always another seed")


def _broken(platform: dict[str, dict[str, object]]) -> tuple[str, object]:
    return next((name, each["fault"]) for name, each in platform.items() if each["fault"])
