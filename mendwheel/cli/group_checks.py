"""Checks of the groups that the policy names in Slack and Jira: there, and not empty."""

from collections.abc import Iterator
from itertools import chain

from mendwheel.cli.checks import Check, ok, parted, warn
from mendwheel.integrations.groups import Groups
from mendwheel.policy.file import Policy, PolicyError
from mendwheel.policy.live import LivePolicy
from mendwheel.policy.people import outside_groups
from mendwheel.settings import Settings


def groups(settings: Settings, kind: str) -> Iterator[Check]:
    """One check a group whose name begins with `kind`; none where the policy cannot be read."""
    try:
        policy = LivePolicy(settings.policy).load()
    except PolicyError:  # a check of its own says so
        return
    named = [name for name in named_in(policy) if name.startswith(kind)]
    found = Groups(settings).look(named)
    for name in named:
        if name in found.unknown:
            yield parted(name, found.unknown[name], "look at the message")
        elif not found.members.get(name):
            yield warn(name, "nobody is in it", "nothing is approved through it until somebody is")
        else:
            yield ok(name, f"{len(found.members[name])} people may decide through it")


def named_in(policy: Policy) -> list[str]:
    """The groups of other systems that `policy` names anywhere."""
    names = chain(*policy.approvers.values(), *policy.groups.values(), policy.approval.escalate_to)
    return outside_groups(policy, names)
