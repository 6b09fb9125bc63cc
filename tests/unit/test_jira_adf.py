"""Markdown to ADF and back to text: valid for any Markdown, readable for any ADF."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from mendwheel.integrations.jira.adf import document, text_size
from mendwheel.integrations.jira.adf_text import adf_text
from mendwheel.integrations.jira.issue import Person
from mendwheel.integrations.jira.marker import INTERNAL, PROPERTY, Mark, marked
from mendwheel.integrations.jira.reading import comment, issue, moment, person
from mendwheel.integrations.jira.wiki import wiki

LIST = {"paragraph", "bulletList", "orderedList", "codeBlock"}
PANEL = LIST | {"heading", "rule"}
INLINE = {"text", "hardBreak", "mention"}
CHILDREN = {
    "doc": PANEL | {"blockquote", "panel", "table"},
    "paragraph": INLINE,
    "heading": INLINE,
    "codeBlock": {"text"},
    "blockquote": LIST,
    "panel": PANEL,
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": LIST,
    "table": {"tableRow"},
    "tableRow": {"tableHeader", "tableCell"},
    "tableHeader": {"paragraph"},
    "tableCell": {"paragraph"},
}
MAY_BE_EMPTY = {"paragraph", "heading", "codeBlock", "doc"}


def invalid(node: dict[str, Any]) -> str | None:
    """What ADF's schema would refuse, or None; as strict as Jira where our nodes are concerned."""
    kind, content = node["type"], node.get("content", [])
    if kind == "text":
        return _invalid_text(node)
    if kind in CHILDREN:
        if not content and kind not in MAY_BE_EMPTY:
            return f"{kind} is empty"
        wrong = [child["type"] for child in content if child["type"] not in CHILDREN[kind]]
        if wrong:
            return f"{wrong[0]} in {kind}"
        if kind == "listItem" and content[0]["type"] != "paragraph":
            return "a list item that begins with no paragraph"
        if kind == "codeBlock" and any("marks" in child for child in content):
            return "marks in a code block"
    elif content:
        return f"content in {kind}"
    return next((found for child in content if (found := invalid(child))), None)


def _invalid_text(node: dict[str, Any]) -> str | None:
    if not node["text"]:
        return "an empty text"
    kinds = [mark["type"] for mark in node.get("marks", [])]
    if len(set(kinds)) < len(kinds):
        return "a mark that is there twice"
    if "code" in kinds and set(kinds) - {"code", "link"}:
        return "code with another mark than a link"
    links = [mark["attrs"]["href"] for mark in node.get("marks", []) if mark["type"] == "link"]
    allowed = [link for link in links if re.match(r"(https?://|mailto:)\S+$", link, re.I)]
    return None if links == allowed else f"a link to {links}"


FRAGMENTS = (
    r"""
# one|### two *x*|> quoted|> [!WARNING]|> [!NOTE] no box|- item|  - below|    - deeper
1. first|7. seventh|```py|```|~~~|    indented|---|***|**bold**|*slanted*|~~gone~~|`code`
**`both`**|[link](http://x.example/y)|[`code link`](https://z.example)|![picture](http://i.ex)
<https://auto.example>|<b>raw</b>|[ref]: http://r.example|[ref]|hard  |back\|&amp;|@user|[~bob]
> - inside|> # heading|> ```|- > quote in item|- # heading in item|- ```|{code}|[l](javascript:go)
""".strip()
    .replace("\n", "|")
    .split("|")
)
TABLE = ["|a|b|", "|-|-|", "|1|2|"]
NODES = """
doc paragraph heading text hardBreak mention emoji date status inlineCard blockCard media
mediaSingle mediaGroup mediaInline bulletList orderedList listItem taskList taskItem
decisionList decisionItem codeBlock table tableRow tableCell panel expand nestedExpand
blockquote rule extension layoutSection unknownThing
"""
MARKDOWN = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.one_of(
            st.sampled_from([*FRAGMENTS, *TABLE]),
            st.text(max_size=10),
        ),
        max_size=25,
    ).map("\n".join),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.one_of(
                    st.sampled_from(NODES.split()),
                    inner,
                ),
                "content": inner,
                "text": inner,
                "marks": inner,
                "attrs": inner,
            },
        ),
    ),
    max_leaves=25,
)


