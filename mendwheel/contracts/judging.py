"""What policy is asked, by activities that read it live."""

from datetime import datetime

from pydantic import BaseModel, Field
from temporalio import activity

from mendwheel.domain.approval import Approval, Authorisation, Course, Decision
from mendwheel.domain.diagnosis import DiagnosisNote, Triage
from mendwheel.domain.remedy import Remedy
from mendwheel.domain.ticket import Ticket


class Verdict(BaseModel):
    """What policy said and which version of it."""

    course: Course
    rule: str = Field(description="name of the rule that decided")
    reason: str = ""
    policy_version: str
    approval: Approval | None = Field(None, description="the question to put, with course `ask`")


class JudgeRequest(BaseModel):
    """May this remedy run unasked, after a question, or never?"""

    ticket: Ticket
    round: int
    asked: int = Field(0, description="questions already put in this round")
    triage: Triage
    diagnosis: DiagnosisNote
    remedy: Remedy
    now: datetime
    authors: list[str] = Field([], description="people who edited the remedy's arguments")


class AuthoriseRequest(BaseModel):
    """May the author of this decision decide this?"""

    ticket: Ticket
    approval: Approval | None = Field(None, description="the open question, where there is one")
    decision: Decision
    objection: str = Field("", description="why it cannot count, whoever sent it; only audited")
    overturn: bool = Field(False, description="it was allowed, and somebody was faster")
    now: datetime | None = Field(None, description="for delegations; without it none is in force")


class JudgingStub:
    """Policy, read live each time."""

    @activity.defn(name="mendwheel.judge")
    def judge(self, request: JudgeRequest) -> Verdict:
        raise NotImplementedError

    @activity.defn(name="mendwheel.asked")
    def asked(self, approval: Approval) -> None:
        """Keep the open question where people look for it."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.settled")
    def settled(self, request_id: str) -> None:
        """Nobody is to be told any longer that the question waits."""
        raise NotImplementedError

    @activity.defn(name="mendwheel.authorise")
    def authorise(self, request: AuthoriseRequest) -> Authorisation:
        """Check attestation and live authority; keeps and audits the answer either way."""
        raise NotImplementedError
