"""Commands, clicks, dialogs and the home, over real HTTP with requests signed as Slack signs."""

import asyncio
import json
import logging
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client, WorkflowExecutionStatus

from mendwheel.domain.outcome import FactKind, OutcomeKind
from mendwheel.domain.place import PlaceRule
from mendwheel.domain.ticket import Information, Phase
from mendwheel.integrations import server
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.reach import Reach
from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.feedback import feedback_value
from mendwheel.testing.jira_side import JiraSide
from mendwheel.testing.sending import post
from mendwheel.testing.slack_mail import Signing, sign
from mendwheel.testing.slack_side import SlackSide
from mendwheel.testing.slack_state import BOT_USER
from tests.integrations.slack_site import (
    CHANNEL,
    SlackSite,
    at_work,
    away,
    newcomer,
    people,
    serving,
    site,
    slack_settings,
)
from tests.workflows.stage import eventually, speaking_pydantic, staged
from tests.workflows.tickets import QUESTION

pytestmark = pytest.mark.usefixtures("own_platform")

ALICE, BOB = "U0ALICE", "U0BOB"


@pytest.fixture
def settings(slack: SlackSide, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    return slack_settings(tmp_path, request.node.name, slack)


# Who may speak


async def test_wrong_old_and_missing_signatures_are_refused(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        for signing in (Signing(secret="wrong"), Signing(secret=""), Signing(age=301)):
            answer = await slack.command(here.url, "help", signing=signing)
            assert answer.status == 401, signing
        assert (await slack.command(here.url, "help", signing=Signing(age=290))).ok
        assert not slack.calls_of("chat.postMessage")


async def test_garbage_is_refused_before_and_after_its_signature_is_checked(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        for body in (b"{", b"[1]", b'{"a": NaN', b"payload=%7B", b"\xff\xfe"):
            assert (await post(here.url, body, {})).status == 401
            odd = {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=1"}
            assert (await post(here.url, body, odd)).status == 401
            signed = _signed(slack, body) | {"content-type": "application/json"}
            expected = 401 if body == b"\xff\xfe" else 400
            assert (await post(here.url, body, signed)).status == expected, body


async def test_slacks_check_of_our_address_is_answered(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    slack.fault("auth.test", "error", times=99)
    async with site(client, settings, slack, working=False) as here:
        body = json.dumps({"type": "url_verification", "challenge": "c-1"}).encode()
        answer = await post(here.url, body, _signed(slack, body))
        assert (answer.status, "c-1" in answer.body) == (200, True)


async def test_a_refused_token_is_one_clear_line_and_loses_no_event(
    client: Client, settings: Any, slack: SlackSide, caplog: pytest.LogCaptureFixture
) -> None:
    broken = settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-wrong")})
    async with site(client, broken, slack, working=False) as here:
        with caplog.at_level(logging.ERROR):
            _, [answer] = await slack.mention(here.url, "the export is stuck")
            told = await slack.command(here.url, "the export is stuck")
        assert answer.status == 503
        assert "refuses the token" in told.json["text"]
        assert here.tickets() == []
        ours = [
            each for each in caplog.records if "auth.test failed (invalid_auth)" in each.message
        ]
        assert len(ours) == 2
        assert "MENDWHEEL_SLACK_BOT_TOKEN" in ours[0].message
        assert not [each for each in caplog.records if each.exc_info]
        assert "xoxb-wrong" not in caplog.text


# Commands


async def test_a_command_sent_again_is_one_ticket(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        asker = newcomer(slack)
        form = slack.command_form(QUESTION, asker, CHANNEL, "/resolve")
        first = await slack.command(here.url, "", form=form)
        ticket = first.json["text"].split("`")[1]
        assert first.json["text"].startswith("Working on it")
        assert first.json["response_type"] == "ephemeral"
        await here.stage.until(ticket, lambda status: status.phase is not Phase.INTAKE)
        await eventually(lambda: _known(here, ticket))
        again = await slack.command(here.url, "", form=form)
        spaced = await slack.command(here.url, f"  {QUESTION.upper()} ", asker)
        for answer in (again, spaced):
            assert ticket in answer.json["text"]
        assert here.tickets() == [ticket]
        outcome = await here.stage.result(ticket)
        assert outcome.kind is OutcomeKind.ANSWERED
        closed = await slack.command(here.url, "", form=form)
        assert closed.json["blocks"][1]["elements"][0]["action_id"] == names.REOPEN
        status = (await slack.command(here.url, "status")).json["text"]
        assert "answered (provisional)" in status
        why = (await slack.command(here.url, f"why {ticket[-6:]}")).json["text"]
        assert "Export links" in why
        assert "no language model" in why
        assert "No open tickets" in (await slack.command(here.url, "list")).json["text"]


async def test_texts_of_tickets_are_shown_as_texts(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    hostile = "<!channel> *bold* <https://evil.example|click> & <@U0BOB> the export link is gone"
    async with site(client, settings, slack) as here:
        answer = await slack.command(here.url, hostile, newcomer(slack))
        ticket = answer.json["text"].split("`")[1]
        await eventually(lambda: _known(here, ticket))
        for text in (f"status {ticket}", "list", f"why {ticket}"):
            shown = (await slack.command(here.url, text)).json["text"]
            assert "<!channel>" not in shown, text
            assert "<https://evil" not in shown, text
            assert "<@U0BOB>" not in shown, text


async def test_unknown_tickets_and_unclear_words_are_answered(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        for text, expected in {
            "": "starts a ticket",
            "help": "starts a ticket",
            "list": "No open tickets here",
            "status": "no ticket here yet",
            "status nothing": "no ticket is named like nothing",
            "why 00FF12": "no ticket is named like 00FF12",
            "approve": "nothing here waits",
            "approve 00FF12": "no ticket is named like 00FF12",
            "reject": "Say why",
            "reject too risky": "nothing here waits",
        }.items():
            answer = await slack.command(here.url, text)
            assert expected in answer.json["text"], text
        other = await slack.command(here.url, "x", command="/other")
        assert "not ours" in other.json["text"]
        assert here.tickets() == []


async def test_a_jira_key_is_handed_over_once_as_its_webhook_would_be(
    client: Client, slack: SlackSide, tmp_path: Path
) -> None:
    jira = {"jira_base_url": "http://127.0.0.1:1", "jira_token": "t", "jira_user": "u@example.net"}
    settings = slack_settings(tmp_path, "jira", slack, **jira, jira_projects=["PROJ"])
    async with site(client, settings, slack, working=False) as here:
        first = await slack.command(here.url, "PROJ-7")
        assert "mendwheel-default-jira-PROJ-7" in first.json["text"]
        again = await slack.command(here.url, "PROJ-7")
        assert again.json["text"].startswith("Already being worked on")
        started = [
            run async for run in client.list_workflows(f"TaskQueue = '{settings.task_queue}'")
        ]
        assert len(started) <= 1  # visibility lags, a second run would be wrong at any time
        other = await slack.command(here.url, "OTHER-7")
        assert "jira-OTHER" not in other.json["text"]


async def test_an_issue_of_another_tenant_is_not_brought_into_a_channel(
    client: Client, slack: SlackSide, tmp_path: Path
) -> None:
    jira = {"jira_base_url": "http://127.0.0.1:1", "jira_token": "t", "jira_user": "u@example.net"}
    rules = [
        PlaceRule(place="jira:PROJ", tenant="acme"),
        PlaceRule(place="jira:OPEN", tenant="acme", show_in=[f"slack:{CHANNEL}"]),
    ]
    settings = slack_settings(tmp_path, "tenants", slack, **jira, places=rules)
    async with site(client, settings, slack, working=False) as here:
        refused = await slack.command(here.url, "PROJ-7")
        assert "another tenant" in refused.json["text"]
        taken = await slack.command(here.url, "OPEN-7")
        assert "mendwheel-acme-jira-OPEN-7" in taken.json["text"]


# Where we are not


@pytest.mark.parametrize("private", [False, True])
async def test_whoever_asks_where_we_cannot_write_is_told_once_to_invite_us(
    client: Client, settings: Any, slack: SlackSide, private: bool
) -> None:
    away_from = _elsewhere(slack)
    if private:  # Slack says nothing of it to those who are not in it
        slack.fault("conversations.info", "error", times=99, code="channel_not_found")
    async with site(client, settings, slack, working=False) as here:
        asker, other = newcomer(slack), newcomer(slack)
        taken = await slack.command(here.url, "the export is stuck", asker, away_from)
        assert taken.json["text"].startswith("Working on it")
        ticket = taken.json["text"].split("`")[1]
        told = (await here.told(asker, after=1)).text
        assert "`/invite @app`" in told
        assert f"`/resolve why {ticket}`" in told
        await slack.command(here.url, "the import is stuck", other, away_from)
        assert "I cannot write here" in (await here.told(other, after=1)).text
        assert len(slack.calls_of("conversations.info")) == 1
        assert not slack.calls_of("chat.postEphemeral"), "nobody is told there but by the URL"


async def test_an_invitation_is_noticed_at_once(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    away_from = _elsewhere(slack)
    async with site(client, settings, slack, working=False) as here:
        asker = newcomer(slack)
        await slack.command(here.url, "the export is stuck", asker, away_from)
        await here.told(asker, after=1)
        slack.space.channels[away_from].members.add(BOT_USER)
        joined = {"type": "message", "subtype": "channel_join", "user": BOT_USER}
        joined |= {"channel": away_from, "ts": slack.space.ts()}
        assert (await slack.event(here.url, joined)).ok
        await slack.command(here.url, "the import is stuck", asker, away_from)
        await asyncio.sleep(0.3)
        assert len(here.shown(asker)) == 3
        assert len(slack.calls_of("conversations.info")) == 1


async def test_where_we_are_or_cannot_know_nobody_is_told_otherwise(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    away_from = _elsewhere(slack)
    slack.fault("conversations.info", "error", code="missing_scope", at=away_from)
    async with site(client, settings, slack, working=False) as here:
        asker = newcomer(slack)
        for channel in (CHANNEL, away_from):
            for text in ("the export is stuck", "the import is stuck"):
                assert (await slack.command(here.url, text, asker, channel)).ok
        await asyncio.sleep(0.3)
        asked = [call.args["channel"] for call in slack.calls_of("conversations.info")]
        assert asked == [CHANNEL, away_from]
        assert all("Working on it" in each.text for each in here.shown(asker))


async def test_a_slow_answer_about_the_channel_delays_no_command(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    slack.fault("conversations.info", "timeout", hold=4.0)
    async with site(client, settings, slack, working=False) as here:
        taken = await slack.command(here.url, "the export is stuck", newcomer(slack))
        assert (taken.json["text"][:13], taken.seconds < 2) == ("Working on it", True)
        await eventually(lambda: _asked(slack, "conversations.info"))


# The first one to come


@pytest.mark.parametrize("trouble", ["", "unavailable"])
async def test_who_we_are_is_asked_before_anybody_comes_and_again_when_that_failed(
    client: Client,
    settings: Any,
    slack: SlackSide,
    trouble: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if trouble:
        slack.fault("auth.test", trouble)
    async with staged(client, settings, working=False) as stage:
        edge = Edge.over(speaking_pydantic(client), stage.stores, stage.settings)
        asgi = server.build(edge)
        async with asgi.router.lifespan_context(asgi), serving(asgi) as origin:
            await eventually(lambda: _asked(slack, "auth.test"))
            await eventually(lambda: _true("auth.test failed" in caplog.text or not trouble))
            said = await slack.command(f"{origin}/slack/events", "help")
            assert "starts a ticket" in said.json["text"]
    assert len(slack.calls_of("auth.test")) == (2 if trouble else 1)


# Temporal or the store away


async def test_whoever_names_an_issue_that_is_not_there_is_told(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest, slack: SlackSide
) -> None:
    with JiraSide() as jira:
        given = {"jira_base_url": jira.base_url, "jira_user": jira.user, "jira_token": jira.token}
        settings = slack_settings(tmp_path, request.node.name, slack, **given)
        async with site(client, settings, slack) as here:
            said = await slack.command(here.url, "PROJ-4040")
            assert said.json["text"].startswith("Working on it")
            told = await here.told(after=1)
            assert told.text == "PROJ-4040 is not worked on: the issue is gone or hidden."


async def test_temporal_away_is_told_at_once_and_nothing_pretends_to_be_taken(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(
        client, settings, slack, working=False, edge_client=await away(), within=0.5
    ) as here:
        answer = await slack.command(here.url, "the export is stuck")
        assert answer.json["text"].startswith("*Not taken.*")
        assert "mendwheel doctor" in answer.json["text"]
        assert answer.seconds < 3

        message, answers = await slack.mention(here.url, "the export is stuck", BOB, times=3)
        assert [each.status for each in answers] == [503, 503, 503]
        assert "Not taken yet" in (await here.told(BOB)).text
        await asyncio.sleep(0.3)
        assert len(here.shown(BOB)) == 1, "told once, not with every redelivery"

        shortcut = await slack.shortcut(here.url, names.RESOLVE_THIS, ALICE, message)
        assert shortcut.ok
        assert "Not taken" in (await here.told(ALICE, after=1)).text


async def test_a_store_away_is_told_at_once(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        here.stores.store.close()
        try:
            answer = await slack.command(here.url, "the export is stuck")
            assert answer.json["text"].startswith("*Not taken.*")
        finally:
            here.stores.store.open()


# Decisions


async def test_a_double_click_decides_once_and_a_late_one_is_told_who_was_faster(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        submitted, asked, card = await here.asked()
        twice = await asyncio.gather(
            *(slack.click(here.url, names.APPROVE, asked.request_id, BOB, card) for _ in range(2))
        )
        assert [each.status for each in twice] == [200, 200]
        assert max(each.seconds for each in twice) < 3
        outcome = await here.stage.result(submitted.ticket_id)
        assert (outcome.kind, outcome.decided_by) == (OutcomeKind.FIXED, ["grace"])
        assert here.stage.actions(submitted.ticket_id).count("decision taken") == 1

        late = await slack.click(here.url, names.APPROVE, asked.request_id, ALICE, card)
        assert late.ok
        assert "<@U0BOB> has approved it" in (await here.told(ALICE)).text
        edit = await slack.click(here.url, names.EDIT, asked.request_id, ALICE, card)
        assert edit.ok
        assert "Too late" in (await here.told(ALICE, after=1)).text
        assert not slack.views.opened


async def test_a_stranger_is_told_and_changes_nothing_and_a_no_needs_a_reason(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    slack.space.add_user("U0MALLORY", "Mallory", "mallory@example.net")
    async with site(client, settings, slack) as here:
        submitted, asked, card = await here.asked()
        await slack.click(here.url, names.APPROVE, asked.request_id, "U0MALLORY", card)
        assert "may not decide this" in (await here.told("U0MALLORY")).text
        await slack.click(here.url, names.APPROVE, "0123456789abcdef", "U0MALLORY", card)
        assert "not known here" in (await here.told("U0MALLORY", after=1)).text

        assert (await slack.click(here.url, names.REJECT, asked.request_id, ALICE, card)).ok
        [view] = slack.views.opened
        assert view["callback_id"] == names.REJECT_REASON
        empty = await slack.submit(here.url, view, {"reason": "  "}, ALICE)
        assert empty.json["response_action"] == "errors"
        stranger = await slack.submit(here.url, view, {"reason": "no"}, "U0MALLORY")
        assert "may not decide this" in stranger.json["errors"]["reason"]
        sent = await slack.submit(here.url, view, {"reason": "freeze until Monday"}, ALICE)
        assert (sent.status, sent.body) == (200, "")
        outcome = await here.stage.result(submitted.ticket_id)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        [note] = [
            d.note for d, took, _ in here.stores.questions.decisions(asked.request_id) if took
        ]
        assert note == "freeze until Monday"


async def test_who_was_refused_may_click_again_once_the_policy_is_corrected(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        submitted, asked, card = await here.asked()
        path = here.stage.settings.policy
        assert path is not None
        right = path.read_text("utf-8")
        path.write_text(right.replace("slack:U0BOB", "slack:U0BOBBY"), "utf-8")
        for refusals in range(2):
            await slack.click(here.url, names.APPROVE, asked.request_id, BOB, card)
            assert "may not decide this" in (await here.told(BOB, after=refusals)).text
        path.write_text(right, "utf-8")
        await slack.click(here.url, names.APPROVE, asked.request_id, BOB, card)
        outcome = await here.stage.result(submitted.ticket_id)
        assert (outcome.kind, outcome.decided_by) == (OutcomeKind.FIXED, ["grace"])


async def test_a_question_is_decided_by_its_code_when_several_wait(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        submitted, asked, _ = await here.asked()
        waiting = (await slack.command(here.url, "list")).json["text"]
        assert asked.code in waiting
        home = await _home(here, BOB)
        assert asked.question in home
        assert asked.question not in await _home(here, "U0NOBODY")
        said = await slack.command(here.url, f"approve {asked.code.lower()} seen in staging", BOB)
        assert said.json["text"].startswith("Approved")
        outcome = await here.stage.result(submitted.ticket_id)
        assert outcome.kind is OutcomeKind.FIXED


async def test_edited_arguments_are_a_new_question_that_their_editor_cannot_approve(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        submitted, asked, card = await here.asked()
        await slack.click(here.url, names.EDIT, asked.request_id, ALICE, card)
        [view] = slack.views.opened
        [field] = [block for block in view["blocks"] if block["type"] == "input"]
        assert field["element"]["initial_value"] == asked.arguments["service"]
        same = await slack.submit(
            here.url, view, {field["element"]["action_id"]: asked.arguments["service"]}, ALICE
        )
        assert "Nothing is changed" in same.json["errors"][field["block_id"]]
        sent = await slack.submit(
            here.url, view, {field["element"]["action_id"]: "checkout"}, ALICE
        )
        assert sent.body == "", sent
        status = await here.stage.until(
            submitted.ticket_id,
            lambda s: s.approval is not None and s.approval.request_id != asked.request_id,
        )
        assert status.approval is not None
        assert status.approval.arguments == {"service": "checkout"}
        assert status.approval.arguments_sha256 != asked.arguments_sha256

        fresh = await here.card(status.approval.request_id)
        await slack.click(here.url, names.APPROVE, asked.request_id, BOB, card)
        assert "nothing waits for this decision" in (await here.told(BOB)).text
        await slack.click(here.url, names.APPROVE, status.approval.request_id, ALICE, fresh)
        assert "cannot approve it alone" in (await here.told(ALICE)).text


async def test_asking_for_more_goes_to_the_agents_and_taking_over_ends_their_work(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        submitted, asked, card = await here.asked()
        ticket = submitted.ticket_id
        await slack.click(here.url, names.MORE, asked.request_id, ALICE, card)
        [view] = slack.views.opened
        for _ in range(2):
            assert (await slack.submit(here.url, view, {"more": "look at the cache"}, ALICE)).ok
        status = await here.stage.until(
            ticket, lambda s: s.approval is not None and s.approval.request_id != asked.request_id
        )
        said = await here.signalled(ticket, "inform", Information)
        assert len({each.delivery_id for each in said}) <= 1, "sent twice, taken in once"
        for _ in range(2):
            await slack.click(here.url, names.TAKE_OVER, ticket, BOB, card)
        outcome = await here.stage.result(ticket)
        assert outcome.kind is OutcomeKind.HANDED_OVER
        assert "grace" in outcome.reason or "U0BOB" in outcome.reason
        assert status.approval is not None
        await slack.click(here.url, names.TAKE_OVER, ticket, BOB, card)
        assert "no running ticket" in (await here.told(BOB, after=2)).text


async def test_only_those_with_a_say_take_over_and_others_are_told_who_may(
    client: Client, slack: SlackSide, tmp_path: Path
) -> None:
    heir, stranger = newcomer(slack), newcomer(slack)
    rule = PlaceRule(place=f"slack:{CHANNEL}", hand_over_to=[f"slack:{heir}"])
    settings = slack_settings(tmp_path, "over", slack, places=[rule])
    async with site(client, settings, slack) as here:
        submitted, asked, card = await here.asked()
        ticket = submitted.ticket_id
        assert (await slack.click(here.url, names.TAKE_OVER, ticket, stranger, card)).ok
        told = (await here.told(stranger)).text
        assert "You may not take" in told
        for known in (ALICE, BOB, heir):
            assert f"<@{known}>" in told
        status = await here.stage.reach.status(ticket)
        assert status.approval is not None
        assert status.approval.request_id == asked.request_id
        assert (await slack.click(here.url, names.TAKE_OVER, ticket, heir, card)).ok
        assert (await here.stage.result(ticket)).kind is OutcomeKind.HANDED_OVER


async def test_decisions_while_temporal_is_away_are_told_and_can_be_made_again(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        submitted, asked, card = await here.asked()
        gone = site(client, settings, slack, working=False, edge_client=await away())
        async with gone as there:
            click = await slack.click(there.url, names.APPROVE, asked.request_id, BOB, card)
            assert (click.status, click.seconds < 3) == (200, True)
            assert "Not taken" in (await there.told(BOB)).text
        people(here.stage)
        await slack.click(here.url, names.APPROVE, asked.request_id, BOB, card)
        assert (await here.stage.result(submitted.ticket_id)).kind is OutcomeKind.FIXED


async def test_a_click_that_was_taken_without_an_answer_in_time_is_not_said_to_be_undone(
    client: Client, settings: Any, slack: SlackSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal = Reach.signal

    async def answer_lost(self: Reach, *given: Any) -> None:
        await signal(self, *given)
        await asyncio.sleep(30)

    async with site(client, settings, slack, within=1.0) as here:
        submitted, asked, card = await here.asked()
        monkeypatch.setattr(Reach, "signal", answer_lost)
        await slack.click(here.url, names.APPROVE, asked.request_id, BOB, card)
        told = (await here.told(BOB)).text
        assert "Not taken" in told
        assert "should the first have come through after all" in told
        assert (await here.stage.result(submitted.ticket_id)).kind is OutcomeKind.FIXED


async def test_a_decision_without_a_worker_is_handed_over_in_time_and_counts_later(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False, within=2.0) as here:
        async with at_work(here.stage):
            submitted, asked, card = await here.asked()
        await slack.click(here.url, names.REJECT, asked.request_id, BOB, card)
        [view] = slack.views.opened
        sent = await slack.submit(here.url, view, {"reason": "not today"}, BOB)
        assert (sent.status, sent.body, sent.seconds < 3) == (200, "", True)
        assert "no worker has taken it in yet" in (await here.told(BOB)).text
        async with at_work(here.stage):
            outcome = await here.stage.result(submitted.ticket_id)
        assert (outcome.kind, outcome.decided_by) == (OutcomeKind.HANDED_OVER, ["grace"])


# Feedback, reopening, unknown things


async def test_a_thumb_counts_once_and_a_closed_ticket_is_reopened_once(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        answer = await slack.command(here.url, QUESTION, newcomer(slack))
        ticket = answer.json["text"].split("`")[1]
        await here.stage.result(ticket)
        for helpful in (True, True, False):
            value = feedback_value(ticket, helpful)
            await slack.click(here.url, names.FEEDBACK, value, ALICE, type="feedback_buttons")
        await slack.click(here.url, names.FEEDBACK, feedback_value(ticket, False), BOB)
        facts = {(fact.who, fact.kind) for fact in here.stores.outcomes.facts(ticket)}
        up, down = FactKind.THUMBS_UP, FactKind.THUMBS_DOWN
        assert facts == {("slack:U0ALICE", up), ("slack:U0BOB", down)}

        for _ in range(2):
            assert (await slack.click(here.url, names.REOPEN, ticket, ALICE)).ok
        await here.stage.until(ticket, lambda s: s.outcome is not None and s.outcome.round == 2)
        await here.stage.result(ticket)  # its places are told after the outcome is known
        await asyncio.sleep(0.2)
        described = await here.stage.handle(ticket).describe()
        assert described.status is WorkflowExecutionStatus.COMPLETED
        latest = here.stores.outcomes.latest(ticket)
        assert latest is not None
        assert latest.round == 2


async def test_what_nobody_knows_is_acknowledged_and_answered(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack, working=False) as here:
        message = slack.space.say(CHANNEL, ALICE, "hello")
        assert (await slack.click(here.url, "old_button", "1", ALICE, message)).ok
        assert "does nothing here" in (await here.told(ALICE)).text
        assert (await slack.click(here.url, names.FEEDBACK, "1", ALICE, message)).ok
        assert "does nothing here" in (await here.told(ALICE, after=1)).text
        assert (await slack.shortcut(here.url, "old_shortcut", ALICE, message)).ok
        assert "does nothing here" in (await here.told(ALICE, after=2)).text
        view = {"callback_id": "old", "type": "modal", "id": "V1", "blocks": []}
        assert (await slack.submit(here.url, view)).json["response_action"] == "errors"
        assert (await slack.event(here.url, {"type": "app_context_changed", "user": ALICE})).ok
        link = await slack.click(here.url, "link", "", ALICE, message, url="https://example.net")
        assert link.ok
        assert len(here.shown(ALICE)) == 3


async def test_a_dialog_that_does_not_open_is_told(
    client: Client, settings: Any, slack: SlackSide
) -> None:
    async with site(client, settings, slack) as here:
        _, asked, card = await here.asked()
        slack.fault("views.open", "unavailable")
        assert (await slack.click(here.url, names.REJECT, asked.request_id, ALICE, card)).ok
        assert "Click again" in (await here.told(ALICE)).text


def _elsewhere(slack: SlackSide) -> str:
    """A channel that we are not in."""
    slack.space.add_channel("C0ELSEWHERE", "elsewhere", bot_is_in=False)
    return "C0ELSEWHERE"


async def _asked(slack: SlackSide, method: str) -> bool:
    return bool(slack.calls_of(method))


async def _true(value: bool) -> bool:
    return value


async def _known(here: SlackSite, ticket: str) -> bool:
    return ticket in here.tickets()


async def _home(here: SlackSite, user: str) -> str:
    if user not in here.slack.space.users:
        here.slack.space.add_user(user, user, f"{user}@example.net")
    here.slack.views.home.pop(user, None)
    assert (await here.slack.open_home(here.url, user)).ok

    async def drawn() -> bool:
        return user in here.slack.views.home

    await eventually(drawn)
    return json.dumps(here.slack.views.home[user], ensure_ascii=False)


def _signed(slack: SlackSide, body: bytes) -> dict[str, str]:
    """Headers as Slack would send them; the signature of what is no UTF-8 is made up."""
    now = int(time.time())
    signature = sign(slack.signing_secret, body, now)
    return {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": signature}
