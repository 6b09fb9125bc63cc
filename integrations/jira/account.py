"""Which account of Jira we are: what it does is our own doing and no news.

The worker asks Jira and writes it down, so that the webhook knows without asking.
"""

from mendwheel.integrations.jira.issue import Person
from mendwheel.ports import Cursors
from mendwheel.settings import Settings


class Account:
    """Kept per site: another site has other accounts."""

    def __init__(self, cursors: Cursors, settings: Settings) -> None:
        self._cursors = cursors
        self._name = f"jira-account-{settings.jira_base_url}"

    def known(self) -> str:
        """Id of our account; empty while nobody has written it down. Raises StoreUnavailable."""
        return self._cursors.get(self._name)

    def keep(self, us: Person) -> None:
        """Write it down when it is news. Raises StoreUnavailable."""
        if self.known() != us.id:
            self._cursors.set(self._name, us.id)
