"""Who may read labelled documents, and what was made of them: only those whom a setting names.

Documents without labels are for everybody of their tenant. What a ticket says is never asked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from mendwheel.domain.evidence import Dossier
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.place import PlaceRule, rule_for

WITHHELD = "What was found rests on documents that may not be read here"

Needs = Sequence[Sequence[str]]
"""One list for each labelled document: a reader has to have at least one label of every list."""


class Access:
    """What tenants and places may read, as the settings say."""

    def __init__(
        self, tenants: Mapping[str, Sequence[str]], rules: list[PlaceRule], default_tenant: str
    ) -> None:
        self._tenants = tenants
        self._rules = rules
        self._default = default_tenant

    def labels(self, tenant: str, places: Iterable[str]) -> list[str]:
        """What everybody may read who follows a ticket of `tenant` at one of `places`.

        That is what the tenant may read, and besides what all of the places may: the narrowest
        holds. Without a place it is the desk, which has what the tenant has.
        """
        there = [self._at(place, tenant) for place in places if place]
        shared = set.intersection(*there) if there else set[str]()
        return sorted(shared | set(self._tenants.get(tenant, ())))

    def shows(self, dossier: Dossier, tenant: str, place: str) -> bool:
        """Whether what was made of `dossier` may be read at `place`."""
        return may_read(self.labels(tenant, [place]), needs(dossier))

    def named(self, tenant: str) -> list[str]:
        """Labels that somebody of `tenant` may read somewhere."""
        found = set(self._tenants.get(tenant, ()))
        for rule in self._rules:
            found |= self._at_rule(rule, tenant)
        return sorted(found)

    def _at(self, place: str, tenant: str) -> set[str]:
        rule = rule_for(self._rules, place)
        return self._at_rule(rule, tenant) if rule else set()

    def _at_rule(self, rule: PlaceRule, tenant: str) -> set[str]:
        # Another tenant may mean other people by the same label.
        return set(rule.labels) if (rule.tenant or self._default) == tenant else set()


def may_read(labels: Collection[str], needed: Needs) -> bool:
    """Whether a reader with `labels` may see what rests on documents with these."""
    return all(not set(labels).isdisjoint(each) for each in needed)


def needs(dossier: Dossier) -> list[list[str]]:
    """What a reader has to have. All evidence counts: who thought had all of it in view."""
    found = {tuple(each) for item in dossier.evidence for each in item.labels}
    return [list(each) for each in sorted(found)]


def without_findings(outcome: Outcome) -> Outcome:
    """The outcome as places see it that may not read what it rests on: its kind, and no more."""
    hidden = {"diagnosis": None, "dossier": None, "component": None, "fault": None, "remedy": None}
    return outcome.model_copy(update=hidden | {"reason": WITHHELD})
