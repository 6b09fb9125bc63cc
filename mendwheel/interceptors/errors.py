"""The suite's own errors in Temporal's terms: try again or not, and when."""

from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from mendwheel.effects.perform import EffectHeld
from mendwheel.gateway.errors import ModelError
from mendwheel.ports import LedgerConflict, PlaceError, StoreUnavailable

GIVE_UP_AFTER = 4
"""Attempts of one of our activities at anything but a store that is away or an effect held."""

OURS = "mendwheel."


class ErrorMapping(Interceptor):
    """Touches only our own activities and error types; a host's pass through unchanged."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Mapping(next)


class _Mapping(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except (StoreUnavailable, ApplicationError):
            raise
        except EffectHeld as held:
            raise ApplicationError(
                str(held), type="EffectHeld", next_retry_delay=timedelta(seconds=held.retry_after)
            ) from held
        except LedgerConflict as conflict:
            raise ApplicationError(
                str(conflict), type="LedgerConflict", non_retryable=True
            ) from conflict
        except PlaceError as error:
            # A place may be away for long; who calls says for how long that is worth waiting.
            wait = error.retry_after
            raise ApplicationError(
                str(error),
                type=f"Place.{error.kind}",
                non_retryable=not error.retryable,
                next_retry_delay=timedelta(seconds=wait) if wait is not None else None,
            ) from error
        except ModelError as error:
            wait = error.retry_after
            raise ApplicationError(
                str(error),
                type=f"Model.{error.kind}",
                non_retryable=not error.retryable or _tried_enough(),
                next_retry_delay=timedelta(seconds=wait) if wait is not None else None,
            ) from error
        except Exception as error:
            if not _tried_enough():
                raise
            raise ApplicationError(
                f"{type(error).__name__}: {error}", type=type(error).__name__, non_retryable=True
            ) from error


def _tried_enough() -> bool:
    info = activity.info()
    return info.activity_type.startswith(OURS) and info.attempt >= GIVE_UP_AFTER
