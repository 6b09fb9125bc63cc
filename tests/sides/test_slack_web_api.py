"""The local Slack refuses what Slack refuses, in its words."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mendwheel.testing import SlackMessage, SlackSide
from mendwheel.testing.slack_limits import problems, weight
from mendwheel.testing.slack_mentions import mentions

GENERAL = "C0GENERAL"


def refusal(call: Any, **arguments: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response.data


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
