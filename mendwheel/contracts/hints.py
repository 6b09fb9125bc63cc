"""Hints on their way to tickets."""

from temporalio import activity

from mendwheel.domain.hint import Hint, Polled, PollRequest, Taken


class HintsStub:
    """Reads again and hands on to tickets."""

    @activity.defn(name="mendwheel.take_hint")
    async def take_hint(self, hint: Hint) -> Taken:
        """Safe to repeat: everything it sends bears ids that tickets know again."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.poll")
    async def poll(self, request: PollRequest) -> Polled:
        """What changed since the cursor; an empty cursor starts at the stored one."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.poll_done")
    async def poll_done(self, request: PollRequest) -> None:
        """Keep the cursor: everything before it has been handed on."""
        raise NotImplementedError
