"""Changing the fields and the status of an issue, as screens and workflows allow."""

from collections.abc import Callable
from typing import Any

from mendwheel.testing import adf
from mendwheel.testing.jira_asking import Ask
from mendwheel.testing.jira_state import (
    JiraIssue,
    JiraPerson,
    JiraProblem,
    JiraSite,
    JiraTransition,
    Json,
    item,
    now,
)

_OFF_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."


def apply_fields(ask: Ask, issue: JiraIssue, fields: Json) -> list[Json]:
    """Set fields; returns what changed. Raises JiraProblem: 400."""
    items: list[Json] = []
    for name, value in fields.items():
        setter = _SETTERS.get(name)
        if setter is not None:
            items += setter(ask, issue, value)
        elif name.startswith("customfield_"):
            items.append(item(name, str(issue.extra.get(name)), str(value)))
            issue.extra[name] = value
        else:
            raise JiraProblem(400, **{name: _OFF_SCREEN.format(name)})
    return items


def apply_update(ask: Ask, issue: JiraIssue, update: Json) -> list[Json]:
    """Operations on fields (`add`, `remove`, `set`); returns what changed."""
    items: list[Json] = []
    for name, operations in update.items():
        if name not in ("labels", "components", "comment"):
            items += apply_fields(ask, issue, {name: operations[0]["set"]})
            continue
        for operation in operations:
            verb, value = next(iter(operation.items()))
            if name == "labels":
                items += _set_labels(ask, issue, _changed(issue.labels, verb, value))
            elif name == "components":
                names = _changed(issue.components, verb, value)
                items += _set_components(ask, issue, [{"name": each} for each in names])
    return items


def move(ask: Ask, issue: JiraIssue, transition: JiraTransition) -> None:
    """Perform a transition with the fields of its screen. Raises JiraProblem: 400."""
    fields = ask.sent.get("fields") or {}
    update = ask.sent.get("update") or {}
    for name in fields:
        if name not in transition.fields:
            raise JiraProblem(400, **{name: _OFF_SCREEN.format(name)})
    for name, meta in transition.fields.items():
        if meta.get("required") and not fields.get(name) and name not in update:
            raise JiraProblem(400, **{name: f"{meta.get('name', name)} is required."})
    items = apply_fields(ask, issue, fields)
    items += set_status(ask.site, issue, transition.to, resolution="resolution" not in fields)
    ask.site.change(issue, ask.who, items)


def set_status(site: JiraSite, issue: JiraIssue, to: str, *, resolution: bool = True) -> list[Json]:
    """Change the status, and as post-functions do, the resolution with it."""
    before, after = site.statuses[issue.status], site.statuses[to]
    items = [item("status", before.name, after.name, was=before.id, to=after.id)]
    issue.status = to
    if after.category == "done":
        issue.resolved = now()
        if resolution and issue.resolution is None:
            items.append(item("resolution", None, site.resolutions[0]))
            issue.resolution = site.resolutions[0]
    elif issue.resolution is not None:
        items.append(item("resolution", issue.resolution, None))
        issue.resolution = issue.resolved = None
    return items


def set_assignee(issue: JiraIssue, person: JiraPerson | None) -> list[Json]:
    before = issue.assignee
    issue.assignee = person
    was, before_name = (before.id, before.name) if before else (None, None)
    to, after_name = (person.id, person.name) if person else (None, None)
    return [item("assignee", before_name, after_name, was=was, to=to)]


def _assignee(ask: Ask, issue: JiraIssue, value: Any) -> list[Json]:
    name = "accountId" if ask.site.cloud else "name"
    wanted = (value or {}).get(name)
    if wanted is not None and wanted not in ask.site.people:
        raise JiraProblem(400, assignee=f"User '{wanted}' does not exist.")
    return set_assignee(issue, ask.site.people[wanted] if wanted else None)


def _summary(ask: Ask, issue: JiraIssue, value: Any) -> list[Json]:
    if not isinstance(value, str) or not value.strip() or "\n" in value:
        raise JiraProblem(400, summary="The summary is invalid because it contains newlines.")
    if len(value) > 255:
        raise JiraProblem(400, summary="Summary can't exceed 255 characters.")
    before, issue.summary = issue.summary, value
    return [item("summary", before, value)] if before != value else []


def _description(ask: Ask, issue: JiraIssue, value: Any) -> list[Json]:
    before = adf.to_text(issue.description)
    issue.description = None if value is None else ask.rich(value, "description")
    return [item("description", before, adf.to_text(issue.description))]


def _set_labels(ask: Ask, issue: JiraIssue, value: Any) -> list[Json]:
    labels = [str(each) for each in value]
    if any(" " in label for label in labels):
        raise JiraProblem(400, labels="The label can't contain spaces.")
    before, issue.labels = issue.labels, list(dict.fromkeys(labels))
    same = before == issue.labels
    return [] if same else [item("labels", " ".join(before), " ".join(issue.labels))]


def _set_components(ask: Ask, issue: JiraIssue, value: Any) -> list[Json]:
    before, issue.components = issue.components, [str(each.get("name")) for each in value]
    return [item("Component", " ".join(before), " ".join(issue.components))]


def _set_resolution(ask: Ask, issue: JiraIssue, value: Any) -> list[Json]:
    wanted = (value or {}).get("name")
    if wanted not in ask.site.resolutions:
        raise JiraProblem(400, resolution=f"Resolution '{wanted}' is not valid")
    before, issue.resolution = issue.resolution, wanted
    return [item("resolution", before, wanted)]


def _set_priority(ask: Ask, issue: JiraIssue, value: Any) -> list[Json]:
    before, issue.priority = issue.priority, str((value or {}).get("name"))
    return [item("priority", before, issue.priority)]


def _changed(held: list[str], verb: str, value: Any) -> list[str]:
    if verb == "add":
        return [*held, _name(value)]
    if verb == "remove":
        return [each for each in held if each != _name(value)]
    return [_name(each) for each in value]


def _name(value: Any) -> str:
    return str(value.get("name") if isinstance(value, dict) else value)


_SETTERS: dict[str, Callable[[Ask, JiraIssue, Any], list[Json]]] = {
    "summary": _summary,
    "description": _description,
    "labels": _set_labels,
    "components": _set_components,
    "assignee": _assignee,
    "resolution": _set_resolution,
    "priority": _set_priority,
}
