"""The question on its own, for a host's workflows: the same gate that tickets use."""

from pydantic import BaseModel
from temporalio import workflow

from mendwheel.contracts.judging import AuthoriseRequest, JudgingStub
from mendwheel.contracts.names import APPROVAL_WORKFLOW
from mendwheel.domain.approval import Approval, Authorisation, Decision, Reply, Ruling
from mendwheel.domain.ticket import Ticket
from mendwheel.workflows.gate import ApprovalGate
from mendwheel.workflows.kept import kept
from mendwheel.workflows.timeouts import KEEP_TRYING, LOCAL


class ApprovalInput(BaseModel):
    """What a host starts `mendwheel.approval` with."""

    ticket: Ticket
    approval: Approval


@workflow.defn(name=APPROVAL_WORKFLOW)
class ApprovalWorkflow:
    """The question on its own, for a host's workflows: run it as a child, use its ruling."""

    @workflow.init
    def __init__(self, start: ApprovalInput) -> None:
        self._start = start
        self._gate = ApprovalGate(self._authorise)
        self._withdrawn = False

    @workflow.run
    async def run(self, start: ApprovalInput) -> Ruling:
        ruling = await self._gate.ask(start.approval, self._announce, lambda: self._withdrawn)
        await workflow.execute_local_activity_method(
            JudgingStub.settled,
            start.approval.request_id,
            start_to_close_timeout=LOCAL,
            retry_policy=KEEP_TRYING,
            summary="the question is settled",
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return ruling

    @workflow.update
    async def decide(self, decision: Decision) -> Reply:
        """A decision whose sender waits for the answer."""
        await kept()
        return await self._gate.receive(decision)

    @decide.validator
    def validate_decide(self, decision: Decision) -> None:
        self._gate.validate(decision)

    @workflow.signal
    async def decision(self, decision: Decision) -> None:
        """A decision that nobody waits on."""
        await self._gate.receive(decision)

    @workflow.signal
    def withdraw(self) -> None:
        """The question is no longer needed."""
        self._withdrawn = True

    @workflow.query
    def question(self) -> Approval | None:
        return self._gate.open

    async def _announce(self, approval: Approval, why: str, number: int) -> None:
        workflow.set_current_details(f"**{why}**: {approval.question}\n\n`{approval.request_id}`")
        if why == "asked":
            await workflow.execute_local_activity_method(
                JudgingStub.asked,
                approval,
                start_to_close_timeout=LOCAL,
                retry_policy=KEEP_TRYING,
                summary="keep the open question",
            )

    async def _authorise(
        self, asked: Approval | None, decision: Decision, reason: str, overturn: bool
    ) -> Authorisation:
        return await workflow.execute_local_activity_method(
            JudgingStub.authorise,
            AuthoriseRequest(
                ticket=self._start.ticket,
                approval=asked,
                decision=decision,
                objection=reason,
                overturn=overturn,
                now=workflow.now(),
            ),
            start_to_close_timeout=LOCAL,
            retry_policy=KEEP_TRYING,
            summary=f"may {decision.subject} decide?",
        )
