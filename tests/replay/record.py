"""Records histories and fingerprints of the release that is being made, and of no other.

`python -m tests.replay.record [NAME …]`, only for a change that no running ticket will meet, or
that `workflow.patched()` guards.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

from temporalio.client import WorkflowHistory  # noqa: E402
from temporalio.testing import WorkflowEnvironment  # noqa: E402

from mendwheel.contracts.names import SEARCH_ATTRIBUTES  # noqa: E402
from tests.replay.fingerprint import fingerprint  # noqa: E402
from tests.replay.releases import CURRENT, HISTORIES, is_out  # noqa: E402
from tests.replay.scenarios import SCENARIOS, played  # noqa: E402
from tests.workflows.tickets import set_state_file  # noqa: E402


async def main(wanted: list[str]) -> None:
    """Run the scenarios on a server of their own and write down what happened."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        identity="recorder",
    ) as server:
        for name in wanted:
            with tempfile.TemporaryDirectory() as folder:
                set_state_file(Path(folder) / "platform", os.environ.__setitem__)
                async with played(name, server.client, Path(folder)) as stage:
                    history = await SCENARIOS[name].play(stage)
            write(name, history)
            print(f"{CURRENT}/{name}: {len(history.events)} events", flush=True)


def write(name: str, history: WorkflowHistory) -> None:
    """The history for the replayer, the fingerprint for people's eyes and for the comparison."""
    folder = HISTORIES / CURRENT
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(bare(json.loads(history.to_json())), indent=1)
    (folder / f"{name}.json").write_text(text + "\n", "utf-8")
    if SCENARIOS[name].compared:
        (folder / f"{name}.txt").write_text("\n".join(fingerprint(history)) + "\n", "utf-8")


def bare(told: Any) -> Any:
    """Without stack traces: they name the folders of whoever recorded."""
    if isinstance(told, dict):
        return {name: bare(value) for name, value in told.items() if name != "stackTrace"}
    return [bare(value) for value in told] if isinstance(told, list) else told


def asked_for(words: list[str]) -> list[str]:
    """The scenarios to record. Raises SystemExit where that would be wrong."""
    if is_out(CURRENT):
        raise SystemExit(
            f"{CURRENT} is out and its histories stay as they are: raise the version in "
            "pyproject.toml first"
        )
    unknown = [word for word in words if word not in SCENARIOS]
    if unknown:
        raise SystemExit(f"no scenario {', '.join(unknown)}: there are {', '.join(SCENARIOS)}")
    return words or list(SCENARIOS)


if __name__ == "__main__":
    asyncio.run(main(asked_for(sys.argv[1:])))
