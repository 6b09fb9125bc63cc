"""The one line a host adds: ``plugins=[MendwheelPlugin()]`` on its client or its worker."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from temporalio.client import Client, WorkflowHistory
from temporalio.plugin import SimplePlugin
from temporalio.worker import Interceptor, Replayer, Worker, WorkerConfig, WorkflowReplayResult

from mendwheel.converter import pydantic, with_converter
from mendwheel.house import House
from mendwheel.integrations.retention import sweeping
from mendwheel.interceptors.errors import ErrorMapping
from mendwheel.ports import Board, LiveSense, Sense
from mendwheel.sandbox import rules
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.tools.registry import RemedySpec
from mendwheel.workflows.approval import ApprovalWorkflow
from mendwheel.workflows.calling import CallWorkflow
from mendwheel.workflows.hints import HintWorkflow, PollWorkflow
from mendwheel.workflows.letters import RetryWorkflow
from mendwheel.workflows.retention import RetentionWorkflow
from mendwheel.workflows.ticket import TicketWorkflow
from mendwheel.workflows.writing import WriteWorkflow

WORKFLOWS = [
    *(TicketWorkflow, ApprovalWorkflow, HintWorkflow, PollWorkflow),
    *(WriteWorkflow, CallWorkflow, RetryWorkflow, RetentionWorkflow),
]


class MendwheelPlugin(SimplePlugin):
    """Workflows, activities, converter, sandbox rules, interceptors, executor and store.

    Give it to a client, a worker or a replayer. Given to both client and worker it is applied
    once, and the worker's counts (the SDK warns all the same). Constructing it opens nothing: the
    store opens with the first worker and closes with the last.

    Args:
        settings: read from environment and file when not given.
        remedies: what this worker's tickets may do, as registered by the host.
        reads: further read-only looks at the world that agents may ask for, by name.
        boards: further kinds of places where people follow tickets, by the word before the colon
            in `slack:C123`; Slack and Jira are there when they are set up.
        senses: further looks at running systems, beside those that are set up.
        strict: forbid third-party I/O modules in every workflow of the worker; for a worker
            that runs nothing but the suite.
        fresh: run the suite's own workflows in the sandbox too, imported anew for each run; for
            tests. Elsewhere they are checked in it once, when the worker starts.
        interceptors: further interceptors, after the suite's own.
        stores: in place of those that the settings name; for tests, which bring a clock of theirs.

    Raises:
        SettingsError: a setting is unknown or of the wrong type.
        ValueError: a remedy is registered twice.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        remedies: Iterable[RemedySpec] = (),
        reads: Iterable[Sense] = (),
        boards: Mapping[str, Board] | None = None,
        senses: Iterable[LiveSense] = (),
        strict: bool = False,
        fresh: bool = False,
        interceptors: Iterable[Interceptor] = (),
        stores: Stores | None = None,
    ) -> None:
        self.house = House(
            settings or Settings.load(),
            remedies=remedies,
            reads=reads,
            boards=boards or {},
            senses=senses,
            stores=stores,
        )
        super().__init__(
            "mendwheel.MendwheelPlugin",
            data_converter=pydantic,
            interceptors=[ErrorMapping(), *interceptors],
            activities=self.house.activities(),
            workflows=WORKFLOWS,
            workflow_runner=rules(strict=strict, fresh=fresh),
            run_context=self._opened,
        )

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        if not self._serves(config) or TicketWorkflow in config.get("workflows", ()):
            return config  # applied already, or about to be
        _needs_a_cache(config)
        config = super().configure_worker(config)
        if config.get("activity_executor") is None:
            size = config.get("max_concurrent_activities") or 100
            config["activity_executor"] = ThreadPoolExecutor(size, "mendwheel-activity")
        config["client"] = with_converter(config["client"])
        _encrypts_if_told_to(self.house.settings, config["client"])
        return config

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        if self._serves(worker.config()):
            async with sweeping(worker.client, self.house.settings, worker.task_queue):
                await super().run_worker(worker, next)
        else:
            await next(worker)  # its activities are not here, so its store stays shut

    @asynccontextmanager
    async def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AsyncIterator[AsyncIterator[WorkflowReplayResult]]:
        async with next(replayer, histories) as results:
            yield results  # a replay runs no activity: it needs no store

    def _serves(self, config: WorkerConfig) -> bool:
        """A client carries its plugins to every worker; one given to the worker goes before."""
        given = [each for each in config.get("plugins", ()) if isinstance(each, MendwheelPlugin)]
        return not given or given[0] is self

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        await self.house.open()
        try:
            yield
        finally:
            await self.house.close()


def _encrypts_if_told_to(settings: Settings, client: Client) -> None:
    """Raises ValueError where keys are set and nothing would use them: texts would be in the open.

    The codec of a host is the host's: whichever it has is kept, and none is added.
    """
    if settings.encrypts and client.data_converter.payload_codec is None:
        raise ValueError(
            "payload keys are set, but this worker's client has no payload codec: connect with "
            "data_converter=mendwheel.connect.data_converter(settings), or unset the keys"
        )


def _needs_a_cache(config: WorkerConfig) -> None:
    """Raises ValueError where the worker would put runs away amid a local activity."""
    if config.get("max_cached_workflows") == 0:
        raise ValueError(
            "max_cached_workflows=0: Mendwheel's runs do local activities, and a worker without a "
            "cache mixes up their results. Leave it out, or set it to 100 or more"
        )
