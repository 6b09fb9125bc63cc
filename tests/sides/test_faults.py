"""Faults do exactly what was ordered, and nothing is held beyond the end."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mendwheel.testing import SlackSide
from tests.sides.recorder import Recorder

GENERAL = "C0GENERAL"


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


def test_answers_bear_the_time_at_which_they_were_given(slack: SlackSide, web: WebClient) -> None:
    for pause in (0.0, 2.5):  # a wait until a date is measured from this one
        time.sleep(pause)
        given = parsedate_to_datetime(web.auth_test().headers["date"])
        assert abs((datetime.now(UTC) - given).total_seconds()) < 2.3
