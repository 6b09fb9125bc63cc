"""Who the names of a policy stand for: people, their groups, and who stands in for them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from mendwheel.domain.outside import SLACK_GROUP, Outside, is_outside
from mendwheel.policy.file import Delegation, Policy

NOBODY = Outside()


def flat(policy: Policy, names: Iterable[str]) -> Iterator[str]:
    """`names` with each `group:NAME` replaced by what the policy lists for it."""
    for name in names:
        group = name.removeprefix("group:")
        yield from [name] if group == name else policy.groups.get(group, [])


def outside_groups(policy: Policy, names: Iterable[str]) -> list[str]:
    """The groups of other systems among `names`, each once."""
    return list(dict.fromkeys(name for name in flat(policy, names) if is_outside(name)))


def members(
    policy: Policy, names: Iterable[str], owner: str, outside: Outside = NOBODY
) -> set[str]:
    """The people behind names, `group:NAME`s and groups of other systems."""
    people: set[str] = set()
    for name in flat(policy, names):
        if is_outside(name):
            people |= set(outside.members.get(name, []))
        else:
            people.add(owner if name == "$owner" else name)
    return {person_of(policy, name) for name in people}


def person_of(policy: Policy, subject: str) -> str:
    """Who `subject` is: one person may come from Slack, Jira and the command line."""
    for person, identities in policy.people.items():
        if subject in identities:
            return person
    return subject


def identities(
    policy: Policy, names: Iterable[str], system: str, outside: Outside = NOBODY
) -> list[str]:
    """How `names` are known in `system`, as in `slack:U123`. A group of its own stays a group."""
    listed = list(flat(policy, names))
    called = {name: outside.mention.get(name) or _by_id(name) for name in listed}
    groups = [each for each in called.values() if each.startswith(f"{system}:")]
    rest = [name for name in listed if called[name] not in groups]
    found = list(dict.fromkeys(groups))
    for person in sorted(members(policy, rest, "", outside)):
        found += [
            known
            for known in [person, *policy.people.get(person, [])]
            if known.startswith(f"{system}:")
        ]
    return found


def _by_id(name: str) -> str:
    """A user group that is named by its id needs no look-up to be called."""
    group = name.removeprefix(SLACK_GROUP)
    return f"slack:{group}" if group != name and not group.startswith("@") else ""


def delegators(
    policy: Policy, delegate: str, *, component: str, tool: str, now: datetime | None
) -> list[str]:
    """In whose stead `delegate` may decide about this now. Not passed on any further."""
    found = [
        person_of(policy, each.giver)
        for each in _in_force(policy, component, tool, now)
        if person_of(policy, each.to) == delegate
    ]
    return [person for person in dict.fromkeys(found) if person != delegate]


def delegates(
    policy: Policy, people: Iterable[str], *, component: str, tool: str, now: datetime | None
) -> list[str]:
    """Who stands in for any of `people` in this now."""
    wanted = set(people)
    found = [
        person_of(policy, each.to)
        for each in _in_force(policy, component, tool, now)
        if person_of(policy, each.giver) in wanted
    ]
    return list(dict.fromkeys(found))


def _in_force(
    policy: Policy, component: str, tool: str, now: datetime | None
) -> Iterator[Delegation]:
    for each in policy.delegations:
        if now is None or now >= each.until:
            continue
        if each.component and component not in each.component:
            continue
        if not each.tool or any(fnmatchcase(tool, pattern) for pattern in each.tool):
            yield each
