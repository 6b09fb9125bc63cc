"""What becomes of a click: handed over once, judged elsewhere, and told when it comes too late."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from mendwheel.domain.approval import Approval, Decision
from mendwheel.integrations import clicks
from mendwheel.integrations.clicks import Clicks
from mendwheel.integrations.reach import DecisionRefused
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from tests.cards import asked

QUESTION = asked(needed=2)


class Sent:
    """A way to Temporal that only keeps what went there."""

    def __init__(self) -> None:
        self.decisions: list[BaseModel] = []

    async def signal(self, ticket: str, name: str, payload: BaseModel) -> None:
        assert (ticket, name) == (QUESTION.ticket_id, "decision")
        self.decisions.append(payload)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "s.db") as stores:
        stores.questions.asked(QUESTION)
        yield stores


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def edge(stores: Stores, sent: Sent, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Clicks:
    monkeypatch.setattr(clicks, "LOOKS", (0.01, 0.01))
    settings.home.mkdir(parents=True, exist_ok=True)
    reach: Any = sent
    return Clicks(stores, settings, reach)


def said(subject: str, approved: bool = True) -> Decision:
    return Decision(
        request_id=QUESTION.request_id,
        approved=approved,
        arguments_sha256=QUESTION.arguments_sha256,
        channel="slack",
        subject=subject,
        decision_id=f"of-{subject}",
    )


def kept(stores: Stores, decision: Decision, asked: Approval = QUESTION) -> None:
    stores.questions.decided(asked.request_id, decision, True, "")


async def click(edge: Clicks, subject: str) -> None:
    await edge.hand_over(
        QUESTION, True, channel="slack", subject=subject, decision_id=f"of-{subject}"
    )


async def test_a_click_that_counts_already_is_not_sent_again(
    edge: Clicks, sent: Sent, stores: Stores
) -> None:
    await click(edge, "ada")
    kept(stores, said("ada"))
    await click(edge, "ada")
    assert len(sent.decisions) == 1
    assert (await edge.verdict(QUESTION, "of-ada")).waiting_for == 1


async def test_a_click_that_nobody_judges_is_not_called_taken_and_may_be_repeated(
    edge: Clicks, sent: Sent
) -> None:
    await click(edge, "ada")
    reply = await edge.verdict(QUESTION, "of-ada")
    assert "nobody has judged it yet" in reply.reason
    assert "click again" in reply.reason
    await click(edge, "ada")
    assert len(sent.decisions) == 2


async def test_a_click_that_was_overturned_is_refused_and_does_not_count_as_agreement(
    edge: Clicks, stores: Stores
) -> None:
    kept(stores, said("ada"))
    kept(stores, said("grace"))
    stores.questions.overturned(QUESTION.request_id, "of-grace", "ada was faster")
    with pytest.raises(DecisionRefused, match=r"ada was faster$"):
        await edge.verdict(QUESTION, "of-grace")
    assert (await edge.verdict(QUESTION, "of-ada")).waiting_for == 1


@pytest.mark.parametrize(
    ("votes", "told"),
    [
        ([], "on t-1$"),
        ([said("ada")], "on t-1$"),
        ([said("ada"), said("grace")], "on t-1: ada and grace have approved it$"),
        ([said("ada"), said("grace", approved=False)], "on t-1: grace has rejected it$"),
    ],
)
async def test_a_late_click_is_told_who_has_settled_it_and_only_if_somebody_has(
    edge: Clicks, sent: Sent, stores: Stores, votes: list[Decision], told: str
) -> None:
    for vote in votes:
        kept(stores, vote)
    stores.questions.closed(QUESTION.request_id)
    with pytest.raises(DecisionRefused, match=told):
        await click(edge, "edsger")
    assert sent.decisions == []
