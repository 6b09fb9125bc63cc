"""What a run was decided with: frozen at its start, so that its outcome can be attributed."""

from pydantic import BaseModel, Field

EXTRACTIVE = "extractive"


BY_WORDS = 0.792
"""Share of the bar for an answer that holds for one found by words alone."""


class Thresholds(BaseModel):
    """Confidence (0..1) under which the suite hands over instead of claiming."""

    answer: float = 0.44
    cause: float = 0.5
    runbook: float = 0.25
    no_action: float = 0.6
    duplicate: float = 0.75

    def to_answer(self, *, by_words: bool) -> float:
        """Where nothing was searched by meaning, so little is answered at all that the same share
        of tickets is answered wrongly at a lower bar."""
        return self.answer * (BY_WORDS if by_words else 1.0)


class Limits(BaseModel):
    """Bounds on one run. Times are seconds; a wait of 0 is left out."""

    turns: int = 4
    rounds: int = 5
    ask_wait: float = 24 * 3600.0
    watch_window: float = 7 * 24 * 3600.0


class Playbook(BaseModel):
    """Immutable versions that one run uses to its end."""

    version: str = Field(description="digest of everything below, 12 characters")
    prompts: dict[str, str] = Field({}, description="agent name → prompt version")
    routes: dict[str, str] = Field({}, description="agent name → model route; `extractive`: none")
    thresholds: Thresholds = Thresholds()
    limits: Limits = Limits()
    arm: str = Field("stable", description="canary arm this ticket was assigned to")

    def route(self, agent: str) -> str:
        """The model route of `agent`; the extractive engine where none is set."""
        return self.routes.get(agent, EXTRACTIVE)
