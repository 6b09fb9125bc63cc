"""Slack and Jira fail in every way we know; people still see one card, one answer, one comment."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.settings import Settings
from tests.faults.places import Sides, pointed_at, sides
from tests.workflows.stage import Stage, staged
from tests.workflows.tickets import question

pytestmark = pytest.mark.timeout(240)

KINDS: dict[str, dict[str, Any]] = {
    "rate_limited": {"retry_after": 1.0},
    "rate_limited_date": {"kind": "rate_limited", "retry_after": 1.0, "http_date": True},
    "unavailable": {"retry_after": None},
    "timeout": {},
    "timeout_done": {"kind": "timeout", "executes": True},
    "executed_answer_lost": {},
    "in_flight": {},
}
"""Every way to fail, once; 20 s at most until the next attempt has looked and written."""


@pytest.fixture
def there() -> Iterator[Sides]:
    with sides() as made:
        yield made


def order(there: Sides, name: str, at: str, what: dict[str, Any], skip: int) -> None:
    what = dict(what)
    kind = what.pop("kind", name)
    if at.startswith("C"):
        there.slack.fault("chat.postMessage", kind, at=at, skip=skip, **what)
    else:
        there.jira.fault("comment.create", kind, at=at, skip=skip, **what)


async def answered(stage: Stage, place: str) -> str:
    """The ticket, once it has ended."""
    ticket = await stage.submit(question(place=place))
    async with asyncio.timeout(150):
        outcome = await stage.handle(ticket).result()
    assert outcome.kind is OutcomeKind.ANSWERED
    return ticket


async def test_one_card_and_one_answer_however_slack_fails(
    client: Client, settings: Settings, there: Sides
) -> None:
    channels = {}
    for number, (name, what) in enumerate(KINDS.items()):
        for skip, step in ((0, "card"), (1, "answer")):
            channel = there.channel(f"{step}_{number}")
            order(there, name, channel, what, skip)
            channels[channel] = f"{name} at the {step}"
    async with staged(client, pointed_at(settings, there)) as stage:
        await asyncio.gather(*(answered(stage, f"slack:{channel}") for channel in channels))
    for channel, what in channels.items():
        assert len(there.cards(channel)) == 1, what
        assert len(there.replies(channel)) == 1, what
        assert "72 hours" in str(there.cards(channel)[0].blocks), what
    assert all(fault.spent for fault in there.slack.faults.orders)


async def test_one_progress_and_one_final_comment_however_jira_fails(
    client: Client, settings: Settings, there: Sides
) -> None:
    issues = {}
    for name, what in KINDS.items():
        for skip, step in ((0, "progress"), (1, "final")):
            issue = there.issue("A question", project="PROJ", quiet=True)
            order(there, name, issue, what, skip)
            issues[issue] = f"{name} at the {step} comment"
    async with staged(client, pointed_at(settings, there)) as stage:
        await asyncio.gather(*(answered(stage, f"jira:{issue}") for issue in issues))
    for issue, what in issues.items():
        assert len(there.jira.comments(issue, by_app=True)) == 2, what
    assert all(fault.spent for fault in there.jira.faults.orders)


async def test_edits_that_fail_leave_the_last_state_on_the_card(
    client: Client, settings: Settings, there: Sides
) -> None:
    channel, issue = there.channel("edits"), there.issue("A question")
    there.slack.fault("chat.update", "unavailable", times=2, at=channel, retry_after=None)
    there.slack.fault("chat.update", "executed_answer_lost", at=channel)
    there.jira.fault("comment.edit", "rate_limited", times=2, at=issue)
    there.jira.fault("comment.edit", "executed_answer_lost", at=issue)
    async with staged(client, pointed_at(settings, there)) as stage:
        draft = question(place=f"slack:{channel}", show_in=[f"jira:{issue}"])
        ticket = await stage.submit(draft)
        await stage.result(ticket)
    [card] = there.cards(channel)
    assert "72 hours" in str(card.blocks)
    progress, _ = there.jira.comments(issue, by_app=True)
    assert "72 hours" in str(progress.body)


async def test_what_one_place_refuses_is_said_at_the_other(
    client: Client, settings: Settings, there: Sides
) -> None:
    gone, channel = f"CGONE{os.urandom(2).hex().upper()}", there.channel("there")
    refusing = there.issue("ADF is refused")
    there.jira.fault("comment.create", "error", times=9, at=refusing, code="INVALID_INPUT")
    async with staged(client, pointed_at(settings, there)) as stage:
        one = await stage.submit(question(place=f"slack:{gone}", show_in=[f"slack:{channel}"]))
        await stage.result(one)
        other = there.channel("other")
        two = await stage.submit(question(place=f"jira:{refusing}", show_in=[f"slack:{other}"]))
        await stage.result(two)
        assert len(stage.said(one)) == len(stage.said(two)) == 1
    [card] = there.cards(channel)
    assert gone in str(card.blocks)
    [card] = there.cards(other)
    assert refusing in str(card.blocks)
    assert "INVALID_INPUT" in str(card.blocks)
    assert len(there.replies(other)) == 1


async def test_both_sides_away_for_good_lose_neither_outcome_nor_answer(
    client: Client, settings: Settings, there: Sides
) -> None:
    gone = f"CGONE{os.urandom(2).hex().upper()}"
    async with staged(client, pointed_at(settings, there)) as stage:
        ticket = await stage.submit(question(place=f"slack:{gone}", show_in=["jira:PROJ-99999"]))
        outcome = await stage.result(ticket)
        assert outcome.kind is OutcomeKind.ANSWERED
        assert "72 hours" in stage.said(ticket)[0]
        recorded = stage.stores.outcomes.latest(ticket)
        assert recorded is not None
        assert recorded.kind is OutcomeKind.ANSWERED


async def test_a_transition_gets_the_fields_it_requires_or_names_the_missing_one(
    client: Client, settings: Settings, there: Sides
) -> None:
    channel = there.channel("transitions")
    to_done = next(way for way in there.jira.site.transitions if way.to == "Done")
    to_done.fields["resolution"] = {
        "required": True,
        "name": "Resolution",
        "schema": {"type": "resolution"},
        "allowedValues": [{"name": "Done"}, {"name": "Won't Do"}],
    }
    with_value, without = there.issue("Has the value"), there.issue("Has none")
    wanted = {"answered": "done"}
    told = pointed_at(settings, there, jira_transitions=wanted)
    async with staged(client, told) as stage:
        await answered(stage, f"jira:{with_value}")
    assert there.jira.issue(with_value).status == "Done"
    told = pointed_at(settings, there, jira_transitions=wanted, jira_transition_fields={})
    async with staged(client, told) as stage:
        ticket = await stage.submit(question(place=f"jira:{without}", show_in=[f"slack:{channel}"]))
        await stage.result(ticket)
    assert there.jira.issue(without).status == "To Do"
    assert len(there.jira.comments(without, by_app=True)) == 2
    [card] = there.cards(channel)
    assert "jira_transition_fields" in str(card.blocks)


async def test_an_issue_that_is_done_already_is_left_where_it_is(
    client: Client, settings: Settings, there: Sides
) -> None:
    issue = there.issue("Done before us")
    there.jira.human_transition(issue, "Done", quiet=True)
    told = pointed_at(settings, there, jira_transitions={"answered": "done"})
    async with staged(client, told) as stage:
        await answered(stage, f"jira:{issue}")
    assert there.jira.calls_of("transition.do", issue) == []
    assert len(there.jira.issue(issue).changes) <= 2


async def test_an_answer_is_given_although_its_card_was_removed(
    client: Client, settings: Settings, there: Sides
) -> None:
    issue = there.issue("Somebody tidies up")
    there.jira.fault("comment.edit", "error", at=issue, times=9, status=404, code="gone")
    async with staged(client, pointed_at(settings, there)) as stage:
        await answered(stage, f"jira:{issue}")
    _, final = there.jira.comments(issue, by_app=True)
    assert "72 hours" in str(final.body)


async def test_a_channel_that_is_archived_on_the_way_costs_only_itself(
    client: Client, settings: Settings, there: Sides
) -> None:
    channel, issue = there.channel("archived"), there.issue("Goes on in Jira")
    there.slack.fault("chat.*", "error", at=channel, skip=1, times=99, code="is_archived")
    async with staged(client, pointed_at(settings, there)) as stage:
        ticket = await stage.submit(question(place=f"slack:{channel}", show_in=[f"jira:{issue}"]))
        await stage.result(ticket)
    progress, final = there.jira.comments(issue, by_app=True)
    assert "is_archived" in str(progress.body)
    assert "72 hours" in str(final.body)


async def test_a_refused_look_up_is_not_taken_for_an_effect_that_is_missing(
    client: Client, settings: Settings, there: Sides
) -> None:
    channel = there.channel("blind")
    there.slack.fault("chat.postMessage", "executed_answer_lost", at=channel)
    there.slack.fault("conversations.history", "unavailable", at=channel, times=2, retry_after=None)
    async with staged(client, pointed_at(settings, there)) as stage:
        await answered(stage, f"slack:{channel}")
    assert len(there.cards(channel)) == 1
