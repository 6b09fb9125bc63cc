"""What an agent is, as data: purpose, prompt version, output model, the tools it may use."""

from mendwheel.agents.agent import Agent
from mendwheel.agents.roster import AGENTS

__all__ = ["AGENTS", "Agent"]
