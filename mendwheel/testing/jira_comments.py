"""Comments of issues, with their properties."""

from typing import Any

from mendwheel.testing import adf
from mendwheel.testing.jira_asking import Ask
from mendwheel.testing.jira_state import (
    JiraComment,
    JiraIssue,
    JiraPerson,
    JiraProblem,
    JiraSite,
    Json,
    News,
    now,
)


def find(issue: JiraIssue, id: str) -> JiraComment:
    """Raises JiraProblem: 404."""
    for comment in issue.comments:
        if comment.id == id:
            return comment
    raise JiraProblem(404, f"Can not find a comment for the id: {id}.")


def add(
    site: JiraSite,
    issue: JiraIssue,
    who: JiraPerson,
    body: Any,
    properties: Json | None = None,
    visibility: Json | None = None,
) -> JiraComment:
    """A comment, told to whoever listens; `body` as the site stores it."""
    at = now()
    comment = JiraComment(site.number(), who, body, at, at, who, properties or {}, visibility)
    issue.comments.append(comment)
    issue.updated = at
    site.tell(News("comment_created", issue, who, comment=comment))
    return comment


def edit(site: JiraSite, issue: JiraIssue, who: JiraPerson, comment: JiraComment, to: Any) -> None:
    """Replace what a comment says."""
    comment.body, comment.editor = to, who
    comment.updated = issue.updated = now()
    site.tell(News("comment_updated", issue, who, comment=comment))


def read_all(ask: Ask) -> Json:
    issue = ask.site.issue(ask.key)
    start, size = ask.page(5000 if ask.site.cloud else 1_048_576, 5000)
    order = ask.given("orderBy", "created")
    if order.lstrip("-+") != "created":
        raise JiraProblem(400, f"Cannot order by {order}: use created")
    found = issue.comments[::-1] if order.startswith("-") else issue.comments
    properties = "properties" in ask.names("expand") and ask.site.cloud
    page = [
        ask.shapes.comment(issue, each, properties=properties)
        for each in found[start : start + size]
    ]
    return {"startAt": start, "maxResults": size, "total": len(found), "comments": page}


def read(ask: Ask) -> Json:
    issue = ask.site.issue(ask.key)
    properties = "properties" in ask.names("expand") and ask.site.cloud
    return ask.shapes.comment(issue, find(issue, ask.path["id"]), properties=properties)


def create(ask: Ask) -> Json:
    issue = ask.site.issue(ask.key)
    body = _body(ask)
    held = {each["key"]: each.get("value") for each in ask.sent.get("properties") or []}
    comment = add(ask.site, issue, ask.who, body, held, ask.sent.get("visibility"))
    return ask.shapes.comment(issue, comment)


def update(ask: Ask) -> Json:
    issue = ask.site.issue(ask.key)
    comment = find(issue, ask.path["id"])
    body = _body(ask)
    for each in ask.sent.get("properties") or []:
        comment.properties[each["key"]] = each.get("value")
    edit(ask.site, issue, ask.who, comment, body)
    return ask.shapes.comment(issue, comment)


def delete(ask: Ask) -> None:
    issue = ask.site.issue(ask.key)
    comment = find(issue, ask.path["id"])
    issue.comments.remove(comment)
    ask.site.tell(News("comment_deleted", issue, ask.who, comment=comment))


def property_of(ask: Ask) -> Json:
    comment = _by_id(ask)
    name = ask.path["name"]
    if name not in comment.properties:
        raise JiraProblem(404, f"The property {name} does not exist.")
    return {"key": name, "value": comment.properties[name]}


def set_property(ask: Ask) -> None:
    _by_id(ask).properties[ask.path["name"]] = ask.body


def _by_id(ask: Ask) -> JiraComment:
    for issue in ask.site.issues.values():
        for comment in issue.comments:
            if comment.id == ask.path["id"]:
                return comment
    raise JiraProblem(404, f"Can not find a comment for the id: {ask.path['id']}.")


def _body(ask: Ask) -> Any:
    if "body" not in ask.sent:
        raise JiraProblem(400, comment="Comment body can not be empty!")
    body = ask.rich(ask.sent["body"], "comment")
    if not adf.to_text(body).strip() and not _has_media(body):
        raise JiraProblem(400, comment="Comment body can not be empty!")
    return body


def _has_media(body: Any) -> bool:
    return isinstance(body, dict) and any(
        each.get("type", "").startswith(("media", "extension", "blockCard"))
        for each in body.get("content", [])
    )
