"""What is read of Jira, as inbox, poll and backfill see it; `JiraClient` is it."""

from collections.abc import Sequence
from typing import Protocol

from mendwheel.integrations.jira.issue import Comment, Issue, Page, Person


class Source(Protocol):
    """Synchronous, for threads. Every method raises PlaceError; none retries."""

    def myself(self) -> Person:
        """The account that we are."""
        ...

    def read(self, key: str) -> Issue:
        """The issue with all comments and, where Jira keeps them, changes."""
        ...

    def comments(self, key: str) -> list[Comment]:
        """All comments, oldest first; our own bear their marker."""
        ...

    def search(
        self, jql: str, *, fields: Sequence[str] = (), next: str = "", limit: int = 100
    ) -> Page:
        """Issues that match, without comments and changes."""
        ...
