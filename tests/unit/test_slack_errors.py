"""What Slack's refusals become: one line that names the place and the way out, and no secret."""

from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse

from mendwheel.integrations.slack.client import async_client, sync_client
from mendwheel.integrations.slack.errors import explained
from mendwheel.ports.world import PlaceError
from mendwheel.retry_after import LONGEST_WAIT
from mendwheel.settings import Settings

PLACE = "slack:C1"


def explained_as(error: Exception) -> PlaceError:
    with pytest.raises(PlaceError) as caught, explained(PLACE):
        raise error
    return caught.value


def answer(data: Any, status: int = 200, **headers: str) -> SlackApiError:
    said = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={"headers": {"Authorization": "Bearer xoxb-secret"}},
        data=data,
        headers=headers,
        status_code=status,
    )
    return SlackApiError("failed", said)


@pytest.mark.parametrize(
    ("error", "kind", "retryable"),
    [
        (answer({"ok": False, "error": "not_in_channel"}), "not_in_channel", False),
        (answer({"ok": False, "error": "invalid_blocks"}), "invalid_blocks", False),
        (answer({"ok": False, "error": "message_not_found"}), "message_not_found", False),
        (answer({"ok": False, "error": "ratelimited"}, 429), "ratelimited", True),
        (answer({"ok": False, "error": "fatal_error"}), "fatal_error", True),
        (answer({"ok": False, "error": "Received a response in a non-JSON…"}, 502), "502", True),
        (answer({"ok": False, "error": "Received a response in a non-JSON…"}), "unreadable", True),
        (answer("upstream connect error", 503), "503", True),
        (answer(None, 403), "403", False),
        (SlackApiError("failed", {"ok": False, "error": "is_archived"}), "is_archived", False),
        (SlackRequestError("nonsense"), "answer", True),
        (TimeoutError(), "timeout", True),
        (ConnectionResetError(), "connection", True),
    ],
)
def test_only_what_may_pass_is_tried_again(error: Exception, kind: str, retryable: bool) -> None:
    found = explained_as(error)
    assert (found.kind, found.retryable) == (kind, retryable)
    assert str(found).startswith("slack:C1: ")
    assert "\n" not in str(found)
    assert "xoxb-secret" not in repr(found)
    assert found.__cause__ is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("99999999", LONGEST_WAIT),
        ("Fri, 01 Jan 1999 00:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_slack_is_waited_for_as_long_as_it_asks_within_reason(
    header: str, seconds: float | None
) -> None:
    found = explained_as(
        answer({"ok": False, "error": "ratelimited"}, 429, **{"Retry-After": header})
    )
    assert found.retry_after == seconds


def test_the_missing_scope_is_named() -> None:
    said = {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands"}
    assert "lacks the scope chat:write: add it" in str(explained_as(answer(said)))


def test_mistakes_of_our_own_are_not_taken_for_slacks() -> None:
    with pytest.raises(KeyError), explained(PLACE):
        raise KeyError("a bug")


def test_no_client_writes_again_by_itself_and_none_waits_for_long(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, slack_bot_token="xoxb-1", slack_signing_secret="s" * 16)
    for client in (sync_client(settings), async_client(settings)):
        assert client.retry_handlers == []
        assert client.timeout == 5
        assert client.token == "xoxb-1"
        assert client.base_url == "https://slack.com/api/"


def test_a_local_slack_is_not_looked_for_behind_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    known = {"home": tmp_path, "slack_bot_token": "xoxb-1", "slack_signing_secret": "s" * 16}
    here = Settings(**known, slack_base_url="http://127.0.0.1:8080/api/")
    assert sync_client(here).proxy is None
    assert async_client(here).proxy is None
    assert sync_client(Settings(**known)).proxy == "http://proxy.example:3128"


def test_a_client_without_a_token_says_which_setting_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="MENDWHEEL_SLACK_BOT_TOKEN"):
        sync_client(Settings(home=tmp_path))


async def test_the_asynchronous_client_reads_by_a_form_and_never_by_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, slack_bot_token="xoxb-1", slack_signing_secret="s" * 16)
    sent: dict[str, Any] = {}

    async def send(http_verb: str, api_url: str, req_args: dict[str, Any]) -> None:
        sent.update(req_args, verb=http_verb)

    client = async_client(settings)
    monkeypatch.setattr(client, "_send", send)
    await client.conversations_history(channel="C1", include_all_metadata=True, limit=5)
    assert sent["verb"] == "POST"
    assert not sent["params"]
    assert sent["data"] == {"channel": "C1", "include_all_metadata": "true", "limit": 5}
