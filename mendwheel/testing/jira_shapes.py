"""How a Jira site's things look over REST, version 2 or 3, Cloud or Data Center."""

from datetime import datetime
from typing import Any

from mendwheel.testing import adf
from mendwheel.testing.jira_state import (
    CATEGORIES,
    JiraChange,
    JiraComment,
    JiraIssue,
    JiraPerson,
    JiraSite,
    JiraTransition,
    Json,
)

INTERNAL = "sd.public.comment"


class Shapes:
    """For one version of the REST API; webhooks are written as version 2."""

    def __init__(self, site: JiraSite, version: str) -> None:
        self._site = site
        self._adf = version == "3"
        self._api = f"{site.origin}/rest/api/{version}"

    def text(self, body: Any) -> Any:
        """A rich text: ADF in version 3, a string in version 2."""
        if self._adf or body is None:
            return body
        return adf.to_text(body)

    def person(self, person: JiraPerson | None) -> Json | None:
        if person is None:
            return None
        shown: Json = {"displayName": person.name, "active": True, "timeZone": "Etc/UTC"}
        if not self._site.cloud:
            address = f"{self._api}/user?username={person.id}"
            known = {"name": person.id, "key": f"JIRAUSER{person.id}", "self": address}
            return {**known, "emailAddress": person.email, **shown}
        kind = "app" if person.app else "atlassian"
        address = f"{self._api}/user?accountId={person.id}"
        shown |= {"accountId": person.id, "accountType": kind, "self": address}
        return shown | ({"emailAddress": person.email} if person.email else {})

    def status(self, name: str) -> Json:
        status = self._site.statuses[name]
        number, title = CATEGORIES[status.category]
        category = {"id": number, "key": status.category, "name": title}
        address = f"{self._api}/status/{status.id}"
        return {"self": address, "id": status.id, "name": name, "statusCategory": category}

    def project(self, key: str) -> Json:
        number = str(10_000 + list(self._site.projects).index(key))
        kind = self._site.projects[key]
        address = f"{self._api}/project/{number}"
        return {"self": address, "id": number, "key": key, "name": key, "projectTypeKey": kind}

    def transition(self, transition: JiraTransition, *, fields: bool) -> Json:
        shown: Json = {"id": transition.id, "name": transition.name, "hasScreen": False}
        shown |= {"to": self.status(transition.to), "isAvailable": True}
        return shown | ({"fields": transition.fields} if fields else {})

    def comment(self, issue: JiraIssue, comment: JiraComment, *, properties: bool = False) -> Json:
        shown: Json = {
            "self": f"{self._api}/issue/{issue.id}/comment/{comment.id}",
            "id": comment.id,
            "author": self.person(comment.author),
            "updateAuthor": self.person(comment.editor),
            "body": self.text(comment.body),
            "created": stamp(comment.created),
            "updated": stamp(comment.updated),
        }
        if self._site.projects.get(issue.project) == "service_desk":
            internal = comment.properties.get(INTERNAL) or {}
            shown["jsdPublic"] = not (isinstance(internal, dict) and internal.get("internal"))
        if properties:
            shown["properties"] = [{"key": k, "value": v} for k, v in comment.properties.items()]
        return shown | ({"visibility": comment.visibility} if comment.visibility else {})

    def change(self, change: JiraChange) -> Json:
        who = self.person(change.author)
        return {"id": change.id, "author": who, "created": stamp(change.at), "items": change.items}

    def issue(self, issue: JiraIssue, wanted: list[str], expand: set[str]) -> Json:
        """`wanted`: names of fields, `*all`, `*navigable`, or `-name`."""
        address = f"{self._api}/issue/{issue.id}"
        shown: Json = {"id": issue.id, "key": issue.key, "self": address}
        fields = self.fields(issue)
        left_out = {name[1:] for name in wanted if name.startswith("-")}
        if not left_out and not {"*all", "*navigable"} & set(wanted):
            fields = {name: value for name, value in fields.items() if name in wanted}
        shown["fields"] = {name: fields[name] for name in fields if name not in left_out}
        if "changelog" in expand:
            histories = [self.change(each) for each in reversed(issue.changes)]
            size = len(histories)
            page = {"startAt": 0, "maxResults": size, "total": size}
            shown["changelog"] = {**page, "histories": histories}
        if "renderedFields" in expand:
            shown["renderedFields"] = {"description": adf.to_text(issue.description)}
        if "names" in expand:
            shown["names"] = {name: name.capitalize() for name in shown["fields"]}
        if "transitions" in expand:
            found = self._site.transitions
            shown["transitions"] = [self.transition(each, fields=False) for each in found]
        return shown

    def fields(self, issue: JiraIssue) -> Json:
        """All fields."""
        found = [self.comment(issue, each) for each in issue.comments]
        size = len(found)
        return {
            "summary": issue.summary,
            "description": self.text(issue.description),
            "status": self.status(issue.status),
            "issuetype": {"id": "10001", "name": issue.kind, "subtask": False},
            "project": self.project(issue.project),
            "priority": {"id": "3", "name": issue.priority},
            "resolution": named(issue.resolution),
            "labels": list(issue.labels),
            "components": [named(name) for name in issue.components],
            "reporter": self.person(issue.reporter),
            "creator": self.person(issue.reporter),
            "assignee": self.person(issue.assignee),
            "created": stamp(issue.created),
            "updated": stamp(issue.updated),
            "resolutiondate": stamp(issue.resolved) if issue.resolved else None,
            "comment": {"comments": found, "startAt": 0, "maxResults": size, "total": size},
            **issue.extra,
        }


def named(name: str | None) -> Json | None:
    return {"id": f"1{sum(map(ord, name)):04d}", "name": name} if name else None


def stamp(moment: datetime) -> str:
    """As Jira writes times."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{moment:%z}"
