"""Tickets on a real server under everything that people, forgers and operators do to them."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import Random

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.domain.approval import Amendment, Approval, Decision, RulingKind
from mendwheel.integrations.reach import IntakeError
from mendwheel.security.attestation import sign
from mendwheel.workflows.ticket import TicketWorkflow
from tests.machine.reference import NOBODY, Said
from tests.machine.world import Sent, World

ANSWERS = (RPCError, IntakeError)
"""Refused, or over: to a sender that is an answer, too."""


class Sequence:
    """One ticket and what is done to it: the same for the same seed, but for who is faster."""

    def __init__(self, world: World, ticket: str, seed: str, requester: str) -> None:
        self._world, self._stage, self._ticket = world, world.stage, ticket
        self._rng = Random(seed)
        self.story = world.stories[ticket]
        self.story.requester = requester
        self._handle = self._stage.handle(ticket)

    async def run(self, steps: int) -> None:
        if not await self._asked():
            return
        does: list[Callable[[], Awaitable[object]]] = [
            self.click, self.click, self.click_twice, self.reorder, self.older, self.other,
            self.forge, self.replay, self.edit, self.news, self.wait,
        ]  # fmt: skip
        for _ in range(steps):
            step = self._rng.choice(does)
            self.story.told.append(step.__name__)
            with contextlib.suppress(*ANSWERS):
                await step()
        if self._rng.random() < 0.6:
            await self._all_approve()

    async def end(self) -> None:
        """Nobody is left waiting. What is approved is done; news may have come of it since."""
        result = asyncio.ensure_future(self._handle.result())
        while not (await asyncio.wait([result], timeout=0.3))[0]:
            shown = self.story.shown
            if shown and shown[-1].request_id not in self._approved():
                with contextlib.suppress(*ANSWERS):
                    await self._stage.intake.cancel(self._ticket, "mary")
        await result

    def _approved(self) -> set[str]:
        """Questions of which somebody was told that they are approved."""
        return {
            each.said.request_id
            for each in self.story.sent
            if each.reply and each.reply.ruling and each.reply.ruling.kind is RulingKind.APPROVED
        }

    async def click(self) -> None:
        who = self._rng.choice(["ada", "grace", "edsger", "mary", "mallory"])
        await self.say(self.decision(who, approved=self._rng.random() < 0.8), who)

    async def click_twice(self) -> None:
        """The same decision as update and as signal."""
        decision = self.decision("grace")
        sends = [self.say(decision, "grace"), self.say(decision, "grace", update=False)]
        self._rng.shuffle(sends)
        await asyncio.gather(*sends)

    async def reorder(self) -> None:
        """Yes and no of one person, whichever is there first."""
        sends = [self.say(self.decision("ada", approved=yes), "ada") for yes in (True, False)]
        self._rng.shuffle(sends)
        await asyncio.gather(*sends)

    async def older(self) -> None:
        old = self._rng.choice(self.story.shown)
        await self.say(self.decision("ada", old), "ada", update=self._rng.random() < 0.5)

    async def other(self) -> None:
        changed = self.decision("ada").model_copy(update={"arguments_sha256": "0" * 64})
        await self.say(changed, "ada", update=self._rng.random() < 0.5)

    async def forge(self) -> None:
        decision = self.decision("ada")
        if self._rng.random() < 0.5:
            decision = sign(decision, edge="slack", key=b"a key of somebody else's")
        await self.say(decision, NOBODY, update=self._rng.random() < 0.5, signed=False)

    async def replay(self) -> None:
        """What was signed for another question, or by somebody else, made to fit this one."""
        real = sign(self.decision("mallory"), edge="slack", key=self._world.key)
        change = {"subject": "ada", "decision_id": secrets.token_hex(8)}
        await self.say(real.model_copy(update=change), NOBODY, signed=False)

    async def edit(self) -> None:
        asked = self.story.shown[-1]
        who = self._rng.choice(["ada", "grace", "mallory"])
        service = self._rng.choice(["orders", "billing"])
        edit = Amendment(
            request_id=asked.request_id, arguments={"service": service}, channel="slack",
            subject=who, decision_id=secrets.token_hex(8),
        )  # fmt: skip
        said = Said(edit.decision_id, who, True, edit.request_id, "")
        sent = Sent(said, datetime.now(UTC), edit.arguments)
        self.story.sent.append(sent)
        signed = sign(edit, edge="slack", key=self._world.key)
        with contextlib.suppress(WorkflowUpdateFailedError):
            sent.reply = await self._handle.execute_update(TicketWorkflow.amend, signed)
        if sent.reply and sent.reply.accepted:
            await self._asked_again(asked)

    async def news(self) -> None:
        asked = self.story.shown[-1]
        await self._stage.intake.inform(self._ticket, "mary", "it also happens elsewhere")
        await self._asked_again(asked)

    async def wait(self) -> None:
        await asyncio.sleep(self._rng.choice([0.0, 0.3, 1.0]))

    async def terminate_after_the_action(self) -> None:
        """Done and not yet recorded; long after, somebody takes the round up again."""
        self.story.terminated = True
        self._world.held.add(self._ticket)
        await self._asked()
        await self._all_approve()
        done = await self._until(lambda: self._done(self._ticket))
        with contextlib.suppress(*ANSWERS):
            await self._handle.terminate("an operator was in a hurry")
        self._world.held.discard(self._ticket)
        if done:
            await self._forget(self._world.runs_of(self._ticket)[-1].key)
        asked = self.story.shown[-1]
        await self._stage.intake.reopen(self._ticket, "mary")
        await self._until(lambda: self.story.shown[-1] is not asked)
        await self._all_approve()

    async def _all_approve(self) -> None:
        for who in ("ada", "grace", "edsger"):
            with contextlib.suppress(*ANSWERS):
                await self.say(self.decision(who), who)

    def _done(self, ticket: str) -> bool:
        return "effect done" in self._stage.actions(ticket)

    async def _forget(self, child: str) -> None:
        """As Temporal does when a closed run's retention is over."""
        await self._stage.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=self._stage.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=child),
            )
        )
        async with asyncio.timeout(90):
            while await self._remembered(child):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def _remembered(self, child: str) -> bool:
        try:
            await self._stage.client.get_workflow_handle(child).describe()
        except RPCError as error:
            return error.status is not RPCStatusCode.NOT_FOUND
        return True

    # How

    def decision(
        self, who: str, asked: Approval | None = None, *, approved: bool = True
    ) -> Decision:
        asked = asked or self.story.shown[-1]
        return Decision(
            request_id=asked.request_id, approved=approved, channel="slack", subject=who,
            arguments_sha256=asked.arguments_sha256, decision_id=secrets.token_hex(8),
        )  # fmt: skip

    async def say(
        self, decision: Decision, by: str, *, update: bool = True, signed: bool = True
    ) -> None:
        if signed:
            decision = sign(decision, edge="slack", key=self._world.key)
        said = Said(
            decision.decision_id, by, decision.approved, decision.request_id,
            decision.arguments_sha256,
        )  # fmt: skip
        sent = Sent(said, datetime.now(UTC))
        self.story.sent.append(sent)
        if not update:
            await self._handle.signal("decision", decision)
            return
        with contextlib.suppress(WorkflowUpdateFailedError):
            sent.reply = await self._handle.execute_update(TicketWorkflow.decide, decision)

    async def _asked(self) -> bool:
        return await self._until(lambda: bool(self.story.shown))

    async def _asked_again(self, before: Approval) -> None:
        """A little patience: it may have been refused, or be over."""
        await self._until(lambda: self.story.shown[-1] is not before, 1.0)

    async def _until(self, there: Callable[[], bool], seconds: float = 60.0) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not there():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        return there()
