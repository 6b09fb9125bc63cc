"""What people say and do in Jira reaches the ticket, once, and in the order that makes sense."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import FactKind, OutcomeKind
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.forgetting import Job, forget
from mendwheel.integrations.histories import Histories
from mendwheel.integrations.intake import Submitted
from mendwheel.integrations.jira import once
from mendwheel.integrations.reach import TemporalUnreachable
from mendwheel.ports.world import PlaceError
from mendwheel.testing import JiraSide
from tests.integrations.jira_scene import Scene, jira_settings, playing
from tests.integrations.served_app import plain, served
from tests.workflows.stage import eventually
from tests.workflows.tickets import QUESTION

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("own_platform")]


@pytest.fixture
def jira() -> Iterator[JiraSide]:
    with JiraSide() as side:
        yield side


@pytest.fixture
async def scene(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest, jira: JiraSide
) -> AsyncIterator[Scene]:
    """Outcomes are watched for an hour."""
    settings = jira_settings(tmp_path, request.node.name, jira, watch_window=3600.0)
    async with playing(client, settings, jira) as scene:
        yield scene


# How a ticket begins


async def test_an_issue_is_one_ticket_however_often_and_in_what_order_it_is_told(
    scene: Scene,
) -> None:
    issue = scene.issue(description="It says 410 today.")
    scene.jira.human_comment(issue.key, "Since this morning.\nFor everybody.", scene.jira.ben)
    events = ["jira:issue_updated", "jira:issue_created", "comment_created", "poll"]
    taken = [await scene.take(issue, event) for event in events]
    assert [each.became for each in taken] == ["ticket", *["nothing new"] * 3]
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    report = scene.report(issue)
    assert report.title == QUESTION
    assert report.body.startswith("It says 410 today.\n\nBen commented on ")
    assert report.body.endswith("> Since this morning.\n>\n> For everybody.")
    assert await scene.said(issue) == [], "what the report says is not news as well"


async def test_looks_at_the_same_moment_start_one_ticket_and_lose_no_comment(
    scene: Scene,
) -> None:
    issue = scene.issue()

    async def look() -> str:
        try:
            return (await scene.take(issue, "jira:issue_created")).became
        except Exception as error:
            return type(error).__name__

    became = await asyncio.gather(*(look() for _ in range(4)))
    assert became.count("ticket") == 1
    # Whoever came while the first was at it is asked to come again.
    assert set(became) <= {"ticket", "nothing new", "EffectHeld"}


@pytest.mark.parametrize("description", [None, "", "   \n "])
async def test_an_issue_without_a_description_is_a_ticket(
    scene: Scene, description: str | None
) -> None:
    issue = scene.issue(description=description)
    assert (await scene.take(issue, "jira:issue_created")).became == "ticket"
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    assert scene.report(issue).body == ""


async def test_resolved_and_old_and_foreign_issues_are_no_tickets(scene: Scene) -> None:
    closed = scene.issue()
    scene.jira.human_transition(closed.key, "Done")
    assert "it is resolved" in (await scene.take(closed, "jira:issue_created")).became
    old = scene.issue()
    old.created = old.created.replace(year=old.created.year - 1)
    assert "older" in (await scene.take(old, "comment_created")).became
    # Somebody asks for it by name.
    wanted = await scene.take(old, "slash", who="slack:U1")
    assert wanted.became == "ticket"


async def test_an_issue_that_is_gone_is_nothing(scene: Scene) -> None:
    issue = scene.issue()
    del scene.jira.site.issues[issue.key]
    assert "gone" in (await scene.take(issue, "jira:issue_created")).became


async def test_news_wait_until_an_expired_token_is_replaced(scene: Scene) -> None:
    issue = scene.issue()
    right, scene.jira.token = scene.jira.token, "the-new-one"
    with pytest.raises(PlaceError) as refused:
        await scene.take(issue, "jira:issue_created")
    assert refused.value.retryable
    assert "jira_token" in str(refused.value)
    scene.jira.token = right
    assert (await scene.take(issue, "jira:issue_created")).became == "ticket"


@pytest.mark.parametrize("began", [False, True], ids=["before", "after"])
async def test_a_start_that_was_cut_off_is_made_again_and_loses_no_comment(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, began: bool
) -> None:
    """`began`: Temporal had taken the start in, and only its answer was lost."""
    monkeypatch.setattr(once, "LEASE", 0.0)
    intake, issue = scene.edge.intake, scene.issue()
    submit = intake.submit

    async def cut_off(draft: Draft) -> Submitted:
        if began:
            await submit(draft)
        raise TemporalUnreachable("gone")

    with monkeypatch.context() as away:
        away.setattr(intake, "submit", cut_off)
        with pytest.raises(PlaceError) as refused:
            await scene.take(issue, "jira:issue_created")
        assert refused.value.retryable
    scene.jira.human_comment(issue.key, "It began on Monday.", scene.jira.ben)
    became = (await scene.take(issue, "jira:issue_created")).became
    await scene.stage.until(scene.ticket(issue), lambda status: status.phase is Phase.WATCH)
    if began:
        assert became == "informed"
    else:
        assert became == "ticket"
        assert "It began on Monday." in scene.report(issue).body
        assert await scene.said(issue) == []


async def test_a_case_that_was_learned_does_not_stand_in_for_a_ticket(scene: Scene) -> None:
    issue = scene.issue()
    scene.stage.stores.cases.save(
        Case(
            ticket_id=scene.ticket(issue),
            tenant=scene.stage.settings.tenant,
            title="learned",
            text="learned",
            open=False,
            opened_at=issue.created,
        )
    )
    assert (await scene.take(issue, "poll")).became == "ticket"


async def test_a_further_place_follows_the_ticket_that_is_there(scene: Scene) -> None:
    issue, other = scene.issue(), scene.issue("Somewhere else")
    await scene.take(issue, "jira:issue_created")
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    await scene.take(issue, "slash", place=f"jira:{other.key}", who="slack:U1")

    async def shown() -> bool:
        return bool(scene.jira.comments(other.key, by_app=True))

    await eventually(shown)


# What people say


async def test_a_comment_is_news_once_and_a_new_round(scene: Scene) -> None:
    issue = scene.issue()
    await scene.take(issue, "jira:issue_created")
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    scene.jira.human_comment(issue.key, "It is about the exports of last year.", scene.jira.ben)
    taken = [await scene.take(issue, "comment_created") for _ in range(2)]
    assert [each.became for each in taken] == ["informed", "nothing new"]
    await scene.stage.until(scene.ticket(issue), lambda status: status.round == 2)


async def test_thanks_are_a_thumb_up_and_no_new_round(scene: Scene) -> None:
    issue = scene.issue()
    await scene.take(issue, "jira:issue_created")
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    scene.jira.human_comment(issue.key, "Thanks a lot!")
    assert (await scene.take(issue, "comment_created")).became == "thumbs_up"

    async def noted() -> bool:
        return scene.facts(issue) == [FactKind.THUMBS_UP]

    await eventually(noted)
    assert (await scene.stage.reach.status(scene.ticket(issue))).round == 1


async def test_what_we_and_apps_say_and_do_is_no_news(scene: Scene) -> None:
    issue = scene.issue()
    await scene.take(issue, "jira:issue_created")
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    bot = scene.jira.site.bot
    robot = scene.jira.site.add_person("712020:robot", "Robot", app=True)
    for who in (bot, robot):
        scene.jira.human_comment(issue.key, "/stop", who)
        scene.jira.human_comment(issue.key, "New facts", who)
        scene.jira.human_transition(issue.key, "Done", who)
        scene.jira.human_transition(issue.key, "To Do", who)
    writes = len(scene.jira.writes(issue.key))
    assert (await scene.take(issue)).became == "nothing new"
    assert len(scene.jira.writes(issue.key)) == writes
    assert (await scene.stage.reach.status(scene.ticket(issue))).phase is Phase.WATCH


# Commands


async def test_the_right_code_approves_once(scene: Scene) -> None:
    issue = await scene.incident()
    scene.jira.human_comment(issue.key, f"/approve {scene.code(issue)} go ahead")
    assert (await scene.take(issue, "comment_created")).became == "approve"
    assert (await scene.take(issue, "comment_created")).became == "nothing new"
    status = await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    assert status.outcome is not None
    assert status.outcome.kind is OutcomeKind.FIXED
    assert status.outcome.decided_by == ["ada"]
    assert scene.replies(issue) == []
    # Our own move to Done comes back as news, and is none.
    assert (await scene.take(issue)).became == "nothing new"


async def test_a_wrong_code_is_answered_once_and_decides_nothing(scene: Scene) -> None:
    issue = await scene.incident()
    wrong = "0" * 6 if scene.code(issue) != "0" * 6 else "1" * 6
    scene.jira.human_comment(issue.key, f"/approve {wrong}")
    scene.jira.human_comment(issue.key, "/approve")
    refused = await scene.take(issue, "comment_created")
    assert refused.became == "approve refused, approve refused"
    await scene.take(issue, "comment_created")
    replies = scene.replies(issue)
    assert len(replies) == 2
    assert not any(scene.code(issue) in reply for reply in replies)
    assert scene.stage.stores.questions.open(scene.ticket(issue)) is not None


async def test_the_code_of_an_older_question_does_not_approve_the_newer_one(scene: Scene) -> None:
    issue = await scene.incident()
    old = scene.code(issue)
    await scene.stage.intake.inform(scene.ticket(issue), "jira:x", "It got worse at 09:40.")
    await scene.stage.question(scene.ticket(issue), round=2)
    scene.jira.human_comment(issue.key, f"/approve {old}")
    assert (await scene.take(issue, "comment_created")).became == "approve refused"
    [reply] = scene.replies(issue)
    assert "not the code of the question that is open now" in reply
    assert scene.stage.stores.questions.open(scene.ticket(issue)) is not None


async def test_the_reporter_does_not_approve_alone(scene: Scene) -> None:
    issue = await scene.incident()
    scene.jira.human_comment(issue.key, f"/approve {scene.code(issue)}", scene.jira.ben)
    assert (await scene.take(issue, "comment_created")).became == "approve refused"
    [reply] = scene.replies(issue)
    assert "cannot approve it alone" in reply


async def test_a_comment_that_another_person_edited_decides_nothing(scene: Scene) -> None:
    issue = await scene.incident()
    said = scene.jira.human_comment(issue.key, "I will have a look.", quiet=True)
    scene.jira.human_edits(said, f"/approve {scene.code(issue)}", scene.jira.ben)
    assert (await scene.take(issue, "comment_updated")).became == "nothing new"
    assert scene.stage.stores.questions.open(scene.ticket(issue)) is not None
    assert scene.replies(issue) == []


async def test_a_code_that_its_author_corrects_counts(scene: Scene) -> None:
    issue = await scene.incident()
    said = scene.jira.human_comment(issue.key, "/approve")
    assert (await scene.take(issue, "comment_created")).became == "approve refused"
    scene.jira.human_edits(said, f"/approve {scene.code(issue)}")
    assert (await scene.take(issue, "comment_updated")).became == "approve"


async def test_a_no_needs_no_code_and_keeps_its_reason(scene: Scene) -> None:
    issue = await scene.incident()
    asked = scene.stage.stores.questions.open(scene.ticket(issue))
    assert asked is not None
    scene.jira.human_comment(issue.key, "/reject not before noon")
    assert (await scene.take(issue, "comment_created")).became == "reject"
    [(decision, accepted, _)] = scene.stage.stores.questions.decisions(asked.request_id)
    assert (decision.approved, decision.note, accepted) == (False, "not before noon", True)
    assert decision.subject == f"jira:{scene.jira.ann.id}"


async def test_more_goes_back_to_the_agents(scene: Scene) -> None:
    issue = await scene.incident()
    scene.jira.human_comment(issue.key, "/more look at the queue, too")
    assert (await scene.take(issue, "comment_created")).became == "more"
    status = await scene.stage.question(scene.ticket(issue), round=2)
    assert status.round == 2


async def test_a_stranger_stops_nothing_and_the_reporter_does(scene: Scene) -> None:
    issue = await scene.incident()
    eve = scene.jira.site.add_person("712020:eve", "Eve")
    scene.jira.human_comment(issue.key, "/stop", eve)
    assert (await scene.take(issue, "comment_created")).became == "stop refused"
    scene.jira.human_comment(issue.key, "/stop", scene.jira.ben)
    assert (await scene.take(issue, "comment_created")).became == "stop"
    assert (await scene.stage.result(scene.ticket(issue))).kind is OutcomeKind.CANCELLED
    scene.jira.human_comment(issue.key, "/more of it", scene.jira.ben)
    assert (await scene.take(issue, "comment_created")).became == "more refused"
    assert ["only the reporter" in each for each in scene.replies(issue)] == [True, False]


# What people do


async def test_a_human_who_fixes_it_first_ends_the_work(scene: Scene) -> None:
    issue = await scene.incident()
    scene.jira.human_comment(issue.key, f"/approve {scene.code(issue)}")
    scene.jira.human_comment(issue.key, "Restarted it by hand.")
    scene.jira.human_transition(issue.key, "Done")
    assert (await scene.take(issue)).became == "resolved_by_human"
    outcome = await scene.stage.result(scene.ticket(issue))
    assert outcome.kind is OutcomeKind.RESOLVED_BY_HUMAN
    assert (await scene.take(issue)).became == "nothing new"
    assert scene.replies(issue) == []


async def test_closing_an_answered_issue_takes_nothing_back(scene: Scene) -> None:
    issue = scene.issue()
    await scene.take(issue, "jira:issue_created")
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    scene.jira.human_comment(issue.key, "That was it, closing.")
    scene.jira.human_transition(issue.key, "Done")
    assert (await scene.take(issue)).became == "nothing new"
    status = await scene.stage.reach.status(scene.ticket(issue))
    assert (status.round, status.phase) == (1, Phase.WATCH)


async def test_an_issue_whose_ticket_was_forgotten_is_worked_on_anew_when_it_is_reopened(
    scene: Scene,
) -> None:
    issue, stage = scene.issue(), scene.stage
    await scene.take(issue, "jira:issue_created")
    ticket = scene.ticket(issue)
    await stage.until(ticket, Phase.WATCH)
    scene.jira.human_transition(issue.key, "Done")
    await scene.take(issue)
    await stage.intake.cancel(ticket, "ada")
    await stage.result(ticket)
    await forget(Job(stage.settings, stage.stores, Histories(stage.client), "ada"), ticket)

    async def gone() -> bool:
        return not await Histories(stage.client).of(ticket)

    await eventually(gone)
    scene.jira.human_comment(issue.key, "Closed for good, I hope.")
    assert (await scene.take(issue)).became == "nothing new"
    scene.jira.human_comment(issue.key, "It is broken again.", scene.jira.ben)
    scene.jira.human_transition(issue.key, "To Do", scene.jira.ben)
    said = (await scene.take(issue)).became
    assert said == "ticket"
    await stage.until(ticket, lambda status: status.round == 2 and status.phase is Phase.WATCH)


async def test_a_reopened_issue_is_a_new_round_with_what_was_said(scene: Scene) -> None:
    issue = await scene.incident()
    scene.jira.human_comment(issue.key, f"/approve {scene.code(issue)}")
    await scene.take(issue)
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    scene.jira.human_comment(issue.key, "It is broken again.", scene.jira.ben)
    scene.jira.human_transition(issue.key, "To Do", scene.jira.ben)
    assert (await scene.take(issue)).became == "reopened, informed"
    assert (await scene.take(issue)).became == "nothing new"
    await scene.stage.until(scene.ticket(issue), lambda status: status.round >= 2)
    assert FactKind.REOPENED in scene.facts(issue)


async def test_somebody_else_in_charge_and_a_corrected_comment_are_facts(scene: Scene) -> None:
    issue = scene.issue()
    await scene.take(issue, "jira:issue_created")
    await scene.stage.until(scene.ticket(issue), Phase.WATCH)
    await scene.take(issue)
    final = scene.jira.comments(issue.key, by_app=True)[-1]
    scene.jira.human_edits(final, "It is 24 hours since May.", scene.jira.ben)
    assert (await scene.take(issue, "comment_updated")).became == "edited"
    scene.jira.human_assign(issue.key, scene.jira.ben)
    assert (await scene.take(issue)).became == "reassigned"

    async def noted() -> bool:
        return set(scene.facts(issue)) >= {FactKind.EDITED, FactKind.REASSIGNED}

    await eventually(noted)
    outcomes, artifacts = scene.stage.stores.outcomes, scene.stage.stores.artifacts
    facts = outcomes.facts(scene.ticket(issue))
    [edited] = [fact for fact in facts if fact.kind is FactKind.EDITED]
    assert edited.detail is not None
    assert "+It is 24 hours since May." in artifacts.get(edited.detail)
    assert "-" in artifacts.get(edited.detail), "what it said before is told as well"


# All of it, over HTTP


async def test_webhooks_twice_and_out_of_order_come_to_rest_with_one_answer(
    client: Client, scene: Scene
) -> None:
    jira = scene.jira
    async with served(plain(client), scene.stage.settings) as site:
        jira.webhook_copies = 2
        jira.webhook_url = f"http://127.0.0.1:{site.port}/jira/webhook"
        issue = scene.issue()

        async def started() -> bool:
            return scene.stage.stores.cases.get(scene.ticket(issue)) is not None

        await eventually(started)
        await scene.stage.until(scene.ticket(issue), Phase.WATCH)
        late = jira.news("jira:issue_created", issue.key)
        answer = await jira.webhook(jira.webhook_url, late, name="late")
        assert answer.status == 200

        async def at_rest() -> bool:
            before = len(jira.writes(issue.key)), len(jira.sent)
            await asyncio.sleep(1)
            return before == (len(jira.writes(issue.key)), len(jira.sent))

        await eventually(at_rest)
        jira.webhook_url = None
    ticket, place = scene.ticket(issue), f"jira:{issue.key}"
    # Both bear the answer for certain: the card is brought up to date before a ticket is watched.
    said = [(each.marker, "72 hours" in each.text) for each in scene.client.comments(issue.key)]
    card, final = f"{ticket}/0/card/{place}", f"{ticket}/1/publish-final/{place}"
    assert said == [(card, True), (final, True)]
    status = await scene.stage.reach.status(ticket)
    assert (status.round, status.phase) == (1, Phase.WATCH)
    assert all(sent.answer and sent.answer.status == 200 for sent in jira.sent)
