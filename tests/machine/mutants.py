"""Gates with one thing missing. Whoever searches has to find each of them."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from mendwheel.activities import amending, judging
from mendwheel.domain.approval import Approval, Decision
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.ports import LedgerConflict
from mendwheel.stores.ledger import SqliteLedger
from mendwheel.workflows import gate

Objection = Callable[[Approval | None, Decision, datetime], str | None]


def _objection(
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Approval, Decision, datetime], tuple[Any, Any]],
) -> None:
    whole: Objection = gate.objection

    def lacking(asked: Approval | None, decision: Decision, now: datetime) -> str | None:
        if asked is not None:
            decision, now = change(asked, decision, now)
        return whole(asked, decision, now)

    monkeypatch.setattr(gate, "objection", lacking)


def hash_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """A yes to other arguments counts."""

    def change(asked: Approval, decision: Decision, now: datetime) -> tuple[Decision, datetime]:
        same = {"arguments_sha256": asked.arguments_sha256}
        return decision.model_copy(update=same), now

    _objection(monkeypatch, change)


def round(monkeypatch: pytest.MonkeyPatch) -> None:
    """A yes to an older question counts, as long as the arguments are the same."""

    def change(asked: Approval, decision: Decision, now: datetime) -> tuple[Decision, datetime]:
        return decision.model_copy(update={"request_id": asked.request_id}), now

    _objection(monkeypatch, change)


def expiry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A yes counts, however late, as long as nobody has noticed that the time is over."""

    def change(asked: Approval, decision: Decision, now: datetime) -> tuple[Decision, datetime]:
        return decision, min(now, asked.asked_at)

    _objection(monkeypatch, change)


def self_approval_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reported it, or edited it, approves it alone."""
    for room in (judging, amending):
        whole = room.authorise

        def lacking(
            policy: Any, asked: Approval, *more: Any, whole: Any = whole, **named: Any
        ) -> Any:
            nobody = asked.model_copy(update={"requester": "nobody", "authors": []})
            return whole(policy, nobody, *more, **named)

        monkeypatch.setattr(room, "authorise", lacking)


def voices_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom nobody vouches for is one of those who must agree."""
    whole = judging.authorise

    def lacking(policy: Any, asked: Approval, *more: Any, attested: bool, **named: Any) -> Any:
        needed = asked.needed if attested else 1
        alone = asked.model_copy(update={"needed": needed})
        return whole(policy, alone, *more, attested=attested, **named)

    monkeypatch.setattr(judging, "authorise", lacking)


def ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was claimed or done is ever found again."""

    whole = SqliteLedger.claim

    def forgetful(self: SqliteLedger, *given: Any, **how: bool) -> Receipt:
        with contextlib.suppress(LedgerConflict):
            whole(self, *given, **how)
        return Receipt(state=EffectState.FRESH)

    monkeypatch.setattr(SqliteLedger, "claim", forgetful)


MUTANTS = [hash_check, round, self_approval_rule, expiry, voices_of_several, ledger]
