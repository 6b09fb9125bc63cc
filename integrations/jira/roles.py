"""Who has a role in a project, by themselves or through a group."""

from collections.abc import Iterator, Mapping
from typing import Any

from mendwheel.domain.outside import JIRA_ROLE
from mendwheel.integrations.jira.connection import Connection, quoted
from mendwheel.integrations.jira.errors import reading_answer
from mendwheel.ports.world import PlaceError

_PAGE, _PAGES = 50, 20


def role(http: Connection, name: str) -> list[str]:
    """The subjects in `jira-role:PROJECT/ROLE`. Raises PlaceError."""
    project, _, wanted = name.removeprefix(JIRA_ROLE).partition("/")
    where, doing = f"jira:{project}", f"read the role {wanted} of {project}"
    roles = http.get(f"project/{quoted(project)}/role", where, doing)
    with reading_answer(where, doing):
        address = {title.casefold(): link for title, link in roles.items()}.get(wanted.casefold())
    if address is None:
        known = ", ".join(sorted(roles)) or "none"
        message = f"{name}: the project has no such role; its roles are {known}"
        raise PlaceError(where, "no_such_role", message)
    number = str(address).rstrip("/").rpartition("/")[2]
    found = http.get(f"project/{quoted(project)}/role/{quoted(number)}", where, doing)
    with reading_answer(where, doing):
        people = [id for actor in found["actors"] for id in _people(http, actor, where)]
    return [f"jira:{id}" for id in dict.fromkeys(people)]


def _people(http: Connection, actor: Mapping[str, Any], where: str) -> Iterator[str]:
    """Ids behind one entry of a role. Raises PlaceError; KeyError: it is of another shape."""
    if actor["type"] == "atlassian-group-role-actor":
        yield from _of_group(http, actor, where)
    elif http.cloud:
        yield str(actor["actorUser"]["accountId"])
    else:
        yield str(actor["name"])


def _of_group(http: Connection, actor: Mapping[str, Any], where: str) -> Iterator[str]:
    given = actor.get("actorGroup") or {}
    title = str(given.get("name") or actor.get("name"))
    id = given.get("groupId") if http.cloud else None
    group = {"groupId": str(id)} if id else {"groupname": title}
    doing = f"list the group {title}"
    for page in range(_PAGES):
        found = http.get(
            "group/member", where, doing, startAt=page * _PAGE, maxResults=_PAGE, **group
        )
        with reading_answer(where, doing):
            for person in found["values"]:
                yield str(person["accountId"] if http.cloud else person["name"])
            if found.get("isLast", True):
                return
    raise PlaceError(
        where, "too_many", f"{doing}: more than {_PAGE * _PAGES} people; name a smaller group"
    )