@hypothesis(max_examples=150, deadline=None)
@given(MARKDOWN)
def test_any_markdown_becomes_a_valid_document(markdown: str) -> None:
    made = document(markdown, closing="mendwheel: x")
    assert invalid(made) is None
    assert marked(adf_text(made), None) == Mark(key="x")


@hypothesis(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=20))
def test_no_word_is_lost_on_the_way_to_jira(lines: list[str]) -> None:
    shown = adf_text(document("\n".join(lines)))
    for line in lines:
        words = re.findall(r"[A-Za-z]{3,}", re.sub(r"&amp;|\[!WARNING\]|```py", "", line))
        assert [word for word in words if word not in shown] == []


@hypothesis(max_examples=150, deadline=None)
@given(JSON)
def test_any_json_in_place_of_a_document_is_read_without_failing(body: Any) -> None:
    assert isinstance(adf_text(body), str)
    assert isinstance(adf_text({"type": "doc", "version": 1, "content": body}), str)


def test_a_document_nested_a_thousand_levels_deep_is_read_up_to_a_bound() -> None:
    node: dict[str, Any] = {"type": "paragraph", "content": [{"type": "text", "text": "deep"}]}
    for _ in range(1000):
        node = {"type": "blockquote", "content": [{"type": "text", "text": "x"}, node]}
    text = adf_text({"type": "doc", "content": [node]})
    assert "x" in text
    assert "…" in text
    assert "deep" not in text


def test_markdown_nested_deeper_than_jira_takes_keeps_its_words() -> None:
    made = document("\n".join("  " * level + f"- level{level}" for level in range(25)))
    assert invalid(made) is None
    assert [n for n in range(25) if f"level{n}" not in adf_text(made)] == []


@pytest.mark.parametrize("nothing", [None, "", {}, [], 7, {"type": "doc"}, {"content": None}])
def test_null_and_empty_descriptions_are_empty_texts(nothing: Any) -> None:
    assert adf_text(nothing) == ""


def test_text_of_others_never_becomes_a_mention_or_a_node() -> None:
    made = document('@all [~bob] <img src=x> {"type":"mention"} [c](javascript:x) [d](data:,x)')
    [paragraph] = made["content"]
    assert [node["type"] for node in paragraph["content"]] == ["text"]
    assert "marks" not in paragraph["content"][0]


def test_a_quoted_reference_does_not_turn_citations_into_links() -> None:
    made = document("The queue is full [1].\n\n[1]: https://evil.example")
    assert "link" not in str(made)


def test_only_named_people_are_called() -> None:
    made = document("look", mention=["712020:ann"])
    first = made["content"][0]["content"][0]
    assert first == {"type": "mention", "attrs": {"id": "712020:ann"}}
    assert invalid(made) is None


def test_warning_quotes_become_panels_and_other_quotes_stay_quotes() -> None:
    boxed, quoted = document("> [!WARNING]\n> **Careful** now\n\n> [!NOTE] said she")["content"]
    assert (boxed["type"], boxed["attrs"]) == ("panel", {"panelType": "warning"})
    assert "Careful" in str(boxed)
    assert "!WARNING" not in str(boxed)
    assert quoted["type"] == "blockquote"
    assert "[!NOTE] said she" in str(quoted)


def test_blocks_that_may_not_nest_are_taken_apart_not_dropped() -> None:
    made = document("- > # title\n  >\n  > | a | b |\n  > |---|---|\n  > | 1 | 2 |")
    assert invalid(made) is None
    shown = {line.strip("- ") for line in adf_text(made).splitlines()}
    assert shown == {"title", "a | b", "1 | 2"}


