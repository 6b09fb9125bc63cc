"""News of systems of record on its way to tickets: read again first."""

from collections.abc import Callable, Mapping

from temporalio import activity
from temporalio.client import Client

from mendwheel.contracts.hints import HintsStub
from mendwheel.domain.hint import Hint, Polled, PollRequest, Taken
from mendwheel.ports import Cursors, Inbox, PlaceError

OpenInbox = Callable[[Client], Inbox]


class TakingIn(HintsStub):
    """Finds the inbox of a hint's system; each is built on the worker's own client."""

    def __init__(self, inboxes: Mapping[str, OpenInbox], cursors: Cursors) -> None:
        self._inboxes = inboxes
        self._cursors = cursors
        self._open: dict[str, Inbox] = {}

    @activity.defn(name="mendwheel.take_hint")
    async def take_hint(self, hint: Hint) -> Taken:
        return await self._inbox(hint.system).take(hint)

    @activity.defn(name="mendwheel.poll")
    async def poll(self, request: PollRequest) -> Polled:
        cursor = request.cursor or self._cursors.get(_name(request))
        return await self._inbox(request.system).poll(cursor)

    @activity.defn(name="mendwheel.poll_done")
    async def poll_done(self, request: PollRequest) -> None:
        self._cursors.set(_name(request), request.cursor)

    def close(self) -> None:
        """Let go of what the inboxes hold; the next hint opens them anew."""
        for inbox in self._open.values():
            inbox.close()
        self._open = {}

    def _inbox(self, system: str) -> Inbox:
        """Raises PlaceError: nothing of that kind is set up on this worker."""
        if system not in self._inboxes:
            raise PlaceError(
                system,
                "not_set_up",
                f"this worker cannot read {system}: set MENDWHEEL_{system.upper()}_… for it too",
            )
        if system not in self._open:
            self._open[system] = self._inboxes[system](activity.client())
        return self._open[system]


def _name(request: PollRequest) -> str:
    return f"poll-{request.system}"
