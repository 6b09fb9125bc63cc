"""A question and a card, whole: a test says of them only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from mendwheel.domain.approval import Approval
from mendwheel.domain.card import Card
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Phase

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def asked(**more: Any) -> Approval:
    plain: dict[str, Any] = {
        "request_id": "q-1",
        "ticket_id": "t-1",
        "round": 1,
        "tool": "widen_pool",
        "arguments_sha256": "0" * 64,
        "policy_version": "p1",
        "risk": Risk.MEDIUM,
        "question": "Widen the pool?",
        "code": "K7Q2",
        "approvers": ["slack:U0BOB"],
        "requester": "slack:U0ALICE",
        "asked_at": NOW,
        "expires_at": NOW + timedelta(days=1),
    }
    return Approval(**(plain | more))


def card(headline: str = "Looking at it", **more: Any) -> Card:
    plain: dict[str, Any] = {
        "ticket_id": "t-1",
        "title": "Exports fail",
        "phase": Phase.INVESTIGATE,
        "updated_at": NOW,
    }
    return Card(headline=headline, **(plain | more))
