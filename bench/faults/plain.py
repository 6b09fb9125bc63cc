"""The baseline: the same suite with plain retries, without the ledger's memory of intents.

Every claim may go ahead and nothing is looked for, so that what Temporal runs again is written
again. What is kept is the reference of what was written, since a card is to be edited.
"""

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.stores.ledger import SqliteLedger
from mendwheel.workflows import timeouts


def retry_plainly() -> None:
    """In this process what is otherwise tried once is tried until it has an answer."""
    timeouts.ONCE = timeouts.KEEP_TRYING


class PlainLedger(SqliteLedger):
    """`ports.Ledger` that says go ahead to everybody."""

    def claim(
        self, key: EffectKey, arguments_sha256: str, lease_seconds: float, *, bound: bool = True
    ) -> Receipt:
        super().claim(key, arguments_sha256, lease_seconds, bound=bound)
        return Receipt(state=EffectState.FRESH)
