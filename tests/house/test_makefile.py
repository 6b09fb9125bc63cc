"""What a target of the Makefile needs before it runs."""

import ast
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "bench"
BENCHES = sorted(
    path.stem for path in BENCH.glob("[!_]*.py") if "\ndef main(" in path.read_text("utf-8")
)


def imported(path: Path) -> set[str]:
    """Modules that a file names in imports, wherever they stand in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def plays_slack(name: str, seen: set[str]) -> bool:
    """Whether a bench uses what plays Slack, itself or through another module of its folder."""
    seen.add(name)
    modules = imported(BENCH / f"{name}.py")
    if any(module.startswith("tests.counterparts") for module in modules):
        return True
    inner = {module.split(".")[1] for module in modules if module.startswith("bench.")}
    files = {each for each in inner - seen if (BENCH / f"{each}.py").is_file()}
    return any(plays_slack(each, seen) for each in sorted(files))


def planned(name: str, empty: Path) -> str:
    """What `make bench` would do where nothing is installed yet."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    command = ["make", "--dry-run", "bench", f"NAME={name}", f"VENV={empty}"]
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", BENCHES)
def test_bench_waits_for_npms_registry_only_where_it_plays_slack(name: str, tmp_path: Path) -> None:
    said = planned(name, tmp_path)
    assert f"-m bench {name}" in said
    assert ("counterparts/install.py" in said) is plays_slack(name, set())


def test_acks_is_known_to_play_slack_and_retrieval_not_to() -> None:
    assert {"acks", "retrieval"} <= set(BENCHES)
    assert plays_slack("acks", set())
    assert not plays_slack("retrieval", set())
