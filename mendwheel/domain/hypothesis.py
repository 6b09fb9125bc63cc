"""What investigators propose as a cause, each with the evidence for it and against it."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

WHY_LIMIT = 200
"""Characters of what speaks against a cause: one line."""


class Objection(BaseModel):
    """One piece of evidence that speaks against a cause, and what it says."""

    evidence_id: str
    why: str = Field(max_length=WHY_LIMIT)


class Hypothesis(BaseModel):
    """A cause that was proposed. It is rejected where another one was concluded."""

    component: str | None = None
    fault: str | None = None
    proposed_by: list[str] = Field(description="metrics, graph, changes, logs, knowledge")
    clearness: float = Field(ge=0, le=1, description="how clearly the evidence for it shows it")
    for_ids: list[str] = []
    against: list[Objection] = []

    @property
    def name(self) -> str:
        """`cpu saturation at db`."""
        fault = self.fault or "a fault of unknown kind"
        return f"{fault} at {self.component}" if self.component else fault

    def rejection(self) -> str:
        """One line: the cause, and the first thing that speaks against it, cited."""
        first = self.against[0]
        return f"{self.name}: {first.why} [{first.evidence_id}]"

    def renumbered(self, ids: Mapping[str, str]) -> "Hypothesis":
        """The same with other evidence ids; one without a new id is kept."""
        against = [
            each.model_copy(update={"evidence_id": ids.get(each.evidence_id, each.evidence_id)})
            for each in self.against
        ]
        found = [ids.get(name, name) for name in self.for_ids]
        return self.model_copy(update={"for_ids": found, "against": against})

    def same_as(self, component: str | None, fault: str | None) -> bool:
        """Whether it names the same, whatever the case of its letters."""
        return _plain(self.component) == _plain(component) and _plain(self.fault) == _plain(fault)


def _plain(name: str | None) -> str:
    return (name or "").strip().lower()
