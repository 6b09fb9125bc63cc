"""The engine that works without a language model. It says what it is in every answer."""

from collections.abc import Mapping

from pydantic import BaseModel

from mendwheel.agents.agent import Agent, Brief
from mendwheel.agents.outputs import Review
from mendwheel.domain.diagnosis import ReviewVerdict
from mendwheel.domain.evidence import by_words
from mendwheel.domain.playbook import Thresholds
from mendwheel.gateway.extractive.consult import consult
from mendwheel.gateway.extractive.customer import with_record
from mendwheel.gateway.extractive.investigate import investigate
from mendwheel.gateway.extractive.plan import plan
from mendwheel.gateway.extractive.triage import triage


class ExtractiveEngine:
    """Retrieval, established facts, runbook steps. Same brief, same answer."""

    def __init__(self, sources: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._sources = sources or {}

    def think(self, agent: Agent, brief: Brief, thresholds: Thresholds) -> BaseModel:
        """The output model of `agent`. Raises LookupError for an agent it does not know."""
        if agent.name == "triage":
            return triage(brief)
        if agent.name == "consultant":
            minimum = thresholds.to_answer(by_words=by_words(brief.evidence))
            return with_record(consult(brief, minimum), brief)
        if agent.name == "investigator":
            return investigate(brief, thresholds)
        if agent.name == "planner":
            return plan(brief, self._sources)
        if agent.name == "reviewer":
            # The citation check in code has been made already; there is no second opinion here.
            return Review(verdict=ReviewVerdict.ACCEPT)
        raise LookupError(f"the extractive engine cannot stand in for the agent {agent.name}")
