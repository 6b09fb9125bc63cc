"""The page of the chat demonstration draws what was said, and nothing that was said runs."""

from html.parser import HTMLParser

import pytest
from lanternpost.chat.blocks import block, message
from lanternpost.chat.mrkdwn import to_html
from lanternpost.chat.page import Channel, JiraIssue, Post, Row, comment, page

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


@pytest.mark.parametrize(
    ("mrkdwn", "html"),
    [
        ("*bold* and _soft_ and ~gone~", "<strong>bold</strong> and <em>soft</em> and <s>gone</s>"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("`a*b*c`", "<code>a*b*c</code>"),
        ("a\nb", "a<br>b"),
        ("&gt; said", "<blockquote> said</blockquote>"),
        ("<https://x.net/?a=1&amp;b=2|log>", '<a href="https://x.net/?a=1&amp;b=2">log</a>'),
        ("<javascript:alert(1)|log>", "log"),
        ("<@U1> in <#C1|ops>", '<span class="mention">@Ada</span> in <span class="mention">#ops'),
        ("```\nx &lt; y *z*\n```", "<pre>x &lt; y *z*</pre>"),
        ("", ""),
    ],
)
def test_mrkdwn_is_drawn_as_slack_draws_it(mrkdwn: str, html: str) -> None:
    assert to_html(mrkdwn, {"U1": "Ada"}.get).startswith(html)  # type: ignore[arg-type]


def test_a_button_can_be_seen_and_not_be_pressed() -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "value": "v"}
    [(tag, attributes)] = [
        each
        for each in parsed(block({"type": "actions", "elements": [button]})).seen
        if each[0] == "button"
    ]
    assert (tag, "disabled" in attributes) == ("button", True)


def test_a_block_of_an_unknown_kind_shows_its_texts() -> None:
    unknown = {
        "type": "hologram",
        "parts": [{"text": {"type": "plain_text", "text": "still <here>"}}],
    }
    assert parsed(block(unknown)).text == "still <here>"


def test_a_message_without_blocks_shows_its_text() -> None:
    assert parsed(message({"text": "*hello* &amp; welcome"})).text == "hello & welcome"


@pytest.mark.parametrize(
    "body",
    [
        f"h2. Found\n* {HOSTILE}",
        {
            "type": "doc",
            "version": 1,
            "content": [
                {
                    "type": "heading",
                    "attrs": {"level": 2},
                    "content": [{"type": "text", "text": "Found"}],
                },
                {"type": "paragraph", "content": [{"type": "text", "text": HOSTILE}]},
            ],
        },
    ],
    ids=["wiki", "adf"],
)
def test_comments_of_both_deployments_are_drawn(body: str | dict[str, object]) -> None:
    tags = parsed(comment(body))
    assert next(tag for tag, _ in tags.seen) == "h2"
    assert not {"script", "img"} & {tag for tag, _ in tags.seen}
    assert "alert(1)" in tags.text


def test_nothing_that_was_said_runs_or_leads_out_of_the_page() -> None:
    sent = {"user": HOSTILE, "ts": "1700000000.000100", "text": HOSTILE, "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}},
        {"type": "section", "text": {"type": "mrkdwn", "text": HOSTILE},
         "fields": [{"type": "mrkdwn", "text": f"*{HOSTILE}*"}]},
        {"type": "context", "elements": [{"type": "plain_text", "text": HOSTILE}]},
        {"type": "markdown", "text": HOSTILE},
    ]}  # fmt: skip
    fields = {"summary": HOSTILE, "description": None, "status": {"name": HOSTILE}}
    said = {"author": {"displayName": HOSTILE}, "body": HOSTILE}
    link = {"object": {"url": "javascript:alert(1)", "title": HOSTILE}}
    row = Row(role="r", where=HOSTILE, title=HOSTILE, outcome="o", expected="o", reason=HOSTILE)
    html = page(
        [row],
        [Channel(name=HOSTILE, posts=[Post(message=sent, replies=[sent])])],
        [JiraIssue(issue={"key": HOSTILE, "fields": fields}, comments=[said], links=[link])],
        str,
    )
    tags = parsed(html)
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in tags.seen}
    assert not any(name.startswith("on") for _, attributes in tags.seen for name in attributes)
    assert not any("href" in attributes or "src" in attributes for _, attributes in tags.seen)
    assert tags.text.count("alert(1)") >= 10
