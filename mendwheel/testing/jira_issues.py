"""Issues over REST: read, made, edited, moved; their properties, links and changelog."""

from typing import Any

from mendwheel.testing.jira_asking import Ask
from mendwheel.testing.jira_editing import apply_fields, apply_update, move
from mendwheel.testing.jira_state import JiraIssue, JiraProblem, JiraSite, Json, News, now


def add(site: JiraSite, project: str, summary: str, **fields: Any) -> JiraIssue:
    """A new issue, told to whoever listens. Raises JiraProblem: no such project."""
    if project not in site.projects:
        raise JiraProblem(400, project="valid project is required")
    taken = [int(key.rpartition("-")[2]) for key in site.issues if key.startswith(f"{project}-")]
    key = fields.pop("key", None) or f"{project}-{max(taken, default=0) + 1}"
    at = now()
    first = next(iter(site.statuses))
    made = {"description": None, "reporter": None, "status": first, "created": at, "updated": at}
    issue = JiraIssue(key=key, id=site.number(), summary=summary, **(made | fields))
    site.issues[issue.key] = issue
    return issue


def read(ask: Ask) -> Json:
    issue = ask.site.issue(ask.key)
    return ask.shapes.issue(issue, ask.names("fields") or ["*all"], set(ask.names("expand")))


def create(ask: Ask) -> Json:
    fields = ask.sent.get("fields") or {}
    project = (fields.get("project") or {}).get("key", "")
    if not fields.get("summary"):
        raise JiraProblem(400, summary="You must specify a summary of the issue.")
    issue = add(ask.site, project, fields["summary"], reporter=ask.who)
    rest = {name: fields[name] for name in fields.keys() - {"project", "summary", "issuetype"}}
    apply_fields(ask, issue, rest)
    ask.site.tell(News("jira:issue_created", issue, ask.who))
    return {"id": issue.id, "key": issue.key, "self": f"{ask.site.origin}/rest/api/2/issue"}


def edit(ask: Ask) -> None:
    issue = ask.site.issue(ask.key)
    items = apply_fields(ask, issue, ask.sent.get("fields") or {})
    items += apply_update(ask, issue, ask.sent.get("update") or {})
    ask.site.change(issue, ask.who, items)


def assign(ask: Ask) -> None:
    issue = ask.site.issue(ask.key)
    items = apply_fields(ask, issue, {"assignee": ask.sent})
    ask.site.change(issue, ask.who, items)


def changelog(ask: Ask) -> Json:
    if not ask.site.cloud:
        raise JiraProblem(404, "null for uri: changelog")
    issue = ask.site.issue(ask.key)
    start, size = ask.page(100, 100)
    page = [ask.shapes.change(each) for each in issue.changes[start : start + size]]
    last = start + size >= len(issue.changes)
    known = {"startAt": start, "maxResults": size, "total": len(issue.changes), "isLast": last}
    return {**known, "values": page}


def transitions(ask: Ask) -> Json:
    issue = ask.site.issue(ask.key)
    fields = "transitions.fields" in ask.names("expand")
    found = [each for each in ask.site.transitions if each.to != issue.status]
    found = [each for each in found if not each.start or issue.status in each.start]
    if ask.given("transitionId"):
        found = [each for each in found if each.id == ask.given("transitionId")]
    shown = [ask.shapes.transition(each, fields=fields) for each in found]
    return {"expand": "transitions", "transitions": shown}


def transit(ask: Ask) -> None:
    issue = ask.site.issue(ask.key)
    wanted = (ask.sent.get("transition") or {}).get("id")
    for transition in ask.site.transitions:
        reachable = not transition.start or issue.status in transition.start
        if transition.id == str(wanted) and transition.to != issue.status and reachable:
            return move(ask, issue, transition)
    said = f"It seems that you have tried to perform a workflow operation ({wanted}) that is"
    raise JiraProblem(400, f"{said} not valid for the current state of this issue ({issue.key}).")


def properties(ask: Ask) -> Json:
    address = f"{ask.site.origin}/rest/api/{ask.version}/issue/{ask.key}/properties"
    held = ask.site.issue(ask.key).properties
    return {"keys": [{"self": f"{address}/{name}", "key": name} for name in held]}


def property_of(ask: Ask) -> Json:
    held, name = ask.site.issue(ask.key).properties, ask.path["name"]
    if name not in held:
        raise JiraProblem(404, f"The property {name} does not exist.")
    return {"key": name, "value": held[name]}


def set_property(ask: Ask) -> None:
    if len(str(ask.body)) > 32_768:
        raise JiraProblem(400, "The property value cannot be longer than 32768 characters.")
    ask.site.issue(ask.key).properties[ask.path["name"]] = ask.body


def delete_property(ask: Ask) -> None:
    property_of(ask)
    del ask.site.issue(ask.key).properties[ask.path["name"]]


def links(ask: Ask) -> Any:
    held = ask.site.issue(ask.key).links
    wanted = ask.given("globalId")
    if not wanted:
        return held
    for link in held:
        if link.get("globalId") == wanted:
            return link
    raise JiraProblem(404, f"The remote link with global id {wanted} does not exist.")


def set_link(ask: Ask) -> Json:
    """An upsert by `globalId`."""
    issue = ask.site.issue(ask.key)
    thing = ask.sent.get("object") or {}
    if not thing.get("url") or not thing.get("title"):
        raise JiraProblem(400, title="'title' is required.", url="'url' is required.")
    wanted = ask.sent.get("globalId")
    for link in issue.links:
        if wanted and link.get("globalId") == wanted:
            link.update(ask.sent)
            return {"id": link["id"], "self": link["self"]}
    number = int(ask.site.number())
    address = f"{ask.site.origin}/rest/api/{ask.version}/issue/{ask.key}/remotelink/{number}"
    issue.links.append({**ask.sent, "id": number, "self": address})
    return {"id": number, "self": address}
