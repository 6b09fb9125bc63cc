"""Calls of tools that are not ours, each made once."""

from typing import Any

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import Receipt

NOT_DONE = "NotDone"
"""Type of an error whose message says all that is known about the call."""

UNKNOWN = "OutcomeUnknown"
"""The same, where it may have been done and nobody but a person can tell."""

CHECK = "mendwheel.check"
"""What the names of checks begin with; the tool's name follows after a dot."""


class WriteRequest(BaseModel):
    """`key` is the effect that was permitted; its target is the tool."""

    key: EffectKey
    arguments: dict[str, Any]
    looked: bool = Field(False, description="a person says that an earlier call did nothing")


class WritingStub:
    """The only caller of tools that change something at a server that describes itself."""

    @activity.defn(name="mendwheel.write")
    def write(self, request: WriteRequest) -> Receipt:
        """Call the tool if this effect was permitted and has never been tried."""
        raise NotImplementedError


class CallingStub:
    """The only caller of remedies over HTTP."""

    @activity.defn(name="mendwheel.call")
    def call(self, request: WriteRequest) -> Receipt:
        """Carry out what was permitted: look first where an earlier attempt has no known end."""
        raise NotImplementedError
