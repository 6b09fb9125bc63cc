"""One ticket's calls about its question: may it run, who is asked, does this word count."""

from temporalio import workflow

from mendwheel.contracts.acting import Amended, AmendingStub, AmendRequest
from mendwheel.contracts.judging import AuthoriseRequest, JudgeRequest, JudgingStub, Verdict
from mendwheel.domain.approval import Amendment, Approval, Authorisation, Decision
from mendwheel.domain.diagnosis import DiagnosisNote
from mendwheel.domain.remedy import Remedy
from mendwheel.domain.state import TicketState
from mendwheel.domain.ticket import Ticket
from mendwheel.workflows.local import local


class Asking:
    """The part of a ticket's steps that policy and people answer."""

    def __init__(self, ticket: Ticket, state: TicketState) -> None:
        self._ticket = ticket
        self._state = state

    async def judge(
        self, diagnosis: DiagnosisNote, remedy: Remedy, asked: int, authors: list[str]
    ) -> Verdict:
        assert self._state.triage is not None, "triage comes before policy"
        return await local(
            JudgingStub.judge,
            JudgeRequest(
                ticket=self._ticket,
                round=self._state.round,
                asked=asked,
                triage=self._state.triage,
                diagnosis=diagnosis,
                remedy=remedy,
                now=workflow.now(),
                authors=authors,
            ),
            f"may {remedy.tool} run?",
        )

    async def asked(self, approval: Approval) -> None:
        await local(
            JudgingStub.asked,
            approval,
            "keep the open question",
        )

    async def authorise(
        self, approval: Approval | None, decision: Decision, objection: str, overturn: bool
    ) -> Authorisation:
        return await local(
            JudgingStub.authorise,
            AuthoriseRequest(
                ticket=self._ticket,
                approval=approval,
                decision=decision,
                objection=objection,
                overturn=overturn,
                now=workflow.now(),
            ),
            f"may {decision.subject} decide?",
        )

    async def amend(self, approval: Approval, amendment: Amendment) -> Amended:
        return await self._amend(approval, amendment, "")

    async def refuse_amendment(
        self, approval: Approval | None, amendment: Amendment, objection: str
    ) -> None:
        """Only to have it audited: it cannot count, whoever sent it."""
        await self._amend(approval, amendment, objection)

    async def _amend(
        self, approval: Approval | None, amendment: Amendment, objection: str
    ) -> Amended:
        return await local(
            AmendingStub.amend,
            AmendRequest(
                ticket=self._ticket,
                approval=approval,
                amendment=amendment,
                objection=objection,
                now=workflow.now(),
            ),
            f"may {amendment.subject} edit?",
        )
