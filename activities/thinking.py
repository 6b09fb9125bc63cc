"""Reads and agents: look things up, establish facts, let an engine or a model answer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from pydantic import BaseModel
from temporalio import activity

from mendwheel.activities.briefs import Texts
from mendwheel.activities.establishing import establish
from mendwheel.activities.grounding import beyond_rules, grounded, words_of_a_model
from mendwheel.activities.precedents import precedents
from mendwheel.activities.reading import Reads
from mendwheel.activities.repeated import look_once
from mendwheel.activities.results import Results
from mendwheel.activities.supporting import Support
from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Agent, Brief, ToolCard
from mendwheel.agents.outputs import Answer, Cause, Proposal
from mendwheel.agents.permissions import Permissions
from mendwheel.contracts.thinking import (
    EstablishRequest,
    LookRequest,
    MergeRequest,
    ThinkingStub,
    ThinkRequest,
    Thought,
)
from mendwheel.domain.access import Access
from mendwheel.domain.budget import CallKey
from mendwheel.domain.diagnosis import Triage
from mendwheel.domain.evidence import ArtifactRef, Dossier
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.domain.ticket import Information, Report, Ticket, TicketKind
from mendwheel.gateway.extractive.answers import retrieval_query
from mendwheel.gateway.extractive.engine import ExtractiveEngine
from mendwheel.gateway.extractive.orders import gives_orders
from mendwheel.gateway.gateway import Gateway
from mendwheel.ports import Artifacts, Cases, Sense
from mendwheel.tools.registry import Registry

BARE_WORDS = 20
"""A report of fewer words may lack what is needed to start."""

HEARTBEAT = 5.0
"""Seconds between heartbeats while a model works; a dead worker misses three within 30 s."""


class Thinking(ThinkingStub):
    """Everything that reads and reasons. Changes nothing outside the store."""

    def __init__(
        self,
        artifacts: Artifacts,
        cases: Cases,
        reads: Mapping[str, Sense],
        engine: ExtractiveEngine,
        gateway: Gateway,
        registry: Registry,
        *,
        access: Access,
        permissions: Permissions | None = None,
        trusted: bool = False,
    ) -> None:
        self._texts = Texts(artifacts)
        self._cases = cases
        self._permissions = permissions or Permissions()
        self._reads = Reads(reads, self._texts, self._permissions)
        self._engine = engine
        self._gateway = gateway
        self._registry = registry
        self._results = Results(self._texts, registry, self._permissions)
        self._access = access
        self._trusted = trusted
        self._support = Support(engine, registry, trusted=trusted)

    @activity.defn(name="mendwheel.look", no_thread_cancel_exception=True)
    def look(self, request: LookRequest) -> ArtifactRef:
        report = self._texts.report(request.ticket)
        dossier = self._texts.dossier(request.dossier)
        queries = [self._texts.text(ref) for ref in request.queries]
        chosen = list(zip(request.tools, queries, strict=False))
        usual = [(tool, self._query(report, request.information)) for tool in request.tools]
        usual = usual[len(chosen) :]
        look_once(self._reads, dossier, request.ticket, report, chosen, usual, self._may(request))
        self._note_triage(request.ticket, request.triage)
        return self._texts.keep(request.ticket, dossier)

    @activity.defn(name="mendwheel.establish", no_thread_cancel_exception=True)
    def establish(self, request: EstablishRequest) -> ArtifactRef:
        ticket, report = request.ticket, self._texts.report(request.ticket)
        found = Dossier()
        if request.sense in self._reads:
            query = self._query(report, request.information)
            asked = [(request.sense, query)]
            seen = self._reads.look(ticket, report, asked, self._may(request))
            found.evidence = [item.model_copy(update={"read": request.sense}) for item in seen]
        else:
            exhibits = self._texts.exhibits(self._texts.dossier(request.dossier))
            information = self._texts.information(request.information)
            brief = Brief(report=report, information=information, evidence=exhibits)
            found.evidence = establish(request.sense, brief)
        return self._texts.keep(ticket, found)

    @activity.defn(name="mendwheel.merge", no_thread_cancel_exception=True)
    def merge(self, request: MergeRequest) -> ArtifactRef:
        dossier = self._texts.dossier(request.dossier)
        for ref in request.found:
            dossier.add(self._texts.dossier(ref).evidence)
        return self._texts.keep(request.ticket, dossier)

    @activity.defn(name="mendwheel.reason", no_thread_cancel_exception=True)
    def reason(self, request: ThinkRequest) -> Thought:
        agent = self._reads.equip(AGENTS[request.agent])
        brief = self._brief(agent, request, [])
        output = self._engine.think(agent, brief, request.playbook.thresholds)
        return self._results.thought(agent, request, output, EXTRACTIVE)

    @activity.defn(name="mendwheel.think")
    async def think(self, request: ThinkRequest) -> Thought:
        agent = self._reads.equip(AGENTS[request.agent])
        planner = agent.name == "planner"
        cards = self._registry.cards() if planner else self._reads.cards(agent)
        async with _heartbeats():
            brief = await asyncio.to_thread(self._brief, agent, request, cards)
            done = await self._gateway.think(
                agent,
                brief,
                tenant=request.ticket.tenant,
                route=request.playbook.route(agent.name),
                prompt_version=request.playbook.prompts.get(agent.name, agent.prompt),
                key=CallKey(
                    ticket_id=request.ticket.id,
                    round=request.round,
                    step=agent.name,
                    call=request.turn + (100 if request.diagnosis else 0),
                ),
            )
            thought = await asyncio.to_thread(
                self._thought, agent, request, brief, done.output, done.engine
            )
        tokens = done.prompt_tokens + done.completion_tokens
        return thought.model_copy(update={"tokens": tokens})

    def _thought(
        self, agent: Agent, request: ThinkRequest, brief: Brief, output: BaseModel, engine: str
    ) -> Thought:
        """What counts of a model's output: beside it stands what code makes of the same brief."""
        output = guarded(output, brief)
        asks = isinstance(output, Answer | Cause) and output.calls and not request.last_turn
        if isinstance(output, Answer | Cause) and not asks:
            thresholds = request.playbook.thresholds
            by_code = self._engine.think(agent, brief, thresholds)
            output = grounded(
                output,
                by_code,
                brief.report,
                thresholds,
                self._results.believed(request, output, engine),
                trusted=self._trusted or beyond_rules(output, brief),
            )
            engine = engine if words_of_a_model(output, by_code) else EXTRACTIVE
        thought = self._results.thought(agent, request, output, engine)
        if not isinstance(output, Proposal) or thought.plan is None:
            return thought
        plan = self._support.of(thought.plan, output, brief, request.playbook.thresholds)
        return thought.model_copy(update={"plan": plan})

    def _brief(self, agent: Agent, request: ThinkRequest, cards: list[ToolCard]) -> Brief:
        brief = self._texts.brief(request, cards)
        if agent.name == "triage":
            brief.precedents = precedents(self._cases, request.ticket, brief.report)
        if not self._permissions.narrow(agent.name):
            return brief
        return self._permissions.brief(agent.name, brief, self._texts.dossier(request.dossier))

    def _may(self, request: LookRequest | EstablishRequest) -> list[str]:
        """Labels that everybody may read who follows the ticket: what is found is shown to all."""
        ticket = request.ticket
        return self._access.labels(ticket.tenant, [ticket.place, *request.places])

    def _query(self, report: Report, information: list[Information]) -> str:
        return retrieval_query(report, self._texts.information(information))

    def _note_triage(self, ticket: Ticket, triage: Triage | None) -> None:
        """So that a later report of the same incident finds an open anomaly to link to."""
        if triage is None or triage.kind is not TicketKind.ANOMALY:
            return
        case = self._cases.get(ticket.id)
        if case is not None and case.kind is None:
            component = case.component or triage.component
            self._cases.save(
                case.model_copy(
                    update={
                        "kind": triage.kind,
                        "severity": triage.severity,
                        "component": component,
                    }
                )
            )


def guarded(output: BaseModel, brief: Brief) -> BaseModel:
    """What a model may not decide alone: untrusted text could have talked it into the answer.

    Orders in the text are found by code as well. A reporter is asked only about an anomaly that
    came in few words and without any record: small models ask back what they were asked.
    """
    if not isinstance(output, Triage):
        return output
    said = "\n".join([brief.report.title, brief.report.body, *brief.information])
    bare = len(said.split()) < BARE_WORDS and not brief.report.attachments
    asks = output.kind is TicketKind.ANOMALY and bare
    return output.model_copy(
        update={
            "suspicious": output.suspicious or gives_orders(said),
            "missing": output.missing[:3] if asks and not brief.information else [],
        }
    )


@contextlib.asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """Heartbeat while the body runs, so that a crash is noticed long before the timeout."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
