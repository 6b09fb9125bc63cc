"""Effects on the world: permitted live, claimed in the ledger, receipted."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.approval import Amendment, Approval
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.remedy import Invocation, Receipt, Remedy
from mendwheel.domain.ticket import Ticket

ANY_POLICY = ""
"""Policy version of what was permitted before: an undo does not ask again."""


class PermitRequest(BaseModel):
    """About to act: is it still allowed, and has it been done already?"""

    ticket: Ticket
    key: EffectKey
    remedy: Remedy
    policy_version: str = Field(description="what the approval or the verdict was bound to")


class Permit(BaseModel):
    """`allowed` False means: do not act; `stale` True means: ask again under today's policy."""

    allowed: bool
    stale: bool = False
    reason: str = ""
    receipt: Receipt


class FinishRequest(BaseModel):
    """The effect is done."""

    key: EffectKey
    receipt: Receipt


class FollowRequest(BaseModel):
    """A remedy's workflow that an earlier run started; wait for its end."""

    workflow_id: str


class ElsewhereRequest(BaseModel):
    """A remedy whose workflow lives in another namespace."""

    key: EffectKey
    workflow_id: str
    invocation: Invocation
    tool: str = Field(description="what the effect's arguments were permitted for")
    arguments: dict[str, Any]
    within_seconds: float = Field(description="until the server ends it")


class AmendRequest(BaseModel):
    """Somebody wants other arguments than the ones asked about."""

    ticket: Ticket
    approval: Approval | None
    amendment: Amendment
    objection: str = Field("", description="why it cannot count, whoever sent it; only audited")
    now: datetime | None = Field(None, description="for delegations; without it none is in force")


class Amended(BaseModel):
    """The remedy with the new arguments, or why not."""

    subject: str
    remedy: Remedy | None = None
    reason: str = ""
    again: bool = Field(False, description="it could not be told: the same may be sent again")


class AmendingStub:
    """Other arguments for a remedy."""

    @activity.defn(name="mendwheel.amend")
    def amend(self, request: AmendRequest) -> Amended:
        """Who may decide may also edit; the arguments are checked against the registry."""
        raise NotImplementedError


class ActingStub:
    """The ledger's side of an action."""

    @activity.defn(name="mendwheel.permit")
    def permit(self, request: PermitRequest) -> Permit:
        """Read live authority and claim the effect; refuses rather than guesses."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.finish")
    def finish(self, request: FinishRequest) -> None:
        raise NotImplementedError

    @activity.defn(name="mendwheel.elsewhere")
    async def elsewhere(self, request: ElsewhereRequest) -> Receipt:
        """Start it there once and wait for its end."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.follow")
    async def follow(self, request: FollowRequest) -> Receipt:
        """Result of a remedy that is already running or done."""
        raise NotImplementedError
