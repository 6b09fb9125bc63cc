"""Which request is which operation. Faults are ordered by these names."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mendwheel.testing import jira_comments as comments
from mendwheel.testing import jira_issues as issues
from mendwheel.testing import jira_roles as roles
from mendwheel.testing import jira_search as site
from mendwheel.testing.jira_asking import Ask

_TABLE: list[tuple[str, str, str, Callable[[Ask], Any]]] = [
    ("GET", "serverInfo", "server.read", site.server),
    ("GET", "myself", "myself.read", site.myself),
    ("GET", "mypermissions", "permissions.read", site.permissions),
    ("GET", "user", "user.read", site.user),
    ("GET", "field", "field.list", site.fields),
    ("GET", "status", "status.list", site.statuses),
    ("GET", "resolution", "resolution.list", site.resolutions),
    ("GET", "project", "project.list", site.projects),
    ("GET", "project/search", "project.list", site.project_page),
    ("GET", "project/{project}", "project.read", site.project),
    ("GET", "project/{project}/statuses", "project.statuses", site.project_statuses),
    ("GET", "project/{project}/role", "role.list", roles.roles),
    ("GET", "project/{project}/role/{id}", "role.read", roles.role),
    ("GET", "group/member", "group.read", roles.group),
    ("GET", "search/jql", "search", site.enhanced),
    ("POST", "search/jql", "search", site.enhanced),
    ("POST", "search/approximate-count", "search.count", site.count),
    ("GET", "search", "search", site.search),
    ("POST", "search", "search", site.search),
    ("POST", "issue", "issue.create", issues.create),
    ("GET", "issue/{key}", "issue.read", issues.read),
    ("PUT", "issue/{key}", "issue.edit", issues.edit),
    ("PUT", "issue/{key}/assignee", "issue.assign", issues.assign),
    ("GET", "issue/{key}/changelog", "changelog.read", issues.changelog),
    ("GET", "issue/{key}/transitions", "transition.list", issues.transitions),
    ("POST", "issue/{key}/transitions", "transition.do", issues.transit),
    ("GET", "issue/{key}/comment", "comment.list", comments.read_all),
    ("POST", "issue/{key}/comment", "comment.create", comments.create),
    ("GET", "issue/{key}/comment/{id}", "comment.read", comments.read),
    ("PUT", "issue/{key}/comment/{id}", "comment.edit", comments.update),
    ("DELETE", "issue/{key}/comment/{id}", "comment.delete", comments.delete),
    ("GET", "comment/{id}/properties/{name}", "comment.property", comments.property_of),
    ("PUT", "comment/{id}/properties/{name}", "comment.set_property", comments.set_property),
    ("GET", "issue/{key}/properties", "property.list", issues.properties),
    ("GET", "issue/{key}/properties/{name}", "property.read", issues.property_of),
    ("PUT", "issue/{key}/properties/{name}", "property.set", issues.set_property),
    ("DELETE", "issue/{key}/properties/{name}", "property.delete", issues.delete_property),
    ("GET", "issue/{key}/remotelink", "link.list", issues.links),
    ("POST", "issue/{key}/remotelink", "link.set", issues.set_link),
]
_CREATED = {"issue.create", "comment.create", "link.set", "property.set"}
_READS = {"read", "list", "search", "count", "property", "statuses"}


@dataclass(frozen=True)
class Operation:
    """`writes` is whether it changes the site; `status` is that of its success."""

    name: str
    handler: Callable[[Ask], Any]
    path: dict[str, str]

    @property
    def writes(self) -> bool:
        return self.name.rpartition(".")[2] not in _READS

    @property
    def status(self) -> int:
        return 201 if self.name in _CREATED else 200


def find(method: str, path: str) -> Operation | None:
    """`path` after `/rest/api/VERSION/`."""
    for known, pattern, name, handler in _ROUTES:
        found = pattern.fullmatch(path) if known == method else None
        if found:
            return Operation(name, handler, found.groupdict())
    return None


def _compiled(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?")


_ROUTES = [(method, _compiled(path), name, handler) for method, path, name, handler in _TABLE]
