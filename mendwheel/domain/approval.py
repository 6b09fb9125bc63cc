"""Who said yes to what. An approval is bound to exact arguments, a policy version and a round."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from mendwheel.domain.outside import AGAIN
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Severity

OPERATOR = "temporal-operator"
"""Role of a decision without attestation: sent by hand through the Temporal UI or CLI."""


class Course(StrEnum):
    """What policy lets happen, strictest last."""

    ACT = "act"
    ASK = "ask"
    NEVER = "never"


class Approval(BaseModel):
    """The question put to people. Default is no."""

    request_id: str
    ticket_id: str
    round: int
    tool: str
    arguments_sha256: str
    policy_version: str
    risk: Risk
    component: str | None = None
    question: str = Field(description="what is asked, in one sentence")
    code: str = Field(description="short code for text channels, bound to arguments and round")
    approvers: list[str] = Field(description="people, subjects and groups that may decide")
    needed: int = Field(1, ge=1, description="how many different people must agree")
    requester: str = Field(description="never decides alone")
    asked_at: datetime
    expires_at: datetime
    remind_every_seconds: float = 4 * 3600.0
    escalate_after_seconds: float | None = None
    escalate_to: list[str] = []
    arguments: dict[str, Any] = Field({}, description="exactly what would run, to be edited")
    authors: list[str] = Field([], description="who edited the arguments; never decide alone")
    place: str = Field("", description="where it was reported; may have approvers of its own")
    severity: Severity | None = Field(None, description="of the incident, as triaged")


class Attestation(BaseModel):
    """HMAC by the edge that authenticated the person, over the decision it vouches for."""

    edge: str = Field(description="cli, slack, jira …")
    key_id: str
    mac: str


class Attested(BaseModel):
    """What a person says about an open question, and who vouches that it was them."""

    attestation: Attestation | None = None

    def signed_part(self) -> dict[str, object]:
        """What an attestation covers: everything but itself."""
        return self.model_dump(mode="json", exclude={"attestation"})


class Amendment(Attested):
    """Other arguments for the remedy that is asked about."""

    request_id: str
    arguments: dict[str, Any]
    channel: str
    subject: str
    decision_id: str


class Decision(Attested):
    """One person's yes or no, as it arrives."""

    request_id: str
    approved: bool
    arguments_sha256: str
    channel: str
    subject: str
    decision_id: str
    note: str = Field("", description="at most 500 characters, redacted by the edge")


class Authorisation(BaseModel):
    """What the live policy says about a decision's author; made by an activity."""

    allowed: bool
    subject: str
    role: str
    reason: str = ""
    stands_for: list[str] = Field([], description="in whose stead, one of them; empty: their own")
    independent: bool = Field(True, description="nobody involved has reported or edited it")
    again: bool = Field(False, description="it could not be told: the same may be sent again")
    vouched: bool = Field(False, description="counts beside nobody whom no edge vouches for")


class RulingKind(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"  # new information, a reopen or a cancel took its place


class Ruling(BaseModel):
    """How a question ended."""

    kind: RulingKind
    by: list[str] = []
    note: str = ""


class Reply(BaseModel):
    """What the sender of a decision is told."""

    accepted: bool
    reason: str = ""
    ruling: Ruling | None = None
    waiting_for: int = Field(0, description="how many more people must agree")


class Vote(BaseModel):
    """A decision whose author was found to be allowed."""

    decision_id: str
    subject: str
    approved: bool
    note: str = ""
    stands_for: str = Field("", description="in whose stead; empty: their own")
    independent: bool = True

    @property
    def voice(self) -> str:
        """Whose word it is: a delegate and who sent them are one of n."""
        return self.stands_for or self.subject


def objection(asked: Approval | None, decision: Decision, now: datetime) -> str | None:
    """Why `decision` cannot count for `asked`, or None. Pure: used by validator and handler."""
    outdated = stale(asked, decision.request_id, now)
    if outdated or asked is None:
        return outdated
    if decision.arguments_sha256 != asked.arguments_sha256:
        return "this decision is for other arguments than the ones now proposed"
    return None


def stale(asked: Approval | None, request_id: str, now: datetime) -> str | None:
    """Why nothing can be said about the question `request_id` any more, or None."""
    if asked is None:
        return "nothing waits for a decision on this ticket"
    if request_id != asked.request_id:
        return f"this decision is for an older question; the open one is {asked.request_id}"
    if now >= asked.expires_at:
        return f"the question expired at {asked.expires_at:%Y-%m-%d %H:%M} UTC"
    return None


def vote_of(who: Authorisation, decision: Decision, votes: list[Vote]) -> Vote | str:
    """The vote that a permitted decision is, or why it adds nothing to `votes`."""
    if any(vote.subject == who.subject for vote in votes):
        return f"{who.subject} has decided already"
    voices = who.stands_for or [who.subject]
    taken = {vote.voice: vote for vote in votes}
    free = [voice for voice in voices if voice not in taken]
    if not free:
        first = taken[voices[0]]
        if first.stands_for:
            return f"{first.subject} has decided already in the stead of {first.stands_for}"
        return f"{first.subject} has decided already, for whom {who.subject} stands in"
    return Vote(
        decision_id=decision.decision_id,
        subject=who.subject,
        approved=decision.approved,
        note=decision.note,
        stands_for=free[0] if who.stands_for else "",
        independent=who.independent,
    )


def beside(who: Authorisation, votes: list[Vote]) -> list[Vote]:
    """The votes that the one of `who` counts with.

    Where several must agree, a yes that was sent by hand is refused. One that a version of before
    has counted is left out as soon as a version since has judged another.
    """
    if not who.vouched:
        return votes
    return [vote for vote in votes if not (vote.approved and vote.subject == OPERATOR)]


UNJUDGED = f"its author could not be looked up: {AGAIN}"
"""The store was away for too long: nobody has judged it, and nobody has written it down."""

INVOLVED = "somebody who has neither reported nor edited it must agree as well"


def rule(asked: Approval, votes: list[Vote]) -> Ruling | None:
    """The ruling `votes` amount to, or None while more are needed. One no is enough.

    However many are needed: they cannot all be people who reported it or edited it.
    """
    for vote in votes:
        if not vote.approved:
            return Ruling(kind=RulingKind.REJECTED, by=[vote.subject], note=vote.note)
    agreed = {vote.voice: vote for vote in reversed(votes)}
    independent = any(vote.independent for vote in agreed.values())
    if len(agreed) >= asked.needed and independent:
        by = list(dict.fromkeys(vote.subject for vote in votes))
        return Ruling(kind=RulingKind.APPROVED, by=by, note=votes[-1].note if votes else "")
    return None


def missing(asked: Approval, votes: list[Vote]) -> int:
    """How many more people must agree, as long as there is no ruling."""
    return max(1, asked.needed - len({vote.voice for vote in votes}))
