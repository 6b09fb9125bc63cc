"""Records the histories and fingerprints anew: `python -m tests.replay.record`.

Only for a change that no running ticket will meet, or that `workflow.patched()` guards.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

from temporalio.client import WorkflowHistory  # noqa: E402
from temporalio.testing import WorkflowEnvironment  # noqa: E402

from mendwheel.contracts.names import SEARCH_ATTRIBUTES  # noqa: E402
from mendwheel.testing.board import InMemoryBoard  # noqa: E402
from tests.replay.fingerprint import fingerprint  # noqa: E402
from tests.replay.scenarios import LOOSE, SCENARIOS, WINDOW  # noqa: E402
from tests.workflows.stage import own_settings, staged  # noqa: E402
from tests.workflows.tickets import set_state_file  # noqa: E402

HISTORIES = Path(__file__).with_name("histories")


async def main() -> None:
    """Run every scenario on a server of its own and write down what happened."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        identity="recorder",
    ) as server:
        for name, scenario in (SCENARIOS | LOOSE).items():
            with tempfile.TemporaryDirectory() as folder:
                set_state_file(Path(folder) / "platform", os.environ.__setitem__)
                settings = own_settings(Path(folder), name, watch_window=WINDOW)
                boards = {"slack": InMemoryBoard(), "jira": InMemoryBoard()}
                async with staged(server.client, settings, boards=boards) as stage:
                    [history] = await scenario(stage)
            write(name, history)
            print(f"{name}: {len(history.events)} events")


def write(name: str, history: WorkflowHistory) -> None:
    """The history for the replayer, the fingerprint for people's eyes and for the comparison."""
    HISTORIES.mkdir(exist_ok=True)
    text = json.dumps(json.loads(history.to_json()), indent=1)
    (HISTORIES / f"{name}.json").write_text(text + "\n", "utf-8")
    if name in SCENARIOS:
        (HISTORIES / f"{name}.txt").write_text("\n".join(fingerprint(history)) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
