"""Which places the settings name, so that each can be looked at."""

import ipaddress
from urllib.parse import urlsplit

from mendwheel.domain.place import Place
from mendwheel.settings import Settings


def named(settings: Settings) -> list[str]:
    """Every place that rules and alerts name, each once."""
    names = [*settings.alerts_show_in]
    for rule in settings.places:
        names += [rule.place, *rule.show_in]
    return list(dict.fromkeys(names))


def followed(settings: Settings, system: str) -> list[str]:
    """Addresses in one system, each once. What is no place is left to another check."""
    found = []
    for name in named(settings):
        try:
            place = Place.parse(name)
        except ValueError:
            continue
        if place.system == system:
            found.append(place.address)
    return list(dict.fromkeys(found))


def unsafe(url: str) -> bool:
    """Whether what is sent there crosses a network unencrypted."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return False
    host = parts.hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
