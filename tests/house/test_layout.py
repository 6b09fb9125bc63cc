"""The shape of the house: links, names, sizes, directions, and texts that never change."""

import ast
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mendwheel.testing
from mendwheel.cli.local_checks import links
from mendwheel.prompts.library import versions

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mendwheel"
ROOMS = ("workflows", "activities", "integrations")
DIGESTS = Path(__file__).with_name("prompts.sha256")
A_PERSONS_PATH = re.compile(
    r"/Users/\w|/home/(?!mendwheel\b)\w|/root/(?!\.cache)|(?<![\w.])/work/\w"
)


def modules() -> Iterator[Path]:
    """Every module of the package, through the links."""
    for folder, _, names in os.walk(PACKAGE, followlinks=True):
        yield from (Path(folder, name) for name in names if name.endswith(".py"))


def python(code: str) -> Any:
    """What a fresh interpreter prints, read as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{code}"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_a_link_to_the_folder_beside_the_package(room: str) -> None:
    assert (PACKAGE / room).is_symlink()
    assert os.readlink(PACKAGE / room) == f"../{room}"
    assert (PACKAGE / room).resolve() == ROOT / room
    assert (PACKAGE / room / "__init__.py").is_file()


def test_doctor_finds_links_that_a_checkout_made_into_text_files(tmp_path: Path) -> None:
    assert links(PACKAGE).state == "ok"
    for room in ROOMS:
        (tmp_path / room).write_text(f"../{room}", encoding="utf-8")
    broken = links(tmp_path)
    assert broken.state == "fail"
    assert all(room in broken.detail for room in ROOMS)
    assert "symlinks" in broken.way_out


def test_importing_everything_leaves_the_bare_names_to_the_host() -> None:
    loaded = python(
        "import pkgutil, importlib, mendwheel\n"
        "walk = pkgutil.walk_packages(mendwheel.__path__, 'mendwheel.')\n"
        "for each in walk: importlib.import_module(each.name)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert {f"mendwheel.{room}" for room in ROOMS} <= set(loaded)
    assert not set(ROOMS) & set(loaded)


def test_importing_the_plugin_imports_no_chat_tracker_or_command_line() -> None:
    loaded = python("import mendwheel.plugin\nprint(json.dumps(sorted(sys.modules)))")
    # aiohttp is left out: the openai client imports it by itself wherever it is installed.
    heavy = {"slack_bolt", "slack_sdk", "jira", "typer", "rich", "mendwheel.cli"}
    assert "mendwheel.workflows.ticket" in loaded
    assert not heavy & set(loaded)


def test_importing_the_command_line_imports_no_temporal() -> None:
    loaded = python("import mendwheel.cli\nprint(json.dumps(sorted(sys.modules)))")
    assert not {"temporalio", "openai", "mendwheel.plugin"} & set(loaded)


def test_worker_fits_on_a_screen() -> None:
    assert len((ROOT / "worker.py").read_text("utf-8").splitlines()) <= 30


def test_no_module_has_grown_past_260_lines() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert len(sizes) > 100, "the walk must see the package"
    assert {str(path): size for path, size in sizes.items() if size > 260} == {}


def test_no_function_has_grown_past_50_lines() -> None:
    """The body counts: the options of a command are a table in its signature, not logic."""
    long = {}
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.body[-1].end_lineno or 0) - node.body[0].lineno + 1
                if size > 50:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = size
    assert long == {}, "split it by idea, not by line"


def test_every_module_says_why_it_exists() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if (text := path.read_text("utf-8")).strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_workflows_import_only_what_a_replay_can_rely_on() -> None:
    allowed = {"temporalio", "pydantic", *sys.stdlib_module_names}
    ours = {f"mendwheel.{name}" for name in ["contracts", "domain", "agents", "policy", "flywheel"]}
    seen: set[str] = set()
    for path in (PACKAGE / "workflows").glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path.name}: say the whole name"
                seen.add(node.module or "")
            elif isinstance(node, ast.Import):
                seen |= {alias.name for alias in node.names}
    outside = {name for name in seen if name.split(".")[0] not in allowed}
    packages = {".".join(name.split(".")[:2]) for name in outside}
    assert packages <= {*ours, "mendwheel.workflows"}


def test_public_surface_of_the_testing_module() -> None:
    """What users' tests import. Adding is a feature; removing or renaming breaks them."""
    assert set(mendwheel.testing.__all__) == {
        "Answer",
        "Fault",
        "FaultKind",
        "InMemoryBudgets",
        "JiraComment",
        "JiraIssue",
        "JiraSide",
        "JiraTransition",
        "ScriptedModel",
        "Signing",
        "SlackMessage",
        "SlackSide",
    }
    assert all(hasattr(mendwheel.testing, name) for name in mendwheel.testing.__all__)


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if A_PERSONS_PATH.search(line) and path != Path(__file__):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


def texts() -> Iterator[Path]:
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        names = listed.stdout.splitlines()
    else:  # an unpacked sdist
        names = [str(path) for path in ROOT.rglob("*") if "/." not in str(path)]
    for path in (ROOT / name for name in names):
        if path.is_file() and b"\0" not in path.read_bytes():
            yield path


def test_published_prompts_are_never_edited() -> None:
    """A frozen playbook names a version: its text must stay what it was."""
    published = dict(
        reversed(line.split()) for line in DIGESTS.read_text("utf-8").splitlines() if line
    )
    now = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (PACKAGE / "prompts").glob("*.md")
    }
    changed = {name for name, digest in published.items() if now.get(name) != digest}
    assert changed == set(), "restore it, and put the new text into the next version's file"
    added = "\n".join(f"{now[name]}  {name}" for name in sorted(now.keys() - published.keys()))
    assert added == "", f"publish it: add this to tests/house/{DIGESTS.name}:\n{added}"
    assert {f"{version}.md" for version in versions()} == set(published)


def test_imports_go_the_way_the_contracts_say() -> None:
    assert importlib.util.find_spec("importlinter") is not None
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
