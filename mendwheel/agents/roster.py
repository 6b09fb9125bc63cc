"""The five agents."""

from mendwheel.agents.agent import Agent
from mendwheel.agents.outputs import Answer, Cause, Proposal, Review
from mendwheel.domain.diagnosis import Triage

_READS = ("knowledge", "cases", "exhibits")

TRIAGE = Agent(
    name="triage",
    purpose="Say what kind of ticket it is, how severe, which component, and what is missing.",
    prompt="triage-2",
    output=Triage,
)
CONSULTANT = Agent(
    name="consultant",
    purpose="Answer a question from knowledge, every statement cited.",
    prompt="consultant-3",
    output=Answer,
    tools=("knowledge", "cases"),
    host_reads=True,
)
INVESTIGATOR = Agent(
    name="investigator",
    purpose="Name the root cause of an anomaly from facts, every statement cited.",
    prompt="investigator-3",
    output=Cause,
    tools=_READS,
    host_reads=True,
)
REVIEWER = Agent(
    name="reviewer",
    purpose="Independent of the author: does the evidence support each claim?",
    prompt="reviewer-2",
    output=Review,
)
PLANNER = Agent(
    name="planner",
    purpose="Propose one registered remedy with exact arguments, or hand over.",
    prompt="planner-2",
    output=Proposal,
)

AGENTS = {agent.name: agent for agent in (TRIAGE, CONSULTANT, INVESTIGATOR, REVIEWER, PLANNER)}
