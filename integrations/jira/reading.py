"""Jira's JSON as issues, comments and changes; v2 and v3, Cloud and Data Center alike.

Raises ValueError or KeyError (and what derives from them) where an answer is not Jira's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mendwheel.integrations.jira.adf_text import adf_text
from mendwheel.integrations.jira.issue import Change, Comment, Issue, Person
from mendwheel.integrations.jira.marker import INTERNAL, marked, property_value
from mendwheel.integrations.jira.wiki_text import wiki_text

FIELDS = (
    "summary,description,status,priority,resolution,labels,components,reporter,assignee,"
    "created,updated,resolutiondate,project"
)
"""What an issue is read with."""


def body_text(body: Any) -> str:
    """The Markdown of a description or comment: an ADF document, wiki markup, or nothing."""
    if isinstance(body, Mapping):
        return adf_text(body)
    return wiki_text(body) if isinstance(body, str) else ""


def issue(raw: Mapping[str, Any], base_url: str) -> Issue:
    """One issue of an answer; comments and changes only when the answer holds them."""
    fields = _mapping(raw["fields"])
    status = _mapping(fields.get("status"))
    key = str(raw["key"])
    project = _mapping(fields.get("project"))
    return Issue(
        key=key,
        id=str(raw.get("id", "")),
        project=str(project.get("key") or key.rpartition("-")[0]),
        service_desk=project.get("projectTypeKey") == "service_desk",
        summary=_text(fields.get("summary")),
        description=body_text(fields.get("description")),
        status=_name(status),
        status_id=str(status.get("id") or ""),
        category=_text(_mapping(status.get("statusCategory")).get("key")),
        priority=_name(fields.get("priority")),
        resolution=_name(fields.get("resolution")),
        labels=[str(label) for label in fields.get("labels") or []],
        components=[_name(each) for each in fields.get("components") or []],
        reporter=person(fields.get("reporter")),
        assignee=person(fields.get("assignee")),
        created=moment(fields["created"]),
        updated=moment(fields["updated"]),
        resolved=moment(fields["resolutiondate"]) if fields.get("resolutiondate") else None,
        comments=_comments(_mapping(fields.get("comment")).get("comments")),
        changes=changes(_mapping(raw.get("changelog")).get("histories") or []),
        url=f"{base_url}/browse/{key}",
    )


def _comments(raw: Any, me: Person | None = None) -> list[Comment]:
    found = [comment(each, me) for each in raw or []]
    return sorted(found, key=lambda each: (each.created, len(each.id), each.id))


def comments(raw: Sequence[Mapping[str, Any]], me: Person) -> list[Comment]:
    """Comments, oldest first; those of `me` with the effect they were written under."""
    return _comments(raw, me)


def comment(raw: Mapping[str, Any], me: Person | None = None) -> Comment:
    """One comment. Whoever else writes a marker of ours is not us."""
    text = body_text(raw.get("body"))
    author = person(raw.get("author"))
    properties = raw.get("properties")
    mark = marked(text, properties) if me and author and author.id == me.id else None
    internal = _mapping(property_value(properties, INTERNAL)).get("internal")
    return Comment(
        id=str(raw["id"]),
        author=author,
        editor=person(raw.get("updateAuthor")),
        text=text,
        created=moment(raw["created"]),
        updated=moment(raw.get("updated") or raw["created"]),
        marker=mark.key if mark else "",
        public=raw.get("jsdPublic", True) is not False and str(internal).lower() != "true",
    )


def changes(histories: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Every changed field, oldest first. Jira gives either order."""
    found = [_change(history, item) for history in histories for item in history.get("items") or []]
    return sorted(found, key=lambda each: (each.at, len(each.id), each.id))


def _change(history: Mapping[str, Any], item: Mapping[str, Any]) -> Change:
    return Change(
        id=str(history["id"]),
        at=moment(history["created"]),
        author=person(history.get("author")),
        field=_text(item.get("fieldId")) or _text(item.get("field")),
        before=_text(item.get("fromString")),
        after=_text(item.get("toString")),
        before_id=_text(item.get("from")),
        after_id=_text(item.get("to")),
    )


def person(raw: Any) -> Person | None:
    """Cloud knows people by accountId, Data Center by name; None for nobody and anonymous."""
    user = _mapping(raw)
    subject = user.get("accountId") or user.get("name") or user.get("key")
    if not subject:
        return None
    name = user.get("displayName") or user.get("name") or ""
    return Person(id=str(subject), name=str(name), bot=user.get("accountType") == "app")


def moment(text: Any) -> datetime:
    """Jira's times, as in 2026-01-31T09:00:00.000+0100.

    Raises ValueError: no such time, or one without an offset.
    """
    try:
        parsed = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is no time of Jira's") from None
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} is no time of Jira's: it has no offset")
    return parsed


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _name(value: Any) -> str:
    return _text(_mapping(value).get("name"))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
