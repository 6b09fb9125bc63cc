"""People and events of the local Slack reach an app as those of Slack do."""

import json
from typing import Any

import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mendwheel.testing import Signing, SlackSide
from mendwheel.testing.serving import Served
from tests.sides.recorder import Recorder, eventually

GENERAL = "C0GENERAL"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
BUTTON = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}}


class Bolt(Served):
    """A real Bolt app."""

    def __init__(self, slack: SlackSide) -> None:
        super().__init__()
        client = AsyncWebClient(slack.token, base_url=slack.base_url, retry_handlers=[])
        self.bolt = AsyncApp(client=client, signing_secret=slack.signing_secret)
        self.url = f"{self.origin}/"

    def app(self) -> ASGIApp:
        handler = AsyncSlackRequestHandler(self.bolt)

        async def take(request: Request) -> Response:
            return await handler.handle(request)

        return Starlette(routes=[Route("/", take, methods=["POST"])])


def refusal(call: Any, **arguments: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response.data


async def test_slack_signs_what_it_sends(slack: SlackSide, recorder: Recorder) -> None:
    url = f"{recorder.origin}/"
    await slack.command(url, "help")
    await slack.command(url, "help", signing=Signing(age=301))
    await slack.command(url, "help", signing=Signing(secret="other"))
    await slack.command(url, "help", signing=Signing(secret=""))
    verifier = SignatureVerifier(slack.signing_secret)
    valid = [verifier.is_valid_request(body, headers) for headers, body in recorder.requests]
    assert valid == [True, False, False, False]


async def test_redeliveries_bear_the_same_event_id(slack: SlackSide, recorder: Recorder) -> None:
    _, answers = await slack.mention(f"{recorder.origin}/", "help", times=3)
    assert all(answer.ok for answer in answers)
    names = {json.loads(body)["event_id"] for _, body in recorder.requests}
    retries = [headers.get("x-slack-retry-num") for headers, _ in recorder.requests]
    assert len(names) == 1
    assert retries == [None, "1", "2"]


async def test_an_answer_to_a_command_is_shown_to_whom_it_is_for(slack: SlackSide) -> None:
    with Recorder(body='{"response_type": "in_channel", "text": "for all"}') as app:
        await slack.command(f"{app.origin}/", "x")
        app.body = "for you"
        await slack.command(f"{app.origin}/", "x", "U0BOB")
    assert [each.text for each in slack.messages(GENERAL, by_app=True)] == ["for all"]
    assert [(each.user, each.text) for each in slack.ephemerals] == [("U0BOB", "for you")]


async def test_a_dead_app_is_an_answer_with_status_0(slack: SlackSide) -> None:
    answer = await slack.command("http://127.0.0.1:1/", "x")
    assert (answer.status, answer.ok) == (0, False)


async def test_a_bolt_app_lives_in_this_slack(slack: SlackSide) -> None:
    """Command, button, modal and App Home, through a real Bolt."""
    seen: list[Any] = []
    with Bolt(slack) as app:

        @app.bolt.command("/resolve")
        async def command(ack: Any, command: Any, client: Any) -> None:
            await ack()
            actions = {"type": "actions", "block_id": "row", "elements": [BUTTON]}
            await client.chat_postMessage(
                channel=command["channel_id"], text="card", blocks=[actions]
            )

        @app.bolt.action("a")
        async def click(ack: Any, body: Any, client: Any) -> None:
            await ack()
            field = {"type": "plain_text_input", "action_id": "why"}
            label = {"type": "plain_text", "text": "Why"}
            view = {
                "type": "modal",
                "callback_id": "ask",
                "title": label,
                "submit": label,
                "blocks": [{"type": "input", "block_id": "b", "label": label, "element": field}],
            }
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        @app.bolt.view("ask")
        async def submitted(ack: Any, view: Any) -> None:
            await ack()
            seen.append(view["state"]["values"]["b"]["why"]["value"])

        @app.bolt.event("app_home_opened")
        async def home(event: Any, client: Any) -> None:
            await client.views_publish(
                user_id=event["user"], view={"type": "home", "blocks": [SECTION]}
            )

        assert (await slack.command(app.url, "x")).status == 200
        assert (await slack.command(app.url, "x", signing=Signing(secret="no"))).status == 401
        card = await eventually(lambda: slack.messages(GENERAL, by_app=True))
        assert (await slack.click(app.url, "a", "1", message=card[0])).status == 200
        views = await eventually(lambda: slack.views.opened)
        assert (await slack.submit(app.url, views[0], {"why": "because"})).status == 200
        assert seen == ["because"]
        assert (await slack.open_home(app.url, "U0BOB")).status == 200
        assert await eventually(lambda: slack.views.home.get("U0BOB"))


def test_a_trigger_opens_one_modal_and_only_while_it_is_fresh(
    slack: SlackSide, web: WebClient
) -> None:
    title = {"type": "plain_text", "text": "Title"}
    view = {"type": "modal", "title": title, "blocks": [SECTION]}
    trigger = slack.views.trigger(1)
    web.views_open(trigger_id=trigger, view=view)
    assert refusal(web.views_open, trigger_id=trigger, view=view)["error"] == "invalid_trigger_id"
    late = slack.views.trigger(2)
    slack.views.triggers[late] -= 3.1
    assert refusal(web.views_open, trigger_id=late, view=view)["error"] == "expired_trigger_id"
    long = {**view, "title": {"type": "plain_text", "text": "x" * 25}}
    fresh = slack.views.trigger(3)
    assert refusal(web.views_open, trigger_id=fresh, view=long)["error"] == "invalid_arguments"
