"""The sample knowledge of `make run`: complete, well formed, and silent where it should be."""

import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2] / "examples" / "lanternpost"
GUIDES = sorted((ROOT / "knowledge" / "guides").glob("*.md"))
RUNBOOKS = sorted((ROOT / "knowledge" / "runbooks").glob("*.md"))
REMEDIES = {"restart_service", "roll_back_release"}
SECTIONS = ["Symptoms", "Cause", "Steps", "Check", "Undo"]


@pytest.fixture(scope="module")
def wording() -> Any:
    spec = importlib.util.spec_from_file_location("sample_wording", ROOT / "wording.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _plain(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8").split())


def _front_matter(path: Path) -> dict[str, str]:
    _, block, _ = path.read_text(encoding="utf-8").split("---\n", 2)
    pairs = (line.partition(":") for line in block.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def test_knowledge_is_large_enough_to_search() -> None:
    assert len(GUIDES) >= 18
    assert len(RUNBOOKS) >= 10
    assert len(GUIDES) + len(RUNBOOKS) >= 28


@pytest.mark.parametrize("path", GUIDES, ids=lambda p: p.stem)
def test_guide_has_a_title_headings_and_a_readable_length(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"# \S", text)
    assert len(re.findall(r"^## \S", text, re.MULTILINE)) >= 3
    assert 250 <= len(text.split()) <= 600


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda p: p.stem)
def test_runbook_has_every_section_and_names_only_a_registered_remedy(path: Path) -> None:
    text, matter = path.read_text(encoding="utf-8"), _front_matter(path)
    assert matter["kind"] == "runbook"
    assert matter["component"]
    assert matter["remedy"] in REMEDIES | {""}
    assert f"\n# {matter['title']}\n" in text
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    steps = re.findall(r"^(\d+)\. ", text.partition("## Steps")[2], re.MULTILINE)
    assert steps == [str(n) for n in range(1, len(steps) + 1)]
    assert len(steps) >= 3


def test_each_remedy_has_exactly_one_runbook_and_most_runbooks_have_none() -> None:
    remedies = Counter(_front_matter(path)["remedy"] for path in RUNBOOKS)
    assert {remedies[name] for name in REMEDIES} == {1}
    assert remedies[""] >= 8


def test_every_sample_question_is_answered_by_its_guide(wording: Any) -> None:
    for question in wording.QUESTIONS:
        assert question.fact in _plain(ROOT / "knowledge" / "guides" / question.guide)


def test_knowledge_is_silent_about_every_unanswerable_topic(wording: Any) -> None:
    knowledge = " ".join(_plain(path) for path in GUIDES + RUNBOOKS).lower()
    for topic in wording.UNANSWERABLE:
        asked = f"{topic.title} {topic.body}".lower()
        assert sum(term in asked for term in topic.terms) >= 2
        found = [t for t in topic.terms if re.search(rf"\b{re.escape(t)}\b", knowledge)]
        assert found == []
