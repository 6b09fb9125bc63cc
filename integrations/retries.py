"""Has what was given up done again, by a workflow that two who ask at once share."""

import asyncio

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from mendwheel.contracts.letters import Retried, RetryRequest
from mendwheel.domain.ids import EffectKey, digest
from mendwheel.integrations.reach import IntakeError, Reach, TemporalUnreachable
from mendwheel.settings import Settings
from mendwheel.workflows.letters import RetryWorkflow

WAITED = 180.0
"""Seconds; longer than a retry takes where a worker is there."""


class Retries:
    """Starts retries and waits for what comes of them."""

    def __init__(self, client: Client, settings: Settings, waited: float = WAITED) -> None:
        self._client = client
        self._settings = settings
        self._waited = waited

    async def retry(self, key: EffectKey, *, who: str, looked: bool = False) -> Retried:
        """What came of it, or of the retry that is under way already.

        Raises:
            TemporalUnreachable: no server, or no worker; what was started goes on all the same.
        """
        name = retry_id(key)
        try:
            handle = await self._client.start_workflow(
                RetryWorkflow.run,
                RetryRequest(key=key, who=who, looked=looked),
                id=name,
                task_queue=self._settings.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"retry {key.step} for {key.ticket_id}",
            )
            return await asyncio.wait_for(handle.result(), self._waited)
        except TimeoutError:
            raise TemporalUnreachable(
                f"no worker has done {name} yet: start one with `mendwheel up` or `worker.py`; "
                "it goes on by itself"
            ) from None
        except WorkflowFailureError as error:
            raise IntakeError(f"{name} failed: {error.cause}") from error
        except (RPCError, RuntimeError) as error:
            raise Reach(self._client, self._settings).unreachable(error) from error


def retry_id(key: EffectKey) -> str:
    """One at a time for each effect; by the ticket's name it is found when that is forgotten."""
    return f"{key.ticket_id}-retry-{digest(str(key))[:16]}"
