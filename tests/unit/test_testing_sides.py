"""The local Slack and Jira: strict where the real ones are, faulty exactly as ordered."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from jira import JIRA
from jira.exceptions import JIRAError
from pydantic import SecretStr
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

from mendwheel.integrations.jira.signatures import Unsigned, verify
from mendwheel.testing import JiraSide, Signing, SlackMessage, SlackSide, adf
from mendwheel.testing.jira_webhooks import Proof
from mendwheel.testing.serving import Served
from mendwheel.testing.slack_limits import problems, weight
from mendwheel.testing.slack_mentions import mentions

GENERAL = "C0GENERAL"


class Recorder(Served):
    """An app that keeps what it is sent, and answers `status` and `body`."""

    def __init__(self, status: int = 200, body: str = "") -> None:
        super().__init__()
        self.status, self.body = status, body
        self.requests: list[tuple[dict[str, str], bytes]] = []

    def app(self) -> ASGIApp:
        async def take(request: Request) -> Response:
            self.requests.append((dict(request.headers), await request.body()))
            return Response(self.body, self.status)

        return Starlette(routes=[Route("/", take, methods=["POST"])])


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


@pytest.fixture
def slack() -> Iterator[SlackSide]:
    with SlackSide() as side:
        yield side


@pytest.fixture
def web(slack: SlackSide) -> WebClient:
    return WebClient(slack.token, base_url=slack.base_url, retry_handlers=[], timeout=0.5)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as app:
        yield app


def refusal(call: Any, **arguments: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response.data


# Slack: the Web API


def test_slack_refuses_a_wrong_token_and_channels_that_cannot_be_written(
    slack: SlackSide, web: WebClient
) -> None:
    slack.space.add_channel("C0OLD").archived = True
    slack.space.add_channel("C0ELSE", bot_is_in=False)
    post = web.chat_postMessage
    assert refusal(post, channel="C0NOBODY", text="x")["error"] == "channel_not_found"
    assert refusal(post, channel="C0OLD", text="x")["error"] == "is_archived"
    assert refusal(post, channel="C0ELSE", text="x")["error"] == "not_in_channel"
    nothing = refusal(web.api_call, api_method="chat.postMessage", json={"channel": GENERAL})
    assert nothing["error"] == "no_text"
    assert refusal(web.users_info, user="U0GHOST")["error"] == "user_not_found"
    stranger = WebClient("xoxb-other", base_url=slack.base_url, retry_handlers=[])
    assert refusal(stranger.auth_test)["error"] == "invalid_auth"
    assert slack.messages(GENERAL) == []


def test_slack_gives_metadata_only_to_those_who_ask(slack: SlackSide, web: WebClient) -> None:
    metadata = {"event_type": "mine", "event_payload": {"key": "7"}}
    posted = web.chat_postMessage(channel=GENERAL, text="x", metadata=metadata)
    plain = web.conversations_history(channel=GENERAL)["messages"]
    asked = web.conversations_history(channel=GENERAL, include_all_metadata=True)["messages"]
    assert "metadata" not in plain[0]
    assert asked[0]["metadata"] == metadata
    assert posted["ts"] == plain[0]["ts"]
    wrong = {"event_type": "mine", "event_payload": "text"}
    refused = refusal(web.chat_postMessage, channel=GENERAL, text="x", metadata=wrong)
    assert refused["error"] == "invalid_metadata_format"


def test_slack_keeps_threads_and_edits_apart(slack: SlackSide, web: WebClient) -> None:
    root = web.chat_postMessage(channel=GENERAL, text="card")["ts"]
    web.chat_postMessage(channel=GENERAL, text="detail", thread_ts=root)
    web.chat_update(channel=GENERAL, ts=root, text="card, later")
    listed = web.conversations_history(channel=GENERAL)["messages"]
    thread = web.conversations_replies(channel=GENERAL, ts=root)["messages"]
    assert [each["text"] for each in listed] == ["card, later"]
    assert [each["text"] for each in thread] == ["card, later", "detail"]
    assert [each.text for each in slack.messages(GENERAL)[0].versions] == ["card", "card, later"]
    people = slack.space.say(GENERAL, "U0ALICE", "mine")
    refused = refusal(web.chat_update, channel=GENERAL, ts=people.ts, text="yours")
    assert refused["error"] == "cant_update_message"


def test_slack_pages_by_cursor(slack: SlackSide, web: WebClient) -> None:
    for number in range(5):
        slack.space.say(GENERAL, "U0ALICE", str(number))
    first = web.conversations_history(channel=GENERAL, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = web.conversations_history(channel=GENERAL, limit=2, cursor=cursor)
    texts = [each["text"] for page in (first, second) for each in page["messages"]]
    assert texts == ["4", "3", "2", "1"]
    assert first["has_more"] is True


def test_slack_names_the_scope_that_is_missing(slack: SlackSide, web: WebClient) -> None:
    slack.space.scopes -= {"users:read"}
    refused = refusal(web.users_info, user="U0ALICE")
    assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read")
    assert "users:read" not in web.auth_test().headers["x-oauth-scopes"].split(",")


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
BUTTON = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}}
WRONG = {
    "section too long": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
    "section empty": [{"type": "section"}],
    "text empty": [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}],
    "header in markup": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "header too long": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "unknown block": [{"type": "banner"}],
    "unknown property": [{**SECTION, "colour": "red"}],
    "too many blocks": [SECTION] * 51,
    "block id twice": [{**SECTION, "block_id": "b"}, {**SECTION, "block_id": "b"}],
    "action id twice": [{"type": "actions", "elements": [BUTTON, BUTTON]}],
    "no elements": [{"type": "actions", "elements": []}],
    "context too full": [{"type": "context", "elements": [SECTION["text"]] * 11}],
    "button too long": [
        {
            "type": "actions",
            "elements": [{**BUTTON, "text": {"type": "plain_text", "text": "x" * 76}}],
        }
    ],
    "value too long": [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
    "fields too many": [{"type": "section", "fields": [SECTION["text"]] * 11}],
    "input in a message": [
        {"type": "input", "label": BUTTON["text"], "element": {"type": "plain_text_input"}}
    ],
    "emoji in markup": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}
    ],
}


@pytest.mark.parametrize("name", WRONG)
def test_slack_refuses_blocks_that_slack_refuses(name: str) -> None:
    assert problems(WRONG[name]) != []


def test_slack_says_where_a_block_is_wrong(slack: SlackSide, web: WebClient) -> None:
    blocks = [SECTION, *WRONG["section too long"]]
    refused = refusal(web.chat_postMessage, channel=GENERAL, text="x", blocks=blocks)
    where = "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    assert refused["error"] == "invalid_blocks"
    assert refused["response_metadata"]["messages"] == [f"[ERROR] {where}"]


def test_slack_takes_blocks_at_their_limits(slack: SlackSide, web: WebClient) -> None:
    full = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    web.chat_postMessage(channel=GENERAL, text="x", blocks=[full] * 4)
    assert weight([full] * 5) > 13_200
    refused = refusal(web.chat_postMessage, channel=GENERAL, text="x", blocks=[full] * 5)
    assert refused["error"] == "msg_blocks_too_long"


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("<!channel> and <@U0BOB|bob>", {"channel", "U0BOB"}),
        ("<!subteam^S0OPS|@ops> <!here|here>", {"S0OPS", "here"}),
        ("&lt;!channel&gt; @here <https://example.net|@everyone>", set()),
    ],
)
def test_mentions_are_what_slack_would_notify(text: str, called: set[str]) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    plain = [{"type": "section", "text": {"type": "plain_text", "text": text}}]
    assert mentions(SlackMessage(GENERAL, "1", "U0BOT", text)) == called
    assert mentions(SlackMessage(GENERAL, "1", "U0BOT", "", blocks)) == called
    assert mentions(SlackMessage(GENERAL, "1", "U0BOT", "", plain)) == set()


# Faults, on both sides


@pytest.mark.parametrize(
    ("kind", "now", "later"),
    [
        ("rate_limited", 0, 0),
        ("unavailable", 0, 0),
        ("error", 0, 0),
        ("timeout", 0, 0),
        ("executed_answer_lost", 1, 1),
        ("in_flight", 0, 1),
    ],
)
def test_a_fault_does_to_one_post_what_it_says(
    slack: SlackSide, web: WebClient, kind: str, now: int, later: int
) -> None:
    fault = slack.fault("chat.postMessage", kind, lag=0.1)
    with pytest.raises((SlackApiError, OSError)):
        web.chat_postMessage(channel=GENERAL, text="x")
    assert len(slack.messages(GENERAL)) == now
    time.sleep(0.25)
    assert len(slack.messages(GENERAL)) == later
    assert fault.met == 1
    web.chat_postMessage(channel=GENERAL, text="y")
    assert len(slack.messages(GENERAL)) == later + 1


def test_a_fault_hits_only_its_place_and_its_method(slack: SlackSide, web: WebClient) -> None:
    slack.space.add_channel("C0OTHER")
    fault = slack.fault("chat.*", "rate_limited", times=2, at="C0OTHER", retry_after=7)
    web.chat_postMessage(channel=GENERAL, text="x")
    web.conversations_history(channel="C0OTHER")
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            web.chat_postMessage(channel="C0OTHER", text="x")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "7"
    web.chat_postMessage(channel="C0OTHER", text="x")
    assert fault.spent


def test_a_side_ends_at_once_even_while_it_holds_a_request(recorder: Recorder) -> None:
    with SlackSide() as slack:
        slack.fault("auth.test", "timeout", hold=60)
        web = WebClient(slack.token, base_url=slack.base_url, retry_handlers=[], timeout=0.2)
        with pytest.raises(OSError, match="timed out"):
            web.auth_test()
        began = time.monotonic()
    assert time.monotonic() - began < 2


# Slack: people and events


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


# Jira


@pytest.fixture(params=["cloud", "datacenter"])
def either(request: pytest.FixtureRequest) -> Iterator[JiraSide]:
    with JiraSide(request.param) as side:
        yield side


@pytest.fixture
def cloud() -> Iterator[JiraSide]:
    with JiraSide() as side:
        yield side


def library(side: JiraSide) -> JIRA:
    """The jira library as integrations use it."""
    wait: dict[str, Any] = {"timeout": (1, 1), "max_retries": 0}
    if side.deployment == "datacenter":
        return JIRA(side.base_url, token_auth=side.token, **wait)
    options = {"rest_api_version": "3"}
    return JIRA(side.base_url, options, basic_auth=(side.user, side.token), **wait)


def comment(client: JIRA, side: JiraSide, key: str, text: str) -> Any:
    body = side.site.native(text)
    url = client._get_url(f"issue/{key}/comment")
    return client._session.post(url, json={"body": body}).json()


def test_the_jira_library_works_with_either_deployment(either: JiraSide) -> None:
    key = either.add_issue("Broken", None).key
    client = library(either)
    issue = client.issue(key)
    assert issue.fields.description is None
    issue.update(update={"labels": [{"add": "x"}]})
    client.transition_issue(key, "31")
    for _ in range(2):
        client.add_remote_link(key, {"url": "http://x", "title": "t"}, globalId="g")
    comment(client, either, key, "one\ntwo")
    client.close()
    held = either.issue(key)
    assert (held.labels, held.status, held.resolution) == (["x"], "Done", "Done")
    assert len(held.links) == 1
    assert [each.text.split("\n") for each in either.comments(key, by_app=True)] == [["one", "two"]]
    kinds = [each.operation for each in either.writes(key)]
    assert kinds == ["issue.edit", "transition.do", "link.set", "link.set", "comment.create"]


def test_jira_refuses_strangers(cloud: JiraSide) -> None:
    key = cloud.add_issue("x").key
    with pytest.raises(JIRAError) as caught:
        JIRA(cloud.base_url, basic_auth=(cloud.user, "wrong"), max_retries=0).issue(key)
    assert caught.value.status_code == 401


def test_cloud_searches_by_token_and_the_old_search_is_gone(cloud: JiraSide) -> None:
    for number in range(5):
        cloud.add_issue(f"issue {number}")
    client = library(cloud)
    url = client._get_url("search/jql")
    query = {"jql": 'project = PROJ AND updated >= "-5m" ORDER BY key', "maxResults": "2"}
    first = client._session.get(url, params=query).json()
    following = {**query, "nextPageToken": first["nextPageToken"], "fields": "summary"}
    second = client._session.get(url, params=following).json()
    assert [sorted(each) for each in first["issues"]] == [["id"], ["id"]]
    assert [each["key"] for each in second["issues"]] == ["PROJ-3", "PROJ-4"]
    for path, params, status in (
        ("search", {"jql": "project = PROJ"}, 410),
        ("search/jql", {"jql": "ORDER BY updated"}, 400),
        ("search/jql", {"jql": "colour = red"}, 400),
    ):
        with pytest.raises(JIRAError) as caught:
            client._session.get(client._get_url(path), params=params)
        assert caught.value.status_code == status
    client.close()


@pytest.mark.parametrize(
    ("jql", "found"),
    [
        ("project = PROJ AND labels = red", ["PROJ-2"]),
        ("labels in (red, blue) OR key = PROJ-1", ["PROJ-2", "PROJ-1"]),
        ("project = PROJ AND statusCategory != Done", ["PROJ-3", "PROJ-2"]),
        ("resolution = Unresolved AND NOT labels = red", ["PROJ-3"]),
        ("assignee is EMPTY AND summary ~ thr", ["PROJ-3"]),
        ('status = "Done" ORDER BY created ASC', ["PROJ-1"]),
        ('created > "2999-01-01"', []),
    ],
)
def test_jql_finds_what_it_says(cloud: JiraSide, jql: str, found: list[str]) -> None:
    cloud.add_issue("one")
    cloud.add_issue("two", labels=["red"], assignee=cloud.ben)
    cloud.add_issue("three")
    cloud.human_transition("PROJ-1", "Done")
    client = library(cloud)
    assert [each.key for each in client.search_issues(jql, fields="summary")] == found
    client.close()


def paragraph(*content: Any) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def doc(*content: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


TEXT = {"type": "text", "text": "x"}
WRONG_DOCUMENTS = {
    "no version": {"type": "doc", "content": []},
    "empty text": doc(paragraph({"type": "text", "text": ""})),
    "text at the top": doc(TEXT),
    "heading without level": doc({"type": "heading", "content": [TEXT]}),
    "empty list": doc({"type": "bulletList", "content": []}),
    "text in an item": doc(
        {"type": "bulletList", "content": [{"type": "listItem", "content": [TEXT]}]}
    ),
    "heading in an item": doc(
        {
            "type": "bulletList",
            "content": [
                {
                    "type": "listItem",
                    "content": [{"type": "heading", "attrs": {"level": 1}, "content": [TEXT]}],
                }
            ],
        }
    ),
    "marks in code": doc(
        {"type": "codeBlock", "content": [{**TEXT, "marks": [{"type": "strong"}]}]}
    ),
    "code and strong": doc(paragraph({**TEXT, "marks": [{"type": "code"}, {"type": "strong"}]})),
    "link without target": doc(paragraph({**TEXT, "marks": [{"type": "link"}]})),
    "unknown node": doc({"type": "blink"}),
    "unknown panel": doc(
        {"type": "panel", "attrs": {"panelType": "loud"}, "content": [paragraph(TEXT)]}
    ),
}


@pytest.mark.parametrize("name", WRONG_DOCUMENTS)
def test_jira_refuses_documents_that_jira_refuses(name: str) -> None:
    assert adf.faults(WRONG_DOCUMENTS[name]) != []


def test_jira_takes_a_whole_document() -> None:
    cell = {"type": "tableCell", "content": [paragraph(TEXT)]}
    item = {"type": "listItem", "content": [paragraph(TEXT, {"type": "hardBreak"})]}
    code = {"type": "codeBlock", "attrs": {"language": "sh"}, "content": [TEXT]}
    link = {**TEXT, "marks": [{"type": "link", "attrs": {"href": "http://x"}}, {"type": "code"}]}
    whole = doc(
        {"type": "heading", "attrs": {"level": 2}, "content": [TEXT]},
        {"type": "bulletList", "content": [item]},
        {"type": "table", "content": [{"type": "tableRow", "content": [cell]}]},
        {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph(link)]},
        *(code, {"type": "rule"}),
    )
    assert adf.faults(whole) == []


def test_cloud_says_in_jiras_words_why_a_comment_is_refused(cloud: JiraSide) -> None:
    key, client = cloud.add_issue("x").key, library(cloud)
    url = client._get_url(f"issue/{key}/comment")
    said = {}
    for name, body in (
        ("string", "plain"),
        ("invalid", WRONG_DOCUMENTS["text at the top"]),
        ("long", adf.from_text("x" * 32_768)),
    ):
        with pytest.raises(JIRAError) as caught:
            client._session.post(url, json={"body": body})
        said[name] = (caught.value.status_code, caught.value.text)
    client.close()
    assert said == {
        "string": (400, "Comment body is not valid!"),
        "invalid": (400, "INVALID_INPUT"),
        "long": (400, "CONTENT_LIMIT_EXCEEDED"),
    }
    assert cloud.comments(key) == []


def test_a_transition_may_need_fields_and_takes_no_others(cloud: JiraSide) -> None:
    key, client = cloud.add_issue("x").key, library(cloud)
    done = cloud.site.transitions[-1]
    done.fields = {"resolution": {"required": True, "name": "Resolution"}}
    for fields in ({}, {"resolution": {"name": "Done"}, "labels": ["x"]}):
        with pytest.raises(JIRAError) as caught:
            client.transition_issue(key, done.id, fields=fields)
        assert caught.value.status_code == 400
    client.transition_issue(key, done.id, fields={"resolution": {"name": "Won't Do"}})
    with pytest.raises(JIRAError):  # it is there already
        client.transition_issue(key, done.id, fields={"resolution": {"name": "Done"}})
    client.close()
    assert (cloud.issue(key).status, cloud.issue(key).resolution) == ("Done", "Won't Do")


def test_retry_after_comes_as_a_date_where_that_is_ordered(cloud: JiraSide) -> None:
    key, client = cloud.add_issue("x").key, library(cloud)
    cloud.fault("comment.create", "rate_limited", at=key, retry_after=30, http_date=True)
    with pytest.raises(JIRAError) as caught:
        comment(client, cloud, key, "x")
    client.close()
    assert caught.value.status_code == 429
    assert caught.value.response.headers["Retry-After"].endswith("GMT")


@pytest.mark.parametrize("proof", ["hmac", "jwt", "automation"])
async def test_webhooks_prove_who_sent_them(
    cloud: JiraSide, recorder: Recorder, proof: Proof
) -> None:
    news = cloud.news("jira:issue_created", cloud.add_issue("x").key)
    await cloud.webhook(f"{recorder.origin}/", news, proof=proof)
    await cloud.webhook(
        f"{recorder.origin}/", news, proof=proof, secret="another-secret-of-32-bytes-long!!"
    )
    (right, right_body), (wrong, wrong_body) = recorder.requests
    secret = SecretStr(cloud.webhook_secret)
    verify(right, right_body, secret)
    with pytest.raises(Unsigned):
        verify(wrong, wrong_body, secret)


async def test_every_change_is_told_the_apps_own_changes_too(
    cloud: JiraSide, recorder: Recorder
) -> None:
    cloud.webhook_url = f"{recorder.origin}/"
    key = cloud.add_issue("x").key
    cloud.human_comment(key, "me too", cloud.ben)
    cloud.human_assign(key, cloud.ben)
    cloud.human_labels(key, "red", quiet=True)
    client = library(cloud)
    comment(client, cloud, key, "looking")
    client.close()
    await eventually(lambda: len(recorder.requests) == 4)
    told = [(each.event, each.who) for each in cloud.sent]
    assert told == [
        ("jira:issue_created", cloud.ann.id),
        ("comment_created", cloud.ben.id),
        ("jira:issue_updated", cloud.ann.id),
        ("comment_created", cloud.site.bot.id),
    ]


async def test_a_webhook_that_fails_is_repeated_under_its_name(
    cloud: JiraSide, recorder: Recorder
) -> None:
    recorder.status = 503
    cloud.webhook_url, cloud.webhook_retry_after = f"{recorder.origin}/", 0.01
    cloud.add_issue("x")
    await eventually(lambda: len(recorder.requests) == 3)
    names = {headers["x-atlassian-webhook-identifier"] for headers, _ in recorder.requests}
    retries = [headers.get("x-atlassian-webhook-retry") for headers, _ in recorder.requests]
    assert len(names) == 1
    assert retries == [None, "1", "2"]


async def test_a_loop_of_webhooks_ends(cloud: JiraSide, recorder: Recorder) -> None:
    cloud.webhook_url, cloud.webhook_most = f"{recorder.origin}/", 5
    key = cloud.add_issue("x").key
    for _ in range(20):
        cloud.human_comment(key, "again")
        await asyncio.sleep(0.01)
    assert len(cloud.sent) == 5


def test_what_people_change_stands_in_the_changelog(cloud: JiraSide) -> None:
    key = cloud.add_issue("x").key
    cloud.human_transition(key, "Done", cloud.ben)
    cloud.human_transition(key, "To Do", cloud.ann)
    said = cloud.human_comment(key, "first")
    cloud.human_edits(said, "second", cloud.ben)
    client = library(cloud)
    histories = client.issue(key, expand="changelog").changelog.histories
    client.close()
    changed = [
        (each.author.displayName, item.field, item.toString)
        for each in histories
        for item in each.items
    ]
    assert changed == [
        ("Ann", "status", "To Do"),
        ("Ann", "resolution", None),
        ("Ben", "status", "Done"),
        ("Ben", "resolution", "Done"),
    ]
    assert (said.text, said.author.name, said.editor.name) == ("second", "Ann", "Ben")


async def eventually(test: Any) -> Any:
    for _ in range(200):
        found = test()
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come within 4 s")
