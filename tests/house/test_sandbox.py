"""What the Temporal sandbox refuses when a worker is built, and what it leaves to a host."""

import importlib
import pkgutil
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

import mendwheel
from mendwheel.plugin import MendwheelPlugin
from mendwheel.sandbox import EDGES, PURE, SETUP
from mendwheel.settings import Settings

WORKFLOW = """
import sys

from temporalio import workflow
{imports}

@workflow.defn(name="{name}")
class Probe:
    @workflow.run
    async def run(self) -> dict[str, int]:
        return {{name: id(module) for name, module in sys.modules.items()}}
"""

OURS = [
    "import mendwheel.stores",
    "from mendwheel.stores.store import Store",
    "from mendwheel import house",
    "import mendwheel.activities.acting",
    "from mendwheel.activities import acting",
    "from mendwheel.integrations.intake import Intake",
    "import mendwheel.gateway.gateway",
    "from mendwheel.policy.live import LivePolicy",
]
WORLD = ["import openai", "import sqlite3", "import sqlite_utils", "import subprocess"]


def passed_through(line: str) -> str:
    return f"with workflow.unsafe.imports_passed_through():\n    {line}"


Build = Callable[..., Worker]


@pytest.fixture
def build(
    client: Client, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Build:
    """Builds a worker on a workflow with the given imports; files beside it by name."""

    def build(imports: str, *, strict: bool, **beside: str) -> Worker:
        mark = secrets.token_hex(4)
        package = tmp_path / f"guest_{mark}"
        package.mkdir()
        (package / "__init__.py").touch()
        for name, text in beside.items():
            (package / f"{name}.py").write_text(text, encoding="utf-8")
        imports = imports.replace("PACKAGE", package.name)
        text = WORKFLOW.format(imports=imports, name=f"probe-{mark}")
        (package / "probe.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        probe = importlib.import_module(f"{package.name}.probe").Probe
        return Worker(
            client,
            task_queue=f"q-{mark}",
            workflows=[probe],
            plugins=[MendwheelPlugin(settings, strict=strict)],
        )

    return build


async def refused(build: Build, imports: str, *, strict: bool, **beside: str) -> str:
    with pytest.raises(RuntimeError, match="Failed validating workflow") as caught:
        build(imports, strict=strict, **beside)
    return str(caught.value.__cause__)


@pytest.mark.parametrize("line", [*OURS, *WORLD])
async def test_strict_worker_refuses_io_when_it_is_built(build: Build, line: str) -> None:
    assert "from inside a workflow" in await refused(build, line, strict=True)


@pytest.mark.parametrize("line", [*(line for line in OURS if " house" not in line), *WORLD])
async def test_strict_worker_refuses_io_that_is_passed_through(build: Build, line: str) -> None:
    assert "from inside a workflow" in await refused(build, passed_through(line), strict=True)


@pytest.mark.parametrize("line", [*OURS, *WORLD])
async def test_strict_worker_refuses_io_behind_a_module_of_the_hosts(
    build: Build, line: str
) -> None:
    why = await refused(build, "import PACKAGE.beside", strict=True, beside=line)
    assert "from inside a workflow" in why


@pytest.mark.parametrize("line", OURS)
async def test_host_may_not_import_our_edges_into_workflows(build: Build, line: str) -> None:
    assert "Cannot access mendwheel." in await refused(build, line, strict=False)


@pytest.mark.parametrize("line", WORLD)
async def test_hosts_own_passed_through_imports_are_left_alone(build: Build, line: str) -> None:
    assert build(passed_through(line), strict=False).task_queue


async def test_host_in_one_file_may_import_the_plugin_beside_its_workflows(build: Build) -> None:
    lines = "from mendwheel.plugin import MendwheelPlugin\nfrom mendwheel.settings import Settings"
    assert build(lines, strict=False).task_queue
    assert "mendwheel.plugin" in await refused(build, lines, strict=True)


def test_every_package_of_ours_is_shared_or_shut() -> None:
    """A new package must be put on one of the lists, or workflows could import it unnoticed."""
    found = {each.name for each in pkgutil.iter_modules(mendwheel.__path__)}
    shared = {name.split(".")[1] for name in PURE}
    assert len(found) > 20
    assert found <= {*shared, *SETUP, *EDGES, "workflows"}


@pytest.mark.parametrize("strict", [True, False])
async def test_a_run_imports_nothing_of_other_people_again(
    client: Client, build: Build, strict: bool
) -> None:
    """An import per run costs hundreds of milliseconds for some libraries."""
    async with build("import mendwheel.workflows.ticket", strict=strict) as worker:
        loaded: dict[str, int] = await client.execute_workflow(
            worker.task_queue.replace("q-", "probe-"),
            id=f"loaded-{secrets.token_hex(4)}",
            task_queue=worker.task_queue,
            result_type=dict[str, int],
        )
    again = {name for name, identity in loaded.items() if id(sys.modules.get(name)) != identity}
    packages = {".".join(name.split(".")[:2]) for name in again}
    theirs = {
        name
        for name in packages
        if name.split(".")[0] not in (*sys.stdlib_module_names, "__main__")
        and not name.startswith("guest_")
    }
    assert theirs <= {"mendwheel", "mendwheel.policy"}
    assert "mendwheel" in theirs, "or the probe saw nothing"
