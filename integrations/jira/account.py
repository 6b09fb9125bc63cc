"""Which account of Jira we are: what it does is our own doing and no news.

The worker asks Jira and writes it down, so that the webhook knows without asking.
"""

import logging

from mendwheel.integrations.jira.issue import Person
from mendwheel.ports import Cursors, StoreUnavailable
from mendwheel.settings import Settings

_log = logging.getLogger(__name__)


class Account:
    """Kept per site: another site has other accounts."""

    def __init__(self, cursors: Cursors, settings: Settings) -> None:
        self._cursors = cursors
        self._name = f"jira-account-{settings.jira_base_url}"
        self._known = ""

    def known(self) -> str:
        """Id of our account; empty while nobody has written it down or the store is away."""
        if not self._known:
            try:
                self._known = self._cursors.get(self._name)
            except StoreUnavailable as error:
                # One look too many costs a request; a hint that is turned away may be lost.
                _log.warning("cannot tell our own doings in Jira: %s", error)
        return self._known

    def keep(self, us: Person) -> None:
        """Write it down when it is news. Raises StoreUnavailable."""
        if self._known != us.id and self._cursors.get(self._name) != us.id:
            self._cursors.set(self._name, us.id)
        self._known = us.id
