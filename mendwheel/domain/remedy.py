"""What may be done about an anomaly: a registered tool with exact arguments, check and undo."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import arguments_digest


class Risk(StrEnum):
    """Set by the person who registers a tool, never by a model."""

    READ = "read"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Invocation(BaseModel):
    """How to reach one step of a remedy on the host's worker."""

    name: str = Field(description="workflow type (remedy, undo) or activity type (check)")
    task_queue: str
    timeout_seconds: float = 120.0
    namespace: str = Field("", description="of a workflow that lives in another one; empty: ours")


class Check(BaseModel):
    """Reads whether the remedy helped; red until it says otherwise."""

    activity: Invocation
    attempts: int = 3
    interval_seconds: float = 2.0


class CheckResult(BaseModel):
    """What a host's check returns."""

    ok: bool
    detail: str = ""


class Remedy(BaseModel):
    """One proposed action, resolved against the registry; a model alone names nothing here."""

    tool: str
    arguments: dict[str, Any]
    arguments_sha256: str
    risk: Risk
    expected: str = Field(description="the effect it should have, in one sentence")
    workflow: Invocation
    check: Check | None = None
    undo: Invocation | None = None
    component: str | None = None
    always_asked: bool = Field(False, description="a person is asked, whatever the policy allows")

    registered: str = Field("", description="digest of what it calls, where that is no workflow")

    def matches(self, sha256: str) -> bool:
        """Whether `sha256` was made from exactly this tool and these arguments."""
        return sha256 == self.arguments_sha256 == arguments_digest(self.tool, self.arguments)


class Plan(BaseModel):
    """What the planner proposes: a remedy, or the steps for a human."""

    remedy: Remedy | None = None
    reason: str = ""
    steps: ArtifactRef | None = None


class EffectState(StrEnum):
    FRESH = "fresh"  # claimed by this attempt: look, then write
    HELD = "held"  # another attempt may still be writing
    DONE = "done"


class Receipt(BaseModel):
    """Proof of an effect: what the target said, small."""

    state: EffectState
    detail: str = ""
    reference: str = Field("", description="id of the written thing at its target")
