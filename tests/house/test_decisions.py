"""Decisions are findable, complete, and agree with what is declared."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADR = ROOT / "docs" / "adr"
PAGES = sorted(ADR.glob("[0-9]*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_decision_says_what_was_considered_and_what_follows(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith(f"# {page.name[:4]}: ")
    assert re.search(r"^\*\*Status:\*\* (accepted|superseded by \[\d{4}\])", text, re.MULTILINE)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Options considered", "Consequences"]
    # A table grows with what it lists, and is looked up rather than read.
    prose = [line for line in text.splitlines() if not line.startswith("|")]
    assert len(" ".join(prose).split()) < 700, (
        "under a page or two: decisions that nobody reads are not kept"
    )


def test_each_decision_is_in_the_index() -> None:
    index = (ADR / "README.md").read_text("utf-8")
    listed = re.findall(r"\]\((\d{4}-[^)]+\.md)\)", index)
    assert listed == [page.name for page in PAGES]


def test_each_dependency_is_declared_and_explained_once_and_nothing_else_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = [
        (_name(each), kind)
        for kind, group in [("runtime", project["dependencies"]), *extras.items()]
        for each in group
        if _name(each) != "mendwheel"
    ]
    table = (ADR / "0002-dependencies.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| `?(\w+)`? \| .+ \|", table, re.MULTILINE)
    assert sorted(rows) == sorted(declared)


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0]


def test_each_runtime_dependency_is_imported_by_the_package() -> None:
    imports = {"beautifulsoup4": "bs4", "PyJWT": "jwt", "markdown-it-py": "markdown_it"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    code = "\n".join(
        path.read_text("utf-8")
        for folder in ("mendwheel", "workflows", "activities", "integrations")
        for path in (ROOT / folder).rglob("*.py")
    )
    unused = []
    for requirement in project["dependencies"]:
        name = _name(requirement)
        module = imports.get(name, name.replace("-", "_"))
        if not re.search(rf"^\s*(import|from) {module}\b", code, re.MULTILINE):
            unused.append(name)
    assert unused == [], "drop it from pyproject.toml"
