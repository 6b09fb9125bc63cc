"""Markdown to mrkdwn: shown alike, taken for no command, and parted without breaking."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mendwheel.integrations.slack.escape import bold, clean, inline_code, link, literal, plain
from mendwheel.integrations.slack.limits import SECTION, blank, clip, cut, size
from mendwheel.integrations.slack.mrkdwn import mrkdwn, parts

HOSTILE = [
    "<!channel>",
    "<!here|here>",
    "<@U123>",
    "<#C123|general>",
    "<https://evil.example|click>",
    "https://evil.example",
    "[x](https://a.example/?q=<!channel>|y)",
    "```",
    "~~~",
    "`",
    "*a*",
    "__b__",
    "& < > &amp; &lt;!channel&gt;",
    "&",
    "\u202e\u2066\u200b\u0000\x1b[31m",
    "\u2028",
    "👩‍👩‍👧‍👦",
    "日本語",
    "# ",
    "- ",
    "1. ",
    "> ",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "\n",
    "\n\n",
    " ",
    "word",
]
hostile = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), max_size=40).map("".join)
huge = st.builds(
    lambda text, times: (text * times)[:30_000], hostile, st.sampled_from([1, 1, 30, 400])
)
ANGLED = re.compile(r"<[^>]*>")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**bold** and __bold__", "*bold* and *bold*"),
        ("*slanted* and _slanted_", "_slanted_ and _slanted_"),
        ("~~gone~~", "~gone~"),
        ("a `b < c` d", "a `b &lt; c` d"),
        ("```py\na < b\n```", "```\na &lt; b\n```"),
        ("    indented", "```\nindented\n```"),
        ("[docs](https://a.example/x?a=1&b=2)", "<https://a.example/x?a=1&amp;b=2|docs>"),
        ("<https://a.example>", "<https://a.example|https://a.example>"),
        ("![plot](https://a.example/p.png)", "<https://a.example/p.png|plot>"),
        ("- a\n- b\n  - c", "• a\n• b\n    ◦ c"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- a\n\n  more of a", "• a\n  more of a"),
        ("# Cause", "*Cause*"),
        ("## The **whole** `x`", "*The whole `x`*"),
        ("> said\n> so", "> said\n> so"),
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("a**b**c", "a\u200b*b*\u200bc"),
        ("**a _b_ c**", "*a _b_ c*"),
        ("***both***", "_*both*_"),
        ("**a\nb**", "*a b*"),
        ("snake_case and a * b", "snake_case and a * b"),
        ("x\n\n---\n\ny", "x\n\n———\n\ny"),
    ],
)
def test_markdown_becomes_what_slack_shows_alike(markdown: str, expected: str) -> None:
    assert mrkdwn(markdown) == expected


def test_a_table_is_aligned_even_with_wide_letters() -> None:
    table = "| name | **n** |\n|---|---|\n| 日本 | 1 |\n| longer | <2> |"
    assert mrkdwn(table) == ("```\nname   │ n\n───────┼────\n日本   │ 1\nlonger │ &lt;2&gt;\n```")


@pytest.mark.parametrize("text", ["<!channel>", "<@U123>", "<#C123>", "<!subteam^S1>", "<a|b>"])
def test_no_text_calls_anybody(text: str) -> None:
    for written in (mrkdwn(text), mrkdwn(f"`{text}`"), mrkdwn(f"```\n{text}\n```"), plain(text)):
        assert "<" not in written
        assert "&lt;" in written


def test_no_entity_smuggles_a_mention_in() -> None:
    assert mrkdwn("&lt;!channel&gt;") == "&lt;!channel&gt;"
    assert plain("&lt;!channel&gt;") == "&amp;lt;!channel&amp;gt;"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//a.example", "x"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert link(url, "here") == "here"
    assert "<" not in mrkdwn(f"[here]({url})")


def test_an_address_cannot_end_its_link() -> None:
    written = link("https://a.example/x>|<!channel>", "a|b>")
    assert written == "<https://a.example/x%3E%7C%3C!channel%3E|a¦b&gt;>"


def test_a_label_that_looks_like_another_address_is_replaced_by_the_real_one() -> None:
    assert link("https://evil.example", "https://bank.example") == (
        "<https://evil.example|https://evil.example>"
    )
    assert link("https://evil.example", "WWW.bank.example").endswith("|https://evil.example>")


def test_marks_in_plain_text_format_nothing() -> None:
    assert plain("*not bold* _nor this_ ~nor~ `this`") == "∗not bold* ˍnor this_ ∼nor~ ˋthis`"
    assert plain("2 * 3 * 4 in snake_case_name") == "2 * 3 * 4 in snake_case_name"
    assert "```" not in literal("a ``` b")


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert clean("pay\u202eload\u0000\u200b\x1b[0m\r\nx\ud800") == "payload[0m\nx\ufffd"
    assert clean("👩‍👩‍👧 می‌خواهم") == "👩‍👩‍👧 می‌خواهم"


def test_code_cannot_leave_its_fence() -> None:
    written = mrkdwn("~~~\n```\n<!channel>\n~~~")
    assert written.count("```") == 2
    assert inline_code("a`b") == "`aˋb`"


def test_a_clipped_text_keeps_its_marks() -> None:
    assert bold("word " * 100, 30).endswith("…*")
    assert size(bold("word " * 100, 30)) <= 30
    assert inline_code("x" * 100, 20) == "`" + "x" * 17 + "…`"


def test_nothing_is_cut_inside_an_entity_or_a_link() -> None:
    assert cut("abc&amp;def", 6) == ("abc", "&amp;def")
    assert cut("ab <https://a.example|x> c", 12)[0] == "ab"
    assert clip("&lt;" * 10, 10) == "&lt;&lt;…"


def test_long_code_is_fenced_in_every_part() -> None:
    code = "\n".join(f"line {number} & more" for number in range(1000))
    found = parts(f"before\n\n```\n{code}\n```\n\nafter")
    assert len(found) > 5
    assert all(part.count("```") % 2 == 0 for part in found)
    inside = "".join(found).replace("```", "").replace("\n", "")
    assert inside == "before" + code.replace("\n", "").replace("&", "&amp;") + "after"


def test_parts_end_between_blocks_where_they_can() -> None:
    paragraph = "word " * 300
    found = parts("\n\n".join([paragraph.strip()] * 5))
    assert [part.count("\n\n") for part in found] == [0, 0, 0, 0, 0]
    assert parts("\n\n".join(["short"] * 5)) == ["\n\n".join(["short"] * 5)]


@settings(max_examples=50, deadline=None)
@given(huge, st.sampled_from([SECTION, 1300]))
def test_parts_of_anything_fit_and_call_nobody(markdown: str, limit: int) -> None:
    for part in parts(markdown, limit):
        assert size(part) <= limit
        assert not blank(part)
        assert part.count("```") % 2 == 0
        for angled in ANGLED.findall(part):
            assert re.fullmatch(r"<https?://[^<>|\s]+\|[^<>|]+>", angled), angled
        assert "&" not in re.sub(r"&(?:amp|lt|gt);", "", part)


@settings(max_examples=50, deadline=None)
@given(hostile, st.integers(5, 60))
def test_a_cut_loses_only_the_blank_it_is_made_at(text: str, limit: int) -> None:
    escaped = literal(text)
    head, rest = cut(escaped, limit)
    assert size(head) <= limit
    kept = re.sub(r"\s", "", head + rest)
    assert kept == re.sub(r"\s", "", escaped)
