"""The counterparts keep what tests rely on, and leave nothing behind."""

import json
import os
from pathlib import Path

import pytest
import requests
from jira import JIRA
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.counterparts import (
    BacklotCounterpart,
    CounterpartFailed,
    JiraCounterpart,
    SlackCounterpart,
)
from tests.counterparts.process import CounterpartProcess, fetch

LOCK = Path(__file__).parents[1] / "counterparts" / "package-lock.json"
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*all is well*"}}]
METADATA = {"event_type": "test", "event_payload": {"key": "effect-1"}}


def web(slack: SlackCounterpart) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.url, retry_handlers=[])


def test_slack_knows_our_bot_and_the_people_by_their_tokens(
    emulate_slack: SlackCounterpart,
) -> None:
    who = web(emulate_slack).auth_test()
    assert who["user_id"] == emulate_slack.bot_user_id
    assert who["bot_id"] == emulate_slack.bot_id
    mara = emulate_slack.call("auth.test", token=emulate_slack.tokens["mara"])
    assert mara["user_id"] == emulate_slack.users["mara"]


def test_slack_gives_back_blocks_and_metadata_to_the_sdk_that_reads_with_get(
    emulate_slack: SlackCounterpart,
) -> None:
    client, channel = web(emulate_slack), emulate_slack.channel()
    card = client.chat_postMessage(channel=channel, text="card", blocks=BLOCKS, metadata=METADATA)
    client.chat_postMessage(channel=channel, text="detail", thread_ts=card["ts"])
    client.chat_update(channel=channel, ts=card["ts"], text="new card", blocks=BLOCKS)
    [read] = client.conversations_history(channel=channel, include_all_metadata=True)["messages"]
    assert (read["text"], read["blocks"], read["metadata"]) == ("new card", BLOCKS, METADATA)
    assert [each["text"] for each in emulate_slack.replies(channel, card["ts"])] == ["detail"]


def test_modal_needs_a_trigger_that_slack_has_just_given(emulate_slack: SlackCounterpart) -> None:
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Why?"}, "blocks": []}
    trigger = emulate_slack.trigger(emulate_slack.users["ada"])
    assert web(emulate_slack).views_open(trigger_id=trigger, view=view)["ok"]
    with pytest.raises(SlackApiError, match="trigger"):
        web(emulate_slack).views_open(trigger_id="1.2.made-up", view=view)


def test_reset_forgets_what_was_said() -> None:
    with SlackCounterpart() as slack:
        before = slack.channels["support"]
        slack.call("chat.postMessage", channel=before, text="soon forgotten")
        slack.reset()
        assert slack.history(slack.channels["support"]) == []
        with pytest.raises(CounterpartFailed, match="channel_not_found"):
            slack.history(before)


def test_jira_acts_as_the_one_whose_token_asks(jira820: JiraCounterpart) -> None:
    key = jira820.create("Exports stand still", None, reporter="tomas")
    client = JIRA(jira820.url, token_auth=jira820.token, max_retries=0, timeout=(3, 5))
    ours = client.add_comment(key, "looking into it")
    client.close()
    theirs = jira820.comment(key, "thank you", author="tomas")
    assert [(each["id"], each["author"]["name"]) for each in jira820.comments(key)] == [
        (ours.id, "mendwheel"),
        (theirs, "tomas"),
    ]
    fields = jira820.issue(key)["fields"]
    assert (fields["description"], fields["reporter"]["name"]) == (None, "tomas")


def test_jira_moves_an_issue_by_a_transition(jira820: JiraCounterpart) -> None:
    key = jira820.create("Exports stand still", "since 9:12")
    found = jira820.call("GET", f"issue/{key}/transitions")["transitions"]
    done = next(each for each in found if each["to"]["statusCategory"]["key"] == "done")
    jira820.call("POST", f"issue/{key}/transitions", {"transition": {"id": done["id"]}})
    issue = jira820.issue(key)
    assert issue["fields"]["status"]["statusCategory"]["key"] == "done"
    assert issue["changelog"]["histories"][-1]["items"][0]["field"] == "status"


def test_backlot_refuses_what_the_real_services_refuse(backlot: BacklotCounterpart) -> None:
    _, known = fetch(f"{backlot.slack_url}auth.test", {}, token=backlot.token)
    _, unknown = fetch(f"{backlot.slack_url}auth.test", {}, token="xoxb-unknown")
    assert (known["ok"], unknown["error"]) == (True, "invalid_auth")
    about = requests.get(f"{backlot.jira_url}/rest/api/3/serverInfo", timeout=5)
    assert about.json()["deploymentType"] == "Cloud"


def test_counterpart_leaves_neither_process_nor_log() -> None:
    with SlackCounterpart() as slack:
        pid, log = slack.process.pid, slack.process.log
        assert log.is_file()
    assert not log.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_counterpart_that_does_not_start_quotes_its_log() -> None:
    broken = CounterpartProcess("broken", ["sh", "-c", "echo no room left >&2; exit 3"])
    with pytest.raises(CounterpartFailed, match=r"broken ended before it was ready.*\nno room"):
        broken.first_line()
    broken.stop()


def test_lock_file_pins_everything_and_names_no_host() -> None:
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert packages.pop("")["dependencies"] == {"emulate": "0.12.2"}
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert not any("resolved" in each for each in packages.values())
