"""Roles of projects and groups of people, as Jira gives them."""

from typing import Any

from mendwheel.testing.jira_asking import Ask
from mendwheel.testing.jira_search import project
from mendwheel.testing.jira_state import JiraProblem, Json


def roles(ask: Ask) -> Json:
    """Name to address; the number at its end is the role's id."""
    project(ask)
    key, known = ask.path["project"], ask.site.roles
    return {
        name: f"{ask.site.origin}/rest/api/{ask.version}/project/{key}/role/{number}"
        for number, name in enumerate(_names(ask), 10_002)
        if (key, name) in known
    }


def role(ask: Ask) -> Json:
    project(ask)
    key, number = ask.path["project"], ask.path["id"]
    named = {str(number): name for number, name in enumerate(_names(ask), 10_002)}
    name = named.get(number, "")
    if (key, name) not in ask.site.roles:
        raise JiraProblem(404, f"Can not find role actor with id {number}.")
    actors = [_actor(ask, each) for each in ask.site.roles[key, name]]
    return {"id": int(number), "name": name, "actors": actors}


def group(ask: Ask) -> Json:
    """Cloud takes a group's id or name, Data Center its name."""
    name = ask.given("groupname") or ask.given("groupId").removeprefix("id-of-")
    if name not in ask.site.groups:
        raise JiraProblem(404, f"The group named '{name}' does not exist.")
    people = [ask.shapes.person(ask.site.person(each)) for each in ask.site.groups[name]]
    start, size = ask.page(50, 50)
    page, end = people[start : start + size], start + size
    return {
        "startAt": start,
        "maxResults": size,
        "total": len(people),
        "isLast": end >= len(people),
        "values": page,
    }


def _names(ask: Ask) -> list[str]:
    return list(dict.fromkeys(name for _, name in ask.site.roles))


def _actor(ask: Ask, name: str) -> Json:
    if name in ask.site.groups:
        known: Json = {"displayName": name, "name": name}
        if ask.site.cloud:
            known["groupId"] = f"id-of-{name}"
        return {"type": "atlassian-group-role-actor", "name": name, "actorGroup": known}
    person: Any = ask.site.person(name)
    shown: Json = {"type": "atlassian-user-role-actor", "displayName": person.name}
    if ask.site.cloud:
        return shown | {"actorUser": {"accountId": person.id}}
    return shown | {"name": person.id, "actorUser": {"name": person.id}}
