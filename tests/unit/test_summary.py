"""Any text, shortened by code."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.tools.summary import printable, summarise

ANYTHING = st.text(st.one_of(st.characters(), st.sampled_from("\n\r\x1b\x00[mK0\t")), max_size=2000)


@given(ANYTHING, st.integers(-5, 1500))
def test_a_summary_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(summarise(text, limit)) <= max(0, limit)


@given(ANYTHING)
def test_a_text_that_fits_is_kept_but_for_what_cannot_be_printed(text: str) -> None:
    kept = summarise(text, 10_000)
    assert kept == printable(text)
    assert not [c for c in kept if c < " " and c not in "\n\t"]
    assert printable(kept) == kept


@given(st.integers(200, 5000), st.integers(0, 4999))
def test_a_lone_error_is_found_wherever_it_stands(limit: int, at: int) -> None:
    lines = [f"{number} all is well here" for number in range(5000)]
    lines[at] = "worker 7: ERROR disk is full"
    summary = summarise("\n".join(lines), limit)
    assert "ERROR disk is full" in summary
    assert summary.startswith("5,000 lines, 1 with error\n")


def test_head_and_tail_are_kept_with_each_kind_of_error_once() -> None:
    lines = ["first line"]
    lines += [f"request {n} failed: connection refused" for n in range(300)]
    lines += [f"tick {n}" for n in range(3000)] + ["last line"]
    summary = summarise("\n".join(lines), 1000)
    assert summary.startswith("3,302 lines, 300 with error\nfirst line\n")
    assert "request 0 failed: connection refused (×300)" in summary
    assert summary.count("(×300)") == 1
    assert summary.endswith("tick 2999\nlast line")
    assert set(summary.partition("[last lines]\n")[2].splitlines()) <= set(lines), "whole lines"


def test_colours_titles_and_overwritten_progress_are_gone() -> None:
    text = "\x1b]0;title\x07\x1b[31mERROR\x1b[0m disk\r\n10 %\r50 %\r100 %\nend\x00\x08"
    assert printable(text) == "ERROR disk\n100 %\nend"


def test_lines_that_speak_of_no_errors_are_not_counted() -> None:
    text = "\n".join(["finished with 0 errors", "no failures"] * 100)
    assert summarise(text, 300).startswith("200 lines, 0 with error\n")


@pytest.mark.parametrize(
    "text",
    [
        "request 17 failed with a timeout, an error\n" * 1_200_000,
        "x" * 60_000_000,
        "\n" * 10_000_000,
        "\x1b[" * 5_000_000,
        "a\r" * 5_000_000,
        "\x00\ufffd" * 5_000_000,
    ],
    ids=["errors", "one line", "empty lines", "escapes", "overwritten", "binary"],
)
def test_fifty_megabytes_take_bounded_time(text: str) -> None:
    began = time.monotonic()
    assert len(summarise(text, 4000)) <= 4000
    assert time.monotonic() - began < 20


def test_a_summary_takes_no_more_than_a_copy_of_the_text() -> None:
    text = "request 17 failed with a timeout, an error\n" * 100_000
    tracemalloc.start()
    try:
        summarise(text, 4000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * len(text)
