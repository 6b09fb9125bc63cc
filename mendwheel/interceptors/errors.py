"""The suite's own errors in Temporal's terms: try again or not, and when."""

from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from mendwheel.effects.perform import EffectHeld
from mendwheel.gateway.errors import ModelError
from mendwheel.ports import LedgerConflict


class ErrorMapping(Interceptor):
    """Touches only our own error types; a host's activities pass through unchanged."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Mapping(next)


class _Mapping(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except EffectHeld as held:
            raise ApplicationError(
                str(held), type="EffectHeld", next_retry_delay=timedelta(seconds=held.retry_after)
            ) from held
        except LedgerConflict as conflict:
            raise ApplicationError(
                str(conflict), type="LedgerConflict", non_retryable=True
            ) from conflict
        except ModelError as error:
            wait = error.retry_after
            raise ApplicationError(
                str(error),
                type=f"Model.{error.kind}",
                non_retryable=not error.retryable,
                next_retry_delay=timedelta(seconds=wait) if wait is not None else None,
            ) from error
