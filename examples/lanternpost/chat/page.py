"""One page that shows what people saw: channels with cards and threads, issues with comments.

Self-contained: no script, no font, no address outside of it. What people and agents wrote is
escaped where it is drawn (`blocks`, `mrkdwn`, `comment`).
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from pydantic import BaseModel

from lanternpost.chat import blocks
from lanternpost.chat.mrkdwn import Names
from mendwheel.integrations.jira.adf_text import adf_text
from mendwheel.integrations.jira.wiki_text import wiki_text

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_STYLE = Path(__file__).with_name("page.css")


class Post(BaseModel):
    """A Slack message as its Web API gives it, and its thread."""

    message: dict[str, Any]
    replies: list[dict[str, Any]] = []


class Channel(BaseModel):
    name: str
    posts: list[Post]


class JiraIssue(BaseModel):
    """An issue and its comments as Jira's REST API gives them, v2 or v3."""

    issue: dict[str, Any]
    comments: list[dict[str, Any]]
    links: list[dict[str, Any]] = []


class Row(BaseModel):
    """What came of one ticket. `where`: what people know it by."""

    role: str
    where: str
    title: str
    outcome: str
    expected: str
    reason: str


def page(
    rows: Iterable[Row], channels: Iterable[Channel], issues: Iterable[JiraIssue], names: Names
) -> str:
    """The whole document. `names`: a Slack id → the name to show."""
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>Lanternpost in chat</title><style>{_STYLE.read_text('utf-8')}</style>",
            "</head><body><h1>Lanternpost in chat</h1>",
            _table(rows),
            *(_channel(each, names) for each in channels),
            *(_issue(each) for each in issues),
            "</body></html>",
        ]
    )


def _table(rows: Iterable[Row]) -> str:
    heads = "".join(f"<th>{name}</th>" for name in ("ticket", "title", "outcome", "because"))
    body = "".join(
        f'<tr data-role="{escape(row.role)}" data-outcome="{escape(row.outcome)}">'
        f"<td>{escape(row.where)} <small>{escape(row.role)}</small></td>"
        f"<td>{escape(row.title)}</td>"
        f'<td class="{"good" if row.outcome == row.expected else "bad"}">{escape(row.outcome)}</td>'
        f"<td>{escape(row.reason)}</td></tr>"
        for row in rows
    )
    return f'<table class="outcomes"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _channel(channel: Channel, names: Names) -> str:
    posts = "".join(_post(each, names) for each in channel.posts)
    name = escape(channel.name)
    return f'<section class="channel" data-channel="{name}"><h2># {name}</h2>{posts}</section>'


def _post(post: Post, names: Names) -> str:
    replies = "".join(_message(each, names) for each in post.replies)
    thread = f'<div class="thread">{replies}</div>' if replies else ""
    return f'<article class="post">{_message(post.message, names)}{thread}</article>'


def _message(message: dict[str, Any], names: Names) -> str:
    who = escape(names(str(message.get("user", ""))))
    ts = str(message.get("ts", "0"))
    at = datetime.fromtimestamp(float(ts)).strftime("%H:%M:%S")
    edited = ' <span class="edited">(edited)</span>' if message.get("edited") else ""
    return (
        f'<div class="message" data-ts="{escape(ts)}"><p class="who"><b>{who}</b> {at}{edited}</p>'
        f"{blocks.message(message, names)}</div>"
    )


def _issue(shown: JiraIssue) -> str:
    fields = shown.issue["fields"]
    key, status = escape(str(shown.issue["key"])), escape(str(fields["status"]["name"]))
    comments = "".join(
        f'<div class="comment"><p class="who"><b>{escape(str(each["author"]["displayName"]))}</b>'
        f"</p>{comment(each['body'])}</div>"
        for each in shown.comments
    )
    links = "".join(f"<li>{_link(each['object'])}</li>" for each in shown.links)
    return (
        f'<section class="issue" data-key="{key}"><h2>{key} '
        f"{escape(str(fields['summary']))} <small>{status}</small></h2>"
        f"<div class='description'>{comment(fields.get('description'))}</div>"
        f"{f'<ul>{links}</ul>' if links else ''}{comments}</section>"
    )


def comment(body: str | dict[str, Any] | None) -> str:
    """HTML of wiki markup (Data Center) or of an ADF document (Cloud)."""
    markdown = wiki_text(body) if body is None or isinstance(body, str) else adf_text(body)
    return str(_MARKDOWN.render(markdown))


def _link(target: dict[str, Any]) -> str:
    url, title = str(target["url"]), escape(str(target["title"]))
    if not url.startswith(("http://", "https://")):
        return title
    return f'<a href="{escape(url)}">{title}</a>'
