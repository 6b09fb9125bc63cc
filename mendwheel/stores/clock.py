"""The store's clock. Adapters take it as `now`, so that tests decide when a lease runs out."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
