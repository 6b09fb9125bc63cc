"""News handed over durably before it is looked at: a small workflow takes each hint in."""

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from mendwheel.domain.hint import Hint
from mendwheel.domain.ids import digest
from mendwheel.integrations.reach import Reach
from mendwheel.settings import Settings
from mendwheel.workflows.hints import HintWorkflow


class Hints:
    """Starts one workflow per delivery; a redelivery finds it there."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._reach = Reach(client, settings)

    async def start(self, hint: Hint) -> bool:
        """Hand `hint` over; False when it came before. Raises TemporalUnreachable."""
        try:
            await self._client.start_workflow(
                HintWorkflow.run,
                hint,
                id=hint_id(self._settings.tenant, hint),
                task_queue=self._settings.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"{hint.system} {hint.key}: {hint.event}"[:200],
            )
        except WorkflowAlreadyStartedError:
            return False
        except (RPCError, RuntimeError) as error:  # a lazy client connects only now
            raise self._reach.unreachable(error) from error
        return True


def hint_id(tenant: str, hint: Hint) -> str:
    """The workflow id of a hint."""
    return f"mendwheel-hint-{digest([tenant, hint.system, hint.key, hint.delivery_id])[:24]}"
