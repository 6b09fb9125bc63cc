"""Where histories lie: a folder a release. Only the one that is being made may still change."""

import hashlib
import tomllib
from pathlib import Path

from temporalio.client import WorkflowHistory

ROOT = Path(__file__).resolve().parents[2]
HISTORIES = Path(__file__).with_name("histories")
FROZEN = ROOT / "tests" / "house" / "histories.sha256"
CURRENT: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
"""The release that is being made: the version in pyproject.toml."""


def recorded() -> list[str]:
    """Every history there is, as RELEASE/NAME, the oldest release first."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in HISTORIES.glob("*/*.json"))


def history(name: str, release: str = CURRENT) -> WorkflowHistory:
    """Under the id that it ran with: a write reads from its id what it is to write."""
    text = (HISTORIES / release / f"{name}.json").read_text("utf-8")
    loaded = WorkflowHistory.from_json(name, text)
    started = loaded.events[0].workflow_execution_started_event_attributes
    return WorkflowHistory(started.workflow_id, loaded.events)


def commands(name: str) -> list[str]:
    """The fingerprint that was kept of the current release."""
    return (HISTORIES / CURRENT / f"{name}.txt").read_text("utf-8").splitlines()


def frozen() -> dict[str, str]:
    """File → digest of the releases that are out."""
    lines = FROZEN.read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines if line)}


def digests() -> dict[str, str]:
    """File → digest of what lies there now of every release but the current one."""
    return {
        f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(HISTORIES.glob("*/*"))
        if path.parent.name != CURRENT
    }


def is_out(release: str) -> bool:
    return any(name.startswith(f"{release}/") for name in frozen())
