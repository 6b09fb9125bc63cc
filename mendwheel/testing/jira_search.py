"""Searching, and what describes a site: who asks, projects, fields."""

import base64
import binascii
from typing import Any

from mendwheel.testing.jira_asking import Ask
from mendwheel.testing.jira_state import JiraProblem, Json
from mendwheel.testing.jql import Query

_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
    " A full migration guideline is available at"
    " https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)


def search(ask: Ask) -> Json:
    """The old search: all there is on Data Center, gone from Cloud."""
    if ask.site.cloud:
        raise JiraProblem(410, _REMOVED)
    found = Query(ask.given("jql"), ask.site).found()
    start, size = ask.page(50, 1000)
    wanted, expand = ask.names("fields") or ["*navigable"], set(ask.names("expand"))
    page = [ask.shapes.issue(each, wanted, expand) for each in found[start : start + size]]
    return {"startAt": start, "maxResults": size, "total": len(found), "issues": page}


def enhanced(ask: Ask) -> Json:
    """The new search of Cloud: pages by token, ids alone unless fields are asked for."""
    if not ask.site.cloud:
        raise JiraProblem(404, "null for uri: search/jql")
    query = Query(ask.given("jql"), ask.site)
    if not query.bounded:
        raise JiraProblem(400, _UNBOUNDED)
    found = query.found()
    wanted = ask.names("fields")
    _, size = ask.page(50, 100 if wanted and wanted != ["id"] else 5000)
    start = _offset(ask.given("nextPageToken"))
    page = found[start : start + size]
    expand = set(ask.names("expand"))
    shown = [_shown(ask, each, wanted, expand) for each in page]
    if start + size >= len(found):
        return {"issues": shown, "isLast": True}
    token = base64.urlsafe_b64encode(f"from:{start + size}".encode()).decode()
    return {"issues": shown, "isLast": False, "nextPageToken": token}


def count(ask: Ask) -> Json:
    query = Query(str(ask.sent.get("jql") or ""), ask.site)
    if not query.bounded:
        raise JiraProblem(400, _UNBOUNDED)
    return {"count": len(query.found())}


def server(ask: Ask) -> Json:
    known = {"baseUrl": ask.site.origin, "serverTitle": "Local Jira", "buildNumber": 100_291}
    if ask.site.cloud:
        version = {"version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0]}
        return {**known, **version, "deploymentType": "Cloud"}
    version = {"version": "9.12.5", "versionNumbers": [9, 12, 5]}
    return {**known, **version, "deploymentType": "Server"}


def myself(ask: Ask) -> Any:
    return ask.shapes.person(ask.who)


def projects(ask: Ask) -> Any:
    return [ask.shapes.project(key) for key in ask.site.projects]


def project_page(ask: Ask) -> Json:
    found = [ask.shapes.project(key) for key in ask.site.projects]
    return {"startAt": 0, "maxResults": 50, "total": len(found), "isLast": True, "values": found}


def project(ask: Ask) -> Json:
    key = ask.path["project"]
    if key not in ask.site.projects:
        raise JiraProblem(404, f"No project could be found with key '{key}'.")
    return ask.shapes.project(key)


def project_statuses(ask: Ask) -> Any:
    project(ask)
    found = [ask.shapes.status(name) for name in ask.site.statuses]
    return [{"id": "10001", "name": "Task", "subtask": False, "statuses": found}]


def statuses(ask: Ask) -> Any:
    return [ask.shapes.status(name) for name in ask.site.statuses]


def resolutions(ask: Ask) -> Any:
    return [{"id": str(number), "name": n} for number, n in enumerate(ask.site.resolutions, 1)]


def fields(ask: Ask) -> Any:
    names = "summary description status issuetype project priority resolution labels components"
    names += " reporter assignee created updated resolutiondate comment"
    return [
        {"id": name, "key": name, "name": name.capitalize(), "custom": False, "clauseNames": [name]}
        for name in names.split()
    ]


def user(ask: Ask) -> Any:
    wanted = ask.given("accountId") or ask.given("username") or ask.given("key")
    if wanted not in ask.site.people:
        raise JiraProblem(404, f"The user with the id {wanted} does not exist")
    return ask.shapes.person(ask.site.people[wanted])


def permissions(ask: Ask) -> Json:
    wanted = ask.names("permissions") or ["BROWSE_PROJECTS", "ADD_COMMENTS", "TRANSITION_ISSUES"]
    return {"permissions": {name: {"key": name, "havePermission": True} for name in wanted}}


def application_links(ask: Ask) -> Json:
    return {"list": []}


def _shown(ask: Ask, issue: Any, wanted: list[str], expand: set[str]) -> Json:
    if not wanted or wanted == ["id"]:
        return {"id": issue.id}
    return ask.shapes.issue(issue, wanted, expand)


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from:"))
    except (ValueError, binascii.Error):
        raise JiraProblem(400, "The provided next page token is invalid or expired.") from None
