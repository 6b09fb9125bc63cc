"""The state of Lanternpost's services: a JSON file that stands in for a real platform."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

STATE_VARIABLE = "LANTERNPOST_STATE"


def path() -> Path:
    """Where the state lies. Raises RuntimeError when nobody said so."""
    try:
        return Path(os.environ[STATE_VARIABLE])
    except KeyError:
        raise RuntimeError(f"set {STATE_VARIABLE} to the file that holds the state") from None


def read() -> dict[str, dict[str, Any]]:
    """Every service by name."""
    services: dict[str, dict[str, Any]] = json.loads(path().read_text("utf-8"))
    return services


def write(services: dict[str, dict[str, Any]]) -> None:
    """All or nothing: a reader never sees half a file."""
    target = path()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=target.parent, delete=False
    ) as file:
        json.dump(services, file, indent=2)
    Path(file.name).replace(target)


def change(service: str, **fields: Any) -> None:
    """Set fields of one service. Raises KeyError for an unknown one."""
    services = read()
    services[service] = services[service] | fields
    write(services)
