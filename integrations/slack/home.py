"""The app's home for one person: what waits for them, and what they reported. Pure."""

from typing import Any

from mendwheel.domain.approval import Approval
from mendwheel.domain.knowledge import Case
from mendwheel.domain.place import JIRA, SLACK, Place
from mendwheel.integrations.slack.escape import inline_code, link, plain
from mendwheel.integrations.slack.limits import clip
from mendwheel.settings import Settings

Block = dict[str, Any]

SHOWN = 40
"""Entries of each list, one block each: a home takes 100 blocks."""


def view(
    waiting: list[tuple[Approval, Case | None]],
    mine: list[Case],
    settings: Settings,
    workspace_url: str,
) -> Block:
    """For `views.publish`. `workspace_url` as in `https://example.slack.com`; may be empty."""
    say = plain(settings.slack_command)
    blocks = [
        _header("Waits for your approval"),
        *[
            _section(_question(asked, case, settings, workspace_url))
            for asked, case in waiting[:SHOWN]
        ],
        *_rest(len(waiting), "Nothing waits for you."),
        {"type": "divider"},
        _header("My tickets"),
        *[_section(_ticket(case, settings, workspace_url)) for case in mine[:SHOWN]],
        *_rest(len(mine), f"None yet. Report something with `{say} what is wrong`."),
    ]
    return {"type": "home", "blocks": blocks}


def _question(asked: Approval, case: Case | None, settings: Settings, url: str) -> str:
    title = f"{clip(plain(case.title), 200)}\n" if case else ""
    return (
        f"*{clip(plain(asked.question), 500)}*\n{title}"
        f"risk {asked.risk.value} · until {asked.expires_at:%Y-%m-%d %H:%M} UTC"
        f" · code {inline_code(asked.code)}{_links(case, settings, url)}"
    )


def _ticket(case: Case, settings: Settings, url: str) -> str:
    state = "open" if case.open else (case.outcome.value.replace("_", " ") if case.outcome else "")
    shown = f"*{clip(plain(case.title), 200)}*\n{state or 'closed'} · {inline_code(case.ticket_id)}"
    return shown + _links(case, settings, url)


def _links(case: Case | None, settings: Settings, workspace_url: str) -> str:
    """Where to read on."""
    if case is None or case.head is None:
        return ""
    targets = [(_address(case.head.place, settings, workspace_url), "open")]
    if settings.temporal_ui_url:
        base = settings.temporal_ui_url.rstrip("/")
        space = settings.temporal_namespace
        targets.append((f"{base}/namespaces/{space}/workflows/{case.ticket_id}", "run"))
    return "".join(f" · {link(target, label)}" for target, label in targets if target)


def _address(place: str, settings: Settings, workspace_url: str) -> str:
    if not place:
        return ""
    parsed = Place.parse(place)
    if parsed.system == JIRA and settings.jira_base_url:
        return f"{settings.jira_base_url}/browse/{parsed.address}"
    if parsed.system != SLACK or not workspace_url:
        return ""
    thread = f"/p{parsed.thread.replace('.', '')}" if parsed.thread else ""
    return f"{workspace_url}/archives/{parsed.address}{thread}"


def _rest(known: int, none: str) -> list[Block]:
    """Said after a list: that there is more, or that there is nothing."""
    if known > SHOWN:
        return [_section(f"… and {known - SHOWN} more: `mendwheel list`")]
    return [] if known else [_section(none)]


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _section(mrkdwn: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(mrkdwn, 3000)}}
