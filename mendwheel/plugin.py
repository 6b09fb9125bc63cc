"""The one line a host adds: ``plugins=[MendwheelPlugin()]`` on its client or its worker."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import DataConverter, DefaultPayloadConverter
from temporalio.plugin import SimplePlugin
from temporalio.worker import Interceptor, Replayer, Worker, WorkerConfig, WorkflowReplayResult

from mendwheel.house import House
from mendwheel.interceptors.errors import ErrorMapping
from mendwheel.ports import Sense
from mendwheel.sandbox import rules
from mendwheel.settings import Settings
from mendwheel.tools.registry import RemedySpec
from mendwheel.workflows.approval import ApprovalWorkflow
from mendwheel.workflows.ticket import TicketWorkflow

WORKFLOWS = [TicketWorkflow, ApprovalWorkflow]


class MendwheelPlugin(SimplePlugin):
    """Workflows, activities, converter, sandbox rules, interceptors, executor and store.

    Give it to a client, a worker or a replayer. Given to both client and worker it is applied
    once, and the worker's counts (the SDK warns all the same). Constructing it opens nothing: the
    store opens with the first worker and closes with the last.

    Args:
        settings: read from environment and file when not given.
        remedies: what this worker's tickets may do, as registered by the host.
        reads: further read-only looks at the world that agents may ask for, by name.
        strict: forbid third-party I/O modules in every workflow of the worker; for a worker
            that runs nothing but the suite.
        fresh: run the suite's own workflows in the sandbox too, imported anew for each run; for
            tests. Elsewhere they are checked in it once, when the worker starts.
        interceptors: further interceptors, after the suite's own.

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
        strict: bool = False,
        fresh: bool = False,
        interceptors: Iterable[Interceptor] = (),
    ) -> None:
        self.house = House(settings or Settings.load(), remedies=remedies, reads=reads)
        super().__init__(
            "mendwheel.MendwheelPlugin",
            data_converter=_pydantic,
            interceptors=[ErrorMapping(), *interceptors],
            activities=self.house.activities(),
            workflows=WORKFLOWS,
            workflow_runner=rules(strict=strict, fresh=fresh),
            run_context=self._opened,
        )

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        if not self._serves(config) or TicketWorkflow in config.get("workflows", ()):
            return config  # applied already, or about to be
        config = super().configure_worker(config)
        if config.get("activity_executor") is None:
            size = config.get("max_concurrent_activities") or 100
            config["activity_executor"] = ThreadPoolExecutor(size, "mendwheel-activity")
        config["client"] = _with_converter(config["client"])
        return config

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        if self._serves(worker.config()):
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


def _with_converter(client: Client) -> Client:
    """`client`, or a copy of it that speaks Pydantic.

    SimplePlugin sets the converter on clients and replayers only: a worker that alone is given
    the plugin would half-work on the default converter.
    """
    wanted = _pydantic(client.data_converter)
    if wanted is client.data_converter:
        return client
    config = client.config(active_config=True)
    config["data_converter"] = wanted
    config["plugins"] = []  # they have been applied to this client already
    return Client(**config)


def _pydantic(existing: DataConverter | None) -> DataConverter:
    if existing is None:
        return pydantic_data_converter
    kind = existing.payload_converter_class
    if issubclass(kind, PydanticPayloadConverter):
        return existing
    if kind is DefaultPayloadConverter:
        # The host's codec and failure converter stay; only the JSON step changes.
        return replace(existing, payload_converter_class=PydanticPayloadConverter)
    raise ValueError(
        f"the payload converter must extend `PydanticPayloadConverter`, got `{kind.__name__}`: "
        "derive it from that class, or leave the choice to the plugin"
    )
