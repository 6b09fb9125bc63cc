"""One ticket's activity calls: which inputs, which timeout, which summary. No decisions here."""

import asyncio
from datetime import datetime

from temporalio import workflow

from mendwheel.contracts.acting import (
    ActingStub,
    FinishRequest,
    Permit,
    PermitRequest,
)
from mendwheel.contracts.observing import ObserveRequest, ObservingStub
from mendwheel.contracts.recording import (
    FactRequest,
    Opened,
    OpenRequest,
    RecordingStub,
    RecordRequest,
    WatchedRequest,
)
from mendwheel.contracts.thinking import (
    EstablishRequest,
    LookRequest,
    MergeRequest,
    ThinkingStub,
    ThinkRequest,
    Thought,
)
from mendwheel.domain.diagnosis import DiagnosisNote
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import Outcome, OutcomeFact, Standing
from mendwheel.domain.playbook import EXTRACTIVE, Playbook
from mendwheel.domain.remedy import Receipt, Remedy
from mendwheel.domain.state import TicketInput, TicketState
from mendwheel.workflows import timeouts
from mendwheel.workflows.asking import Asking
from mendwheel.workflows.local import local


class Steps(Asking):
    """Calls on behalf of one ticket. Reads and grows its state; never branches on results."""

    def __init__(self, start: TicketInput, state: TicketState) -> None:
        super().__init__(start.ticket, state)
        self._start = start
        self._live = self._customer = False

    @property
    def playbook(self) -> Playbook:
        assert self._state.playbook is not None, "the playbook is frozen first"
        return self._state.playbook

    async def open(self) -> Opened:
        opened = await local(
            RecordingStub.open,
            OpenRequest(
                ticket=self._ticket,
                round=self._state.round,
                recall=self._start.recall,
                dry_run=self._start.dry_run,
                places=self._state.places,
                first=self._state.round == self._ticket.since,
            ),
            "freeze the playbook, recall similar tickets",
        )
        self._state.playbook, self._state.dossier = opened.playbook, opened.dossier
        self._live, self._customer = opened.live, opened.customer
        return opened

    async def look(self, tools: list[str], queries: list[ArtifactRef] | None = None) -> None:
        self._state.dossier = await local(
            ThinkingStub.look,
            LookRequest(
                ticket=self._ticket,
                tools=tools,
                queries=queries or [],
                triage=self._state.triage,
                dossier=self._state.dossier,
                information=self._state.information,
                places=self._state.places,
            ),
            f"look up {', '.join(tools)}",
        )

    async def observe(self) -> None:
        """Look at what is running, where something to look with is set up."""
        if self._live:
            await self._observe([])

    async def observe_customer(self) -> None:
        """Look up who asks, where that is set up: what is true for them may depend on it."""
        if self._customer and workflow.patched("customer-of-a-question"):
            await self._observe(["customer"])

    async def _observe(self, senses: list[str]) -> None:
        self._state.dossier = await workflow.execute_activity_method(
            ObservingStub.observe,
            ObserveRequest(
                ticket=self._ticket,
                triage=self._state.triage,
                dossier=self._state.dossier,
                senses=senses,
            ),
            start_to_close_timeout=timeouts.OBSERVE,
            retry_policy=timeouts.KEEP_TRYING,
            summary=f"look at {', '.join(senses) or 'running systems'}",
        )

    async def establish(self, senses: list[str]) -> None:
        """Investigators side by side, each with its own sense; then one dossier of findings."""
        found = await asyncio.gather(*(self._establish(sense) for sense in senses))
        self._state.dossier = await local(
            ThinkingStub.merge,
            MergeRequest(ticket=self._ticket, dossier=self._state.dossier, found=list(found)),
            "one dossier of findings",
        )

    async def _establish(self, sense: str) -> ArtifactRef:
        return await local(
            ThinkingStub.establish,
            EstablishRequest(
                ticket=self._ticket,
                sense=sense,
                triage=self._state.triage,
                dossier=self._state.dossier,
                information=self._state.information,
                places=self._state.places,
            ),
            f"facts from {sense}",
        )

    async def think(
        self, agent: str, *, turn: int, last: bool, diagnosis: DiagnosisNote | None
    ) -> Thought:
        request = ThinkRequest(
            ticket=self._ticket,
            agent=agent,
            playbook=self.playbook,
            round=self._state.round,
            turn=turn,
            last_turn=last,
            triage=self._state.triage,
            dossier=self._state.dossier,
            diagnosis=diagnosis,
            information=self._state.information,
        )
        # The route was frozen with the playbook, so a replay takes the same branch.
        if self.playbook.route(agent) == EXTRACTIVE:
            return await local(
                ThinkingStub.reason,
                request,
                f"{agent}, extractive",
            )
        return await workflow.execute_activity_method(
            ThinkingStub.think,
            request,
            start_to_close_timeout=timeouts.MODEL,
            heartbeat_timeout=timeouts.MODEL_HEARTBEAT,
            retry_policy=timeouts.KEEP_ASKING,
            summary=f"{agent}, turn {turn + 1}",
        )

    async def permit(self, key: EffectKey, remedy: Remedy, policy_version: str) -> Permit:
        return await local(
            ActingStub.permit,
            PermitRequest(
                ticket=self._ticket, key=key, remedy=remedy, policy_version=policy_version
            ),
            f"claim {key.step}: {key.target}",
        )

    async def finish(self, key: EffectKey, receipt: Receipt) -> None:
        await local(
            ActingStub.finish,
            FinishRequest(key=key, receipt=receipt),
            f"receipt of {key.step}: {key.target}",
        )

    async def record(self, outcome: Outcome) -> datetime:
        return await local(
            RecordingStub.record,
            RecordRequest(ticket=self._ticket, outcome=outcome, remember=not self._start.dry_run),
            f"record {outcome.kind.value}",
        )

    async def note_fact(self, fact: OutcomeFact) -> None:
        await local(
            RecordingStub.note_fact,
            FactRequest(ticket_id=self._ticket.id, fact=fact),
            f"fact: {fact.kind.value}",
        )

    async def settle(self, standing: Standing) -> None:
        await local(
            RecordingStub.settle,
            WatchedRequest(ticket_id=self._ticket.id, round=self._state.round, standing=standing),
            f"the outcome is {standing.value}",
        )
