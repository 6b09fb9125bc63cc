"""Every secret that the settings hold, so that logs can leave them out, whoever logs them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from mendwheel.settings import Settings

_SHORTEST = 4
"""Shorter ones would blacken half of every line."""


def secrets_of(settings: Settings) -> list[str]:
    """Longest first: one may be the beginning of another. Keys of models as they are now."""
    found = {each for _, value in settings for each in _in(value)}
    for route in settings.routes:
        found.update(_of_sources(route.keys))
    return sorted((each for each in found if len(each) >= _SHORTEST), key=len, reverse=True)


def _in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        yield from (each for _, part in value for each in _in(part))
    elif isinstance(value, dict):
        yield from (each for part in value.values() for each in _in(part))
    elif isinstance(value, list | tuple):
        yield from (each for part in value for each in _in(part))


def _of_sources(sources: Iterable[str]) -> Iterator[str]:
    for source in sources:
        kind, _, name = source.partition(":")
        try:
            text = os.environ.get(name, "") if kind == "env" else Path(name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        yield from (line.strip() for line in text.splitlines())
