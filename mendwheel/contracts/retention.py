"""Tickets whose time is over."""

from temporalio import activity

from mendwheel.domain.retention import SweepRequest, Swept


class RetentionStub:
    """Forgets them."""

    @activity.defn(name="mendwheel.sweep")
    async def sweep(self, request: SweepRequest) -> Swept:
        """A bounded number of them, in the order of their ids. Safe to repeat."""
        raise NotImplementedError
