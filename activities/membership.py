"""Which groups of other systems matter to a question, looked up only where there are any."""

from collections.abc import Iterable

from mendwheel.domain.outside import Outside
from mendwheel.policy.file import Policy
from mendwheel.policy.people import outside_groups
from mendwheel.ports import Directory


def look(directory: Directory, policy: Policy, names: Iterable[str]) -> Outside:
    """Who is in the groups among `names` now."""
    groups = outside_groups(policy, names)
    return directory.look(groups) if groups else Outside()
