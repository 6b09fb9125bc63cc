"""A click on a card: durable in one call, judged by the workflow, its verdict read from the store.

Whoever clicks waits for no worker: a service that gets no answer in time shows an error though the
click counts.
"""

import asyncio

from mendwheel.domain.approval import Approval, Decision, Reply, missing, rule
from mendwheel.integrations.late import decided_by, late, voted
from mendwheel.integrations.reach import DecisionRefused, Reach
from mendwheel.security.attestation import load_key, sign
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

LOOKS = (0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0)
"""Seconds between looks for the verdict, ten in all."""

UNJUDGED = (
    "handed over, but nobody has judged it yet: no worker is there, or it fails. "
    "If the card still asks in a minute, click again; twice does no harm"
)


class Clicks:
    """Decisions of people whom an edge has authenticated; a repetition bears the same id."""

    def __init__(self, stores: Stores, settings: Settings, reach: Reach) -> None:
        self._stores = stores
        self._settings = settings
        self._reach = reach

    async def hand_over(
        self, asked: Approval, approved: bool, *, channel: str, subject: str, decision_id: str
    ) -> None:
        """Send it, once this returns it is not lost. `verdict` says what came of it.

        Raises:
            DecisionRefused: nothing waits for it any more; the message says who was faster.
            TicketNotFound, TemporalUnreachable
        """
        ticket, request = asked.ticket_id, asked.request_id
        kept = await asyncio.to_thread(self._kept, asked, decision_id)
        if kept is not None and kept.accepted:
            return
        waiting = await asyncio.to_thread(self._stores.questions.open, ticket)
        if waiting is None or waiting.request_id != request:
            raise await late(
                *(self._stores, self._reach, ticket, request), subject=subject, channel=channel
            )
        decision = Decision(
            request_id=request,
            approved=approved,
            arguments_sha256=asked.arguments_sha256,
            channel=channel,
            subject=subject,
            decision_id=decision_id,
        )
        key = await asyncio.to_thread(load_key, self._settings)
        await self._reach.signal(ticket, "decision", sign(decision, edge=channel, key=key))

    async def verdict(self, asked: Approval, decision_id: str) -> Reply:
        """What the workflow has made of it. Raises DecisionRefused: it does not count."""
        for pause in LOOKS:
            await asyncio.sleep(pause)
            kept = await asyncio.to_thread(self._kept, asked, decision_id)
            if kept is None:
                continue
            if kept.accepted:
                return kept
            by = await asyncio.to_thread(decided_by, self._stores, asked.request_id)
            raise DecisionRefused(f"{asked.ticket_id}: {kept.reason}{by}")
        return Reply(accepted=True, reason=UNJUDGED)

    def _kept(self, asked: Approval, decision_id: str) -> Reply | None:
        """What the store knows of the decision; None: no worker has judged it yet."""
        kept = self._stores.questions.decisions(asked.request_id)
        votes = voted(kept)
        for each, accepted, reason in kept:
            if each.decision_id != decision_id:
                continue
            if not accepted:
                return Reply(accepted=False, reason=reason)
            waits = each.approved and rule(asked, votes) is None
            more = missing(asked, votes) if waits else 0
            return Reply(accepted=True, reason=reason if waits else "", waiting_for=more)
        return None
