"""Which reads and senses an agent may use. Only narrows what the agent has by itself."""

from collections.abc import Collection, Mapping, Sequence

from mendwheel.agents.agent import Agent, Brief
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.hypothesis import Hypothesis

BY_KIND = {
    EvidenceKind.PASSAGE: "knowledge",
    EvidenceKind.RUNBOOK: "runbooks",
    EvidenceKind.CASE: "cases",
    EvidenceKind.EXHIBIT: "exhibits",
}
"""The read behind evidence that does not name one."""


class Permissions:
    """Agent → names of reads and senses. One that is not named may use all of its own."""

    def __init__(self, allowed: Mapping[str, Collection[str]] | None = None) -> None:
        self._allowed = allowed or {}

    def may(self, agent: str, read: str) -> bool:
        """Whether `agent` may ask for `read`."""
        return agent not in self._allowed or read in self._allowed[agent]

    def narrow(self, agent: str) -> bool:
        """Whether anything is said of `agent`."""
        return agent in self._allowed

    def equipped(self, agent: Agent) -> Agent:
        """The agent without the reads that it may not use."""
        tools = tuple(name for name in agent.tools if self.may(agent.name, name))
        return agent.model_copy(update={"tools": tools})

    def dossier(self, agent: str, dossier: Dossier) -> Dossier:
        """What `agent` may see of it, whoever had it looked up."""
        if agent not in self._allowed:
            return dossier
        hidden = self._hidden(agent, dossier)
        shown = [item for item in dossier.evidence if item.id not in hidden]
        causes = _founded(dossier.hypotheses, hidden)
        return dossier.model_copy(update={"evidence": shown, "hypotheses": causes})

    def brief(self, agent: str, brief: Brief, dossier: Dossier) -> Brief:
        """What `agent` may see of a brief that was made from `dossier`."""
        if agent not in self._allowed:
            return brief
        hidden = self._hidden(agent, dossier)
        return brief.model_copy(
            update={
                "evidence": [item for item in brief.evidence if item.id not in hidden],
                "hypotheses": _founded(brief.hypotheses, hidden),
                "facts": [fact for fact in brief.facts if fact.evidence_id not in hidden],
                "precedents": brief.precedents if self.may(agent, "cases") else [],
            }
        )

    def _hidden(self, agent: str, dossier: Dossier) -> set[str]:
        """Evidence of reads that it may not use, and what code found in any of that."""
        hidden = {item.id for item in dossier.evidence if not self._sees(agent, item)}
        return hidden | {item.id for item in dossier.evidence if not hidden.isdisjoint(item.cites)}

    def _sees(self, agent: str, item: Evidence) -> bool:
        if item.kind is EvidenceKind.FINDING:
            return True  # it is seen with what it rests on
        name = item.read or BY_KIND.get(item.kind, item.source)
        return self.may(agent, name) or self.may(agent, read_of_mcp(name, item.title))


def _founded(causes: Sequence[Hypothesis], hidden: Collection[str]) -> list[Hypothesis]:
    """Proposed causes without those that rest on hidden evidence, and without what it says."""
    return [
        each.model_copy(
            update={"against": [said for said in each.against if said.evidence_id not in hidden]}
        )
        for each in causes
        if not set(hidden) & set(each.for_ids)
    ]


def read_of_mcp(sense: str, title: str) -> str:
    """`mcp SERVER: TOOL` of what that tool showed; of anything else, `sense` itself."""
    server = sense.removeprefix("mcp ")
    if server == sense or not title.startswith(f"{server} "):
        return sense
    return f"{sense}: {title.removeprefix(f'{server} ')}"
