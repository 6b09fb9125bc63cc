"""What the ticket of an alert group knows already, so that it is told each thing once.

Alertmanager repeats the whole group, every time anything changes and every few hours besides.
"""

from typing import Literal

from pydantic import BaseModel, ValidationError

from mendwheel.domain.ids import digest
from mendwheel.integrations.alerts.payload import Alert, AlertGroup
from mendwheel.stores.bundle import Stores


class Told(BaseModel):
    """The group as its ticket knows it."""

    ticket: str = ""
    states: dict[str, Literal["firing", "resolved"]] = {}
    times: int = 0

    @property
    def fires(self) -> bool:
        """Whether the ticket believes that something of the group fires."""
        return "firing" in self.states.values()

    def new(self, group: AlertGroup) -> list[Alert]:
        """What fires and is not known to."""
        return [alert for alert in group.firing if self.states.get(alert.id) != "firing"]

    def over(self, group: AlertGroup) -> list[Alert]:
        """What is resolved and is not known to be."""
        return [alert for alert in group.resolved if self.states.get(alert.id) != "resolved"]

    def after(self, group: AlertGroup, ticket: str) -> "Told":
        """What is known once `group` has been told to `ticket`."""
        # A delivery holds all of the group, unless Alertmanager says that it left alerts out.
        kept = self.states if group.truncated and ticket == self.ticket else {}
        states = kept | {alert.id: alert.status for alert in group.alerts}
        return Told(ticket=ticket, states=states, times=self.times + 1)


class Memory:
    """Keeps `Told` per group."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def recall(self, group_key: str) -> Told:
        """Raises StoreUnavailable."""
        name = group_name(group_key)
        ticket = self._stores.threads.ticket(name) or ""
        try:
            told = Told.model_validate_json(self._stores.cursors.get(name))
        except ValidationError:  # empty: nothing was told yet
            return Told(ticket=ticket)
        return told.model_copy(update={"ticket": ticket})

    def keep(self, group_key: str, told: Told) -> None:
        """Raises StoreUnavailable."""
        name = group_name(group_key)
        if told.ticket != self._stores.threads.ticket(name):
            self._stores.threads.bind(name, told.ticket)
        self._stores.cursors.set(name, told.model_dump_json(exclude={"ticket"}))


def group_name(group_key: str) -> str:
    """The group as threads and cursors know it."""
    return f"alert:{digest(group_key)}"
