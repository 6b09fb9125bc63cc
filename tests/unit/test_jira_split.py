"""One text as several comments: nothing is lost, everything fits, frames are opened again."""

import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from mendwheel.integrations.jira.adf_text import adf_text
from mendwheel.integrations.jira.body import LIMIT, share, written
from mendwheel.integrations.jira.split import split

CLOUD, DATA_CENTER = partial(share, cloud=True), partial(share, cloud=False)
SHARES = pytest.mark.parametrize("measure", [CLOUD, DATA_CENTER])


def small(text: str, limit: int = 60) -> float:
    """A comment of `limit` characters."""
    return len(text) / limit


def letters(text: str) -> str:
    return "".join(re.findall(r"\w+", text))


@hypothesis(max_examples=80, deadline=None)
@given(st.lists(st.text(alphabet="abcdef12 .,\n", max_size=50), max_size=12))
def test_splitting_loses_and_adds_no_text(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    parts = split(text, small)
    assert letters("".join(parts)) == letters(text)
    assert [part for part in parts if small(part) > 1] == []


@hypothesis(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["- item one", "  - below", "> said", "# head", "```py", "```", "| a |\n|---|\n| 1 |"]
        )
        | st.text(max_size=30),
        max_size=20,
    )
)
def test_any_markdown_splits_into_parts_that_each_say_something(lines: list[str]) -> None:
    text = "\n".join(lines)
    parts = split(text, partial(small, limit=80))
    assert set(letters(text)) <= set(letters("".join(parts)) + "json")
    assert [part for part in parts if not part.strip()] == [] or not text.strip()


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert split("  short\n\n- text \n", CLOUD) == ["  short\n\n- text \n"]
    assert split("", CLOUD) == [""]


@SHARES
def test_every_part_of_a_long_text_fits_into_one_comment(measure: partial[float]) -> None:
    blocks = [f"## Part {n}\n\nThe *queue* of [x](https://x.example/{n}) {n}." for n in range(1100)]
    text = "\n\n".join(blocks)
    parts = split(text, measure)
    assert 1 < len(parts) < 12
    assert "\n\n".join(parts) == text
    for part in parts:
        body = written(part, cloud=measure is CLOUD, closing="mendwheel: " + "k" * 200)
        assert len(body if isinstance(body, str) else adf_text(body)) <= LIMIT * 1.2
        assert measure(part) <= 0.95


def test_cuts_fall_between_blocks_where_they_can() -> None:
    text = "first paragraph here\n\nsecond one is here\n\nthird one"
    assert split(text, partial(small, limit=45)) == [
        "first paragraph here\n\nsecond one is here",
        "third one",
    ]


@SHARES
def test_a_code_fence_is_closed_and_opened_again(measure: partial[float]) -> None:
    lines = [f"x{n} = {n}  # {{code}}" for n in range(3500)]
    parts = split("before\n\n```python\n" + "\n".join(lines) + "\n```\n\nafter", measure)
    fenced = [part for part in parts if "```" in part]
    assert len(fenced) > 1
    for part in fenced:
        assert part.startswith("```python\n")
        assert part.count("```") == 2
    inside = [line for part in fenced for line in part.split("\n") if line.startswith("x")]
    assert inside == lines
    assert (parts[0], parts[-1].split("\n")[-1]) == ("before", "after")


def test_a_table_repeats_its_head() -> None:
    rows = [f"| {n} | text {n} |" for n in range(1000)]
    parts = split("| a | b |\n|---|---|\n" + "\n".join(rows), CLOUD)
    assert len(parts) > 1
    assert [part for part in parts if not part.startswith("| a | b |\n|---|---|\n|")] == []
    assert [row for part in parts for row in part.split("\n")[2:]] == rows


def test_a_box_stays_a_box() -> None:
    parts = split("> [!WARNING]\n" + "\n".join(f"> line {n}" for n in range(4000)), CLOUD)
    kinds = [written(part, cloud=True)["content"][0]["type"] for part in parts]  # type: ignore[index]
    assert kinds == ["panel"] * len(parts)
    assert len(parts) > 1


def test_list_items_with_their_code_stay_together() -> None:
    items = [f"- item {n}\n  - below\n\n    ```\n    code {n}\n    ```" for n in range(1200)]
    parts = split("\n".join(items), DATA_CENTER)
    assert len(parts) > 1
    assert [part for part in parts if not part.startswith("- item")] == []
    assert [part for part in parts if part.count("```") % 2] == []


@SHARES
@pytest.mark.parametrize("text", ["x" * 70_000, "word " * 9_000, "> " + "w " * 20_000])
def test_one_endless_line_is_cut_too(text: str, measure: partial[float]) -> None:
    parts = split(text, measure)
    assert letters("".join(parts)) == letters(text)
    assert [part for part in parts if measure(part) > 1] == []


def test_a_cut_makes_no_markup_of_what_follows() -> None:
    parts = split("aaaa bbbb cccc # dddd 7. eeee - ffff > gggg", partial(small, limit=11))
    assert len(parts) > 3
    assert [part for part in parts if re.match(r"[#>-]|\d+\.", part)] == []
