"""Who may end the agents' work on a ticket: who reported it, decides it, or would go on with it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mendwheel.domain.outside import SLACK_GROUP
from mendwheel.domain.place import Place
from mendwheel.integrations.edge import Edge
from mendwheel.policy.file import Policy
from mendwheel.policy.people import (
    delegates,
    identities,
    members,
    outside_groups,
    person_of,
)

_USER_GROUP = "slack:S"
"""Slack tells who is in a user group only to apps that may read those; the policy can say it."""


@dataclass(frozen=True)
class Standing:
    """The people who have a say, as `policy` knows them."""

    policy: Policy
    people: frozenset[str]

    def has(self, subject: str) -> bool:
        return person_of(self.policy, subject) in self.people

    def known_in(self, system: str) -> list[str]:
        """The subjects of `system` that have a say, as in `slack:U1`."""
        return identities(self.policy, sorted(self.people), system)


def standing(
    edge: Edge, policy: Policy, ticket: str, *, place: str, involved: tuple[str, ...] = ()
) -> Standing:
    """Who has a say in `ticket` under today's `policy`. Asks the store.

    `place`: where it is asked, which may follow a ticket from elsewhere. `involved`: subjects that
    the place itself names, as an assignee.

    Raises StoreUnavailable.
    """
    case, asked = edge.stores.cases.get(ticket), edge.stores.questions.open(ticket)
    origin = case.head.place if case and case.head else ""
    component = (asked.component if asked else None) or (case.component if case else None)
    names = [*_approvers(policy, component or "", origin), *policy.approval.escalate_to]
    for each in dict.fromkeys([origin, place]):
        rule = edge.settings.rule(each) if each else None
        names += [_somebody(policy, name) for name in (rule.hand_over_to if rule else [])]
    outside = edge.directory.look(outside_groups(policy, names))
    people = members(policy, names, edge.settings.user, outside)
    component, tool = component or "", asked.tool if asked else ""
    now = datetime.now(UTC)
    people |= set(delegates(policy, people, component=component, tool=tool, now=now))
    reporters = [*involved, *([case.reporter] if case and case.reporter else [])]
    people |= {person_of(policy, subject) for subject in reporters}
    return Standing(policy, frozenset(people))


def _approvers(policy: Policy, component: str, origin: str) -> list[str]:
    """In the order in which the policy looks for them."""
    by, group = policy.approvers, Place.parse(origin).group if origin else ""
    return by.get(component) or by.get(group) or by.get("default", [])


def _somebody(policy: Policy, name: str) -> str:
    """`name`; a user group as the group of that name in the policy, else as Slack has it."""
    if not name.startswith(_USER_GROUP):
        return name
    if name in policy.groups:
        return f"group:{name}"
    return SLACK_GROUP + name.removeprefix("slack:")
