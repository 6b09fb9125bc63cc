"""What is shipped: the wheel holds the rooms behind the links, the sdist builds the same wheel."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from hatchling.build import {hook}; print({hook}(sys.argv[1]))"


def build(hook: str, source: Path, target: Path) -> Path:
    """Call the build backend as an installer would, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(hook=hook), str(target)],
        cwd=source,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return target / done.stdout.splitlines()[-1]


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dist")


@pytest.fixture(scope="module")
def wheel(target: Path) -> Path:
    return build("build_wheel", ROOT, target)


@pytest.fixture(scope="module")
def unpacked(target: Path) -> Path:
    sdist = build("build_sdist", ROOT, target)
    with tarfile.open(sdist) as archive:
        archive.extractall(target / "unpacked", filter="data")
    return target / "unpacked" / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def installed(wheel: Path, target: Path) -> Path:
    """The wheel alone in a folder; its dependencies come from the interpreter."""
    folder = target / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--no-deps", "--no-index", "--no-compile", "--target", str(folder), str(wheel)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_wheel_holds_every_module_of_the_package_and_its_data(wheel: Path) -> None:
    shipped = names(wheel)
    package = ROOT / "mendwheel"
    wanted = {
        str(Path(folder, name).relative_to(ROOT))
        for folder, _, files in os.walk(package, followlinks=True)
        for name in files
        if name.endswith((".py", ".md", ".toml", ".typed")) and "/." not in folder
    }
    assert {
        "mendwheel/workflows/ticket.py",
        "mendwheel/activities/thinking.py",
        "mendwheel/integrations/intake.py",
        "mendwheel/prompts/triage-1.md",
        "mendwheel/policy/default.toml",
        "mendwheel/py.typed",
    } <= wanted
    assert wanted - shipped == set()


def test_wheel_holds_no_tests_and_no_bare_rooms(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mendwheel"}
    assert not [name for name in names(wheel) if "test_" in name or "conftest" in name]
    assert not [name for name in names(wheel) if name.endswith((".pyc", ".db", ".key"))]


def test_wheel_installs_the_command_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "mendwheel = mendwheel.cli:main" in archive.read(entry).decode()
    assert any(name.endswith("licenses/LICENSE") for name in names(wheel))


def test_sdist_holds_what_a_contributor_needs(unpacked: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", "Makefile", "worker.py", "CHANGELOG.md"):
        assert (unpacked / name).is_file(), name
    for name in ("tests", "docs", "examples", "mendwheel", "workflows", "activities"):
        assert (unpacked / name).is_dir(), name
    assert not list(unpacked.rglob("__pycache__"))


def test_wheel_from_the_sdist_is_the_same_wheel(
    wheel: Path, unpacked: Path, tmp_path: Path
) -> None:
    again = build("build_wheel", unpacked, tmp_path)
    assert names(again) == names(wheel)


def test_installed_wheel_runs_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json, sys, mendwheel.workflows.ticket as ticket, mendwheel.plugin\n"
        "from mendwheel.prompts.library import load\n"
        "from mendwheel.policy.live import LivePolicy\n"
        "print(json.dumps([ticket.__file__, load('triage-1')[:9], LivePolicy(None).load().version,"
        " [name for name in sys.modules if name in ('workflows', 'activities', 'integrations')]]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    file, prompt, policy, bare = json.loads(done.stdout)
    assert Path(file) == installed / "mendwheel" / "workflows" / "ticket.py"
    assert prompt
    assert policy
    assert bare == []