def test_what_jira_cannot_store_is_replaced() -> None:
    made = document("bell\x07 null\0 lone \ud800")
    assert made["content"][0]["content"][0]["text"] == "bell\ufffd null\ufffd lone \ufffd"


def test_size_counts_text_not_markup() -> None:
    assert text_size(document("**abc** `de`")) == len("abc de") + len("\n\n")


ISSUE_BODY = {
    "type": "doc",
    "version": 1,
    "content": [
        {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Steps"}]},
        {
            "type": "paragraph",
            "content": [
                {"type": "text", "text": "Ask "},
                {"type": "mention", "attrs": {"id": "7:1", "text": "@Ann"}},
                {"type": "text", "text": " or "},
                {"type": "mention", "attrs": {"id": "7:2"}},
                {"type": "emoji", "attrs": {"shortName": ":smile:"}},
                {"type": "hardBreak"},
                {"type": "date", "attrs": {"timestamp": "1767225600000"}},
                {"type": "status", "attrs": {"text": "LATE", "color": "red"}},
                {"type": "inlineCard", "attrs": {"url": "https://wiki.example/x"}},
                {
                    "type": "text",
                    "text": "see ",
                    "marks": [{"type": "link", "attrs": {"href": "https://a.example"}}],
                },
                {"type": "text", "text": "x()", "marks": [{"type": "code"}]},
            ],
        },
        {
            "type": "taskList",
            "content": [
                {
                    "type": "taskItem",
                    "attrs": {"state": "DONE"},
                    "content": [{"type": "text", "text": "tried"}],
                },
                {
                    "type": "taskItem",
                    "attrs": {"state": "TODO"},
                    "content": [{"type": "text", "text": "open"}],
                },
            ],
        },
        {
            "type": "decisionList",
            "content": [{"type": "decisionItem", "content": [{"type": "text", "text": "wait"}]}],
        },
        {
            "type": "codeBlock",
            "attrs": {"language": "sql"},
            "content": [{"type": "text", "text": "select 1"}],
        },
        {
            "type": "table",
            "content": [
                {
                    "type": "tableRow",
                    "content": [
                        {
                            "type": "tableHeader",
                            "content": [
                                {
                                    "type": "paragraph",
                                    "content": [{"type": "text", "text": "a|b"}],
                                }
                            ],
                        }
                    ],
                },
                {"type": "tableRow", "content": [{"type": "tableCell", "content": []}]},
            ],
        },
        {
            "type": "panel",
            "attrs": {"panelType": "error"},
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": "down"}]}],
        },
        {
            "type": "expand",
            "attrs": {"title": "Log"},
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": "line"}]}],
        },
        {
            "type": "mediaSingle",
            "content": [{"type": "media", "attrs": {"id": "9", "alt": "shot.png"}}],
        },
        {"type": "mediaGroup", "content": [{"type": "media", "attrs": {"id": "log-1"}}]},
        {"type": "blockCard", "attrs": {"url": "https://card.example"}},
        {"type": "rule"},
        {
            "type": "futureThing",
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": "inside"}]}],
        },
    ],
}


def test_every_node_type_that_occurs_is_read() -> None:
    assert adf_text(ISSUE_BODY) == (
        "## Steps\n\n"
        "Ask @Ann or @7:2:smile:\n2026-01-01[LATE]https://wiki.example/x"
        "[see](https://a.example) `x()`\n\n"
        "- [x] tried\n- [ ] open\n\n"
        "- Decided: wait\n\n"
        "```sql\nselect 1\n```\n\n"
        "| a\\|b |\n| --- |\n|  |\n\n"
        "> [!ERROR]\n> down\n\n"
        "**Log**\n\nline\n\n"
        "[file: shot.png]\n\n[file: log-1]\n\nhttps://card.example\n\n---\n\ninside"
    )


def test_text_survives_the_way_to_jira_and_back() -> None:
    text = (
        "## Found\n\nThe *queue* is **full** since `3am`, see [1].\n\n"
        "- one\n  - two\n    1. three\n\n```py\nx = [1]\n```\n\n> said\n\n"
        "| a | b |\n| --- | --- |\n| 1 | ~~2~~ |\n\n---\n\n[run](https://t.example/run)"
    )
    assert adf_text(document(text)) == text


ME, OTHER = {"accountId": "me"}, {"accountId": "other", "displayName": "O", "accountType": "app"}
WHEN = "2026-01-31T09:00:00.000+0100"


def raw_comment(author: dict[str, str], text: str, **more: Any) -> dict[str, Any]:
    return {"id": 1, "author": author, "body": document(text), "created": WHEN, **more}


def test_a_marker_counts_only_in_comments_of_our_own_account() -> None:
    text, me = "hello\n\n`mendwheel: T/1/card/jira:P-1`", Person(id="me")
    assert comment(raw_comment(ME, text), me).marker == "T/1/card/jira:P-1"
    assert comment(raw_comment(OTHER, text), me).marker == ""
    forged = [{"key": PROPERTY, "value": {"key": "T/1/card/jira:P-1"}}]
    assert comment(raw_comment(OTHER, "x", properties=forged), me).marker == ""
    assert comment(raw_comment(ME, "x", properties=forged), me).marker == "T/1/card/jira:P-1"


def test_a_marker_that_is_quoted_above_the_last_line_is_none() -> None:
    assert marked("mendwheel: T/1/card/jira:P-1\n\nis what the last one said", None) is None


def test_marks_of_parts_are_read_from_text_and_from_properties() -> None:
    mark = Mark(key="T/1/final/jira:P-1", part=2, of=3)
    assert marked(f"text\n\n`{mark.line}`", None) == mark
    assert marked("", mark.properties(internal=False)) == mark
    assert marked("", [{"key": PROPERTY, "value": {"key": "k", "part": "x"}}]) == Mark(key="k")
    assert marked("", ["nonsense", {"key": PROPERTY, "value": 3}]) is None


def test_internal_comments_are_not_public() -> None:
    hidden = [{"key": INTERNAL, "value": {"internal": True}}]
    assert comment(raw_comment(ME, "x", properties=hidden)).public is False
    assert comment(raw_comment(ME, "x", jsdPublic=False)).public is False
    assert comment(raw_comment(ME, "x")).public is True


def test_an_issue_with_nothing_filled_in_is_read() -> None:
    raw = {"key": "PROJ-1", "fields": {"created": WHEN, "updated": WHEN, "description": None}}
    found = issue(raw, "https://j.example")
    assert (found.project, found.description, found.reporter) == ("PROJ", "", None)
    assert found.url == "https://j.example/browse/PROJ-1"


def test_people_of_both_deployments_are_told_apart_by_id() -> None:
    assert person(OTHER) == Person(id="other", name="O", bot=True)
    assert person({"name": "bob", "key": "JIRAUSER1"}) == Person(id="bob", name="bob")
    assert person({"displayName": "Former user"}) is None


@pytest.mark.parametrize("wrong", [None, "", "yesterday", "2026-01-31T09:00:00"])
def test_a_time_without_an_offset_is_no_time_of_jiras(wrong: Any) -> None:
    with pytest.raises(ValueError, match="no time of Jira's"):
        moment(wrong)


def test_a_link_that_reads_as_another_address_shows_the_one_it_leads_to() -> None:
    posing = "[https://login.example.com](https://evil.test/x) and [the guide](https://ok.test)"
    shown = json.dumps(document(posing))
    assert "login.example.com" not in shown
    assert shown.count("https://evil.test/x") == 2
    assert "the guide" in shown
    marked = wiki(posing)
    assert "login.example.com" not in marked
    assert "https://evil.test/x]" in marked
