"""SECURITY.md says what is true: the code and the tests that it names are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED = re.findall(r"`([^`\s]+)`", PAGE)


def test_every_test_that_it_names_is_a_test() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    named = {name for name in NAMED if name.startswith("test_")}
    there = set(re.findall(r"^\s*(?:async )?def (test_\w+)", tests, re.MULTILINE))
    assert len(named) > 30
    assert named <= there


def test_every_path_that_it_names_is_code() -> None:
    paths = [name for name in NAMED if re.fullmatch(r"[\w/]+(\.py|\.toml|/)", name)]
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / "mendwheel" / path).exists()] == []
