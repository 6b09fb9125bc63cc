"""Asks Slack and Jira who is in the groups that a policy names; remembers it for a minute."""

import logging
import threading
import time
from collections.abc import Callable, Iterable

from mendwheel.domain.outside import SLACK_GROUP, Outside
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

KEEP = 60.0
"""Seconds that an answer is used: whoever has left a group may decide for so long at most."""

WITHIN = 5.0
"""Seconds for all groups of one question; a workflow task waits for them."""

ANSWER_WITHIN = 2.0
"""Seconds for one of Slack's answers."""

_log = logging.getLogger(__name__)

Group = tuple[list[str], str]
"""Who is in it, and how it is called; empty: by its people."""


class Groups:
    """`ports.Directory` over Slack and Jira, for any thread. Failures are not remembered."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Group]] = {}

    def look(self, groups: Iterable[str]) -> Outside:
        found, until = Outside(), self._clock() + WITHIN
        for name in dict.fromkeys(groups):
            try:
                members, mention = self._group(name, until)
            except PlaceError as error:
                _log.warning("who is in %s is not known: %s", name, error)
                found.unknown[name] = str(error)
                continue
            found.members[name] = members
            if mention:
                found.mention[name] = mention
        return found

    def _group(self, name: str, until: float) -> Group:
        """Raises PlaceError."""
        now = self._clock()
        with self._lock:
            known = self._known.get(name)
        if known is not None and now - known[0] < KEEP:
            return known[1]
        if now >= until:
            raise PlaceError(name, "timeout", f"{name}: no time was left to look it up")
        group = self._asked(name, until - now)
        with self._lock:
            self._known[name] = now, group
        return group

    def _asked(self, name: str, seconds: float) -> Group:
        """Raises PlaceError."""
        if name.startswith(SLACK_GROUP):
            if not self._settings.slack:
                raise PlaceError(name, "unset", f"{name}: Slack is not set up: set slack_bot_token")
            # Here, since whoever uses neither should not have to load them.
            from mendwheel.integrations.slack.client import sync_client
            from mendwheel.integrations.slack.usergroups import group

            return group(sync_client(self._settings, min(seconds, ANSWER_WITHIN)), name)
        if not self._settings.jira:
            raise PlaceError(name, "unset", f"{name}: Jira is not set up: set jira_base_url")
        from mendwheel.integrations.jira.connection import Connection
        from mendwheel.integrations.jira.roles import role

        connection = Connection(self._settings)
        try:
            with connection.deadline(seconds):
                return role(connection, name), ""
        finally:
            connection.close()
