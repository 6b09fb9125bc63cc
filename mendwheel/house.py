"""The ports, built once and shared by all workers of a plugin; opened with the first of them."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any

from mendwheel.activities.acting import Acting
from mendwheel.activities.calling import Calling, http_checks
from mendwheel.activities.investigating import Investigating
from mendwheel.activities.judging import Judging
from mendwheel.activities.observing import Observing
from mendwheel.activities.presenting import Boards
from mendwheel.activities.recording import Recording
from mendwheel.activities.sweeping import Sweeping
from mendwheel.activities.taking_in import TakingIn
from mendwheel.activities.thinking import Thinking
from mendwheel.activities.writing import Writing, checks
from mendwheel.contracts.names import WRITE_WORKFLOW
from mendwheel.front_desk import FrontDesk
from mendwheel.gateway.configured import from_settings
from mendwheel.gateway.extractive.engine import ExtractiveEngine
from mendwheel.integrations import outward
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.integrations.groups import Groups
from mendwheel.integrations.http_remedies import sender
from mendwheel.integrations.retention import Retention
from mendwheel.integrations.senses.configured import live_senses, permitted
from mendwheel.integrations.senses.mcp_late import LateServers
from mendwheel.integrations.senses.mcp_writes import McpWrites
from mendwheel.integrations.senses.recorded import RecordedSense
from mendwheel.playbooks import SettingsPlaybooks
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Board, Directory, LiveSense, Sense
from mendwheel.security.attestation import load_key
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import CasesRead, KnowledgeRead, RunbooksRead
from mendwheel.tools.registry import Registry, RemedySpec

_log = logging.getLogger("mendwheel")


class House:
    """Builds what activities hold. Constructing opens nothing and reads no file."""

    def __init__(
        self,
        settings: Settings,
        *,
        remedies: Iterable[RemedySpec] = (),
        reads: Iterable[Sense] = (),
        boards: Mapping[str, Board] | None = None,
        senses: Iterable[LiveSense] = (),
        directory: Directory | None = None,
        stores: Stores | None = None,
    ) -> None:
        self.settings = settings
        self.stores = stores or Stores(settings.store_path, chosen_embedder(settings))
        self.registry = Registry(remedies, settings.task_queue)
        self._sender = sender(settings, self.registry)
        self.writes = McpWrites(
            settings.mcp_servers, settings.sense_secrets, WRITE_WORKFLOW, settings.task_queue
        )
        self._late = LateServers(self.writes, self._offer)
        self.policy = LivePolicy(settings.policy)
        self._groups = directory or Groups(settings)
        self._gateway = from_settings(
            settings,
            self.stores.budgets,
            quotas=self.stores.quotas,
            answers=self.stores.answers,
            calls=self.stores.calls,
        )
        self._reads = {sense.name: sense for sense in (*self._built_in(), *reads)}
        self._senses = [*live_senses(settings), *senses]
        self._permissions = permitted(
            settings, [*self._reads, *(sense.name for sense in self._senses)]
        )
        self._boards = outward.boards(settings) | dict(boards or {})
        self._shown = Boards(self._boards, self.stores.ledger, self.stores.threads)
        self._taking_in = TakingIn(outward.inboxes(self.stores, settings), self.stores.cursors)
        self._users = 0

    def _built_in(self) -> list[Sense]:
        stores = self.stores
        return [
            KnowledgeRead(stores.knowledge),
            RunbooksRead(stores.knowledge),
            CasesRead(stores.cases),
            RecordedSense(stores.artifacts),
        ]

    async def open(self) -> None:
        """Counted: entered once per worker. Raises StoreUnavailable, AttestationKeyError."""
        self.stores.store.open()
        self._users += 1
        try:
            if self._users == 1:
                await self._first()
        except BaseException:
            await self.close()  # or the next one would not be the first
            raise

    async def _first(self) -> None:
        # Read now, so that an unreadable key stops the worker and not a person's decision.
        _ = self._key
        # In a thread: servers are asked what their tools take, and one may be slow.
        self._offer(await asyncio.to_thread(self.writes.specs, _log.warning))
        self._late.start()

    def _offer(self, specs: Iterable[RemedySpec]) -> None:
        for spec in specs:
            if spec.name not in self.registry:
                self.registry.add(spec)

    async def close(self) -> None:
        self._users -= 1
        if self._users == 0:
            self._late.stop()
            await self._gateway.aclose()
            self._taking_in.close()
            for board in self._boards.values():
                board.close()
        self.stores.store.close()

    @cached_property
    def _key(self) -> bytes:
        return load_key(self.settings)

    def activities(self) -> list[Callable[..., Any]]:
        """Every activity of the suite, bound to its ports."""
        stores, registry, front_desk = self.stores, self.registry, self._front_desk()
        sources = {spec.name: spec.sources for spec in registry.specs()} | self.writes.sources()
        thinking = Thinking(
            stores.artifacts,
            stores.cases,
            self._reads,
            ExtractiveEngine(sources),
            self._gateway,
            registry,
            access=self.settings.access,
            permissions=self._permissions,
            trusted=self.settings.trust_model_confidence,
        )
        judging = Judging(
            *(self.policy, stores.questions, stores.audit, lambda: self._key, self.settings.user),
            directory=self._groups,
        )
        recording = Recording(
            stores.artifacts,
            stores.cases,
            stores.outcomes,
            stores.audit,
            stores.ledger,
            stores.desk,
            stores.questions,
            SettingsPlaybooks(self.settings),
            front_desk.speaker(),
            stores.now,
            access=self.settings.access,
            outgoing=front_desk.outgoing(),
            live=bool(self._senses),
            customers=self._knows_customers,
        )
        investigating = Investigating(stores.artifacts, self._reads, access=self.settings.access)
        tenants = self.settings.sense_tenants
        observing = Observing(self._senses, stores.artifacts, stores.now, tenants)
        return [
            observing.observe,
            *(investigating.investigate, investigating.confront),
            *(thinking.look, thinking.establish, thinking.merge, thinking.reason, thinking.think),
            *(judging.judge, judging.asked, judging.settled, judging.authorise),
            *self._of_remedies(),
            *(recording.open, recording.publish, recording.record),
            *(recording.note_fact, recording.settle),
            *front_desk.activities(),
            Sweeping(partial(Retention, stores=stores, settings=self.settings)).sweep,
        ]

    def _knows_customers(self, tenant: str) -> bool:
        there = any(sense.name == "customer" for sense in self._senses)
        return there and tenant in self.settings.sense_tenants.get("customer", [tenant])

    def _front_desk(self) -> FrontDesk:
        return FrontDesk(
            *(self.settings, self.stores, self.registry, self.policy, self._groups),
            *(self._shown, self._taking_in, lambda: self._key),
        )

    def _of_remedies(self) -> list[Callable[..., Any]]:
        stores, writes, registry = self.stores, self.writes, self.registry
        acting = Acting(
            *(stores.ledger, stores.audit, stores.questions, self.policy, registry),
            *(stores.letters, stores.now),
        )
        writing = Writing(
            *(writes, stores.ledger, stores.artifacts, stores.cases, stores.audit, self.policy)
        )
        calling = Calling(self._sender, registry, stores.ledger, stores.audit, self.policy)
        found: list[Callable[..., Any]] = [
            *(acting.permit, acting.finish, acting.follow, acting.elsewhere)
        ]
        found += [writing.write, *checks(writes, writes.checked())]
        return [*found, calling.call, *http_checks(self._sender, registry)]
