"""Thanks and commands: what a few words mean, and what stays a ticket."""

import pytest

from mendwheel.integrations.slack.reading import full_text, plain, said, where
from mendwheel.integrations.slack.words import ISSUE, Verb, command
from mendwheel.integrations.thanks import thanks


@pytest.mark.parametrize(
    "text",
    [
        "thanks", "Thanks!", "THANK YOU SO MUCH!!", "ok, thanks :)", "thx", "ty", "Cheers, team",
        "danke", "Vielen Dank <@U123>!", "danke dir 🙏", "merci beaucoup", "muchas gracias",
        "grazie mille", "obrigada", "dank je wel", "tack så mycket", "dziękuję", "teşekkür ederim",
        "спасибо", "ありがとうございます！", "谢谢", "감사합니다", "धन्यवाद", "cảm ơn",
        "👍", "👍🏽", "❤️", ":+1:", ":thumbsup::skin-tone-3:", "thanks :tada:",
        "Great, thanks a lot 👏",
    ],
)  # fmt: skip
def test_thanks_and_nothing_else_are_thanks(text: str) -> None:
    assert thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "ok", "great", "thanks, but it is still red", "no thanks", "thanks for nothing",
        "thanks, what about EU?", "it works, thanks to the restart of eu-1", "👎", "🔥", ":fire:",
        "👍?", "why thanks", "danke, geht nicht", "...", "+1 on the restart", "<@U123>",
    ],
)  # fmt: skip
def test_whatever_says_more_is_information(text: str) -> None:
    assert not thanks(text)


@pytest.mark.parametrize(
    ("text", "verb", "ref", "rest"),
    [
        ("", Verb.HELP, "", ""),
        (" help ", Verb.HELP, "", ""),
        ("?", Verb.HELP, "", ""),
        ("list", Verb.LIST, "", ""),
        ("Status", Verb.STATUS, "", ""),
        ("status 3f9a1c", Verb.STATUS, "3f9a1c", ""),
        ("why mendwheel-default-slack-3f9a", Verb.WHY, "mendwheel-default-slack-3f9a", ""),
        ("approve", Verb.APPROVE, "", ""),
        ("approve 47BBC4", Verb.APPROVE, "47BBC4", ""),
        ("approve 47bbc4 seen in staging", Verb.APPROVE, "47bbc4", "seen in staging"),
        ("reject", Verb.REJECT, "", ""),
        ("reject too  risky", Verb.REJECT, "", "too  risky"),
        ("reject PROJ-7 too risky", Verb.REJECT, "PROJ-7", "too risky"),
        ("reject facade is wrong", Verb.REJECT, "", "facade is wrong"),
        ("reject FACADE is wrong", Verb.REJECT, "FACADE", "is wrong"),
    ],
)
def test_commands_are_understood(text: str, verb: Verb, ref: str, rest: str) -> None:
    found = command(text)
    assert (found.verb, found.ref, found.text) == (verb, ref, rest)


@pytest.mark.parametrize(
    "text",
    [
        "status of the deploy is red", "why is checkout slow", "help me with the export",
        "list of exports is empty", "approve requests fail since noon", "rejected payments pile up",
        "PROJ-7", "the status", "status\nof the deploy",
    ],
)  # fmt: skip
def test_sentences_are_tickets(text: str) -> None:
    assert command(text).verb is Verb.RESOLVE
    assert command(text).text == text


def test_only_a_whole_key_names_an_issue() -> None:
    assert ISSUE.fullmatch("PROJ-123")
    for text in ("proj-123", "PROJ-0", "P-1", "PROJ-12 is red", "https://x/browse/PROJ-1"):
        assert not ISSUE.fullmatch(text), text


def test_markup_becomes_text_and_our_own_name_goes() -> None:
    text = "<@U0BOT> see <#C1|ops>, <https://a.example/x|the log> &amp; <https://b.example> <!here>"
    assert plain(text, "U0BOT") == (
        "see #ops, the log (https://a.example/x) & https://b.example @here"
    )
    assert plain("<@U0X|eve> &lt;b&gt; <!subteam^S1|@oncall>") == "@eve <b> @oncall"


def test_a_message_of_an_alerting_app_is_read_with_its_attachments() -> None:
    message = {
        "text": "",
        "attachments": [
            {"title": "HighLatency", "text": "p95 is <https://g.example|4 s>", "fallback": "x"},
            {"fallback": "only this"},
            {"title": "a preview", "from_url": "https://c.example"},
        ],
        "files": [{"name": "trace.log"}, {}],
    }
    assert full_text(message).splitlines() == [
        "HighLatency", "p95 is 4 s (https://g.example)", "only this",
        "[file: trace.log]", "[file: unnamed]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"subtype": "message_changed"}, {"subtype": "message_deleted"}, {"subtype": "channel_join"},
        {"bot_id": "B1"}, {"user": "U0BOT"}, {"user": None}, {"hidden": True}, {"ts": None},
    ],
)  # fmt: skip
def test_what_is_no_persons_word_is_nothing(change: dict[str, object]) -> None:
    event = {"user": "U1", "channel": "C1", "ts": "1.2", "text": "red"}
    assert said(event, "U0BOT") is not None
    assert said(event | change, "U0BOT") is None


def test_all_events_about_one_message_have_one_delivery() -> None:
    event = {"type": "message", "user": "U1", "channel": "C1", "ts": "1.2", "text": "red"}
    root = said(event | {"thread_ts": "1.2"}, "U0BOT")
    mention = said(event | {"type": "app_mention"}, "U0BOT")
    reply = said(event | {"thread_ts": "1.0", "subtype": "thread_broadcast"}, "U0BOT")
    assert root is not None
    assert mention is not None
    assert reply is not None
    assert root.delivery_id == mention.delivery_id == reply.delivery_id == "slack-C1-1.2"
    assert (root.thread, root.key, root.place) == ("", "C1-1.2", "slack:C1/1.2")
    assert (reply.key, reply.place) == ("C1-1.0", "slack:C1/1.0")


def test_a_dialog_knows_where_it_was_opened_and_nothing_foreign_passes_for_it() -> None:
    view = {"private_metadata": '{"channel": "C1", "thread": "1.2"}'}
    body = {"type": "view_submission", "user": {"id": "U1"}, "view": view}
    assert (where(body).channel, where(body).thread) == ("C1", "1.2")
    foreign = where(body | {"view": {"private_metadata": "[1"}})
    assert (foreign.user, foreign.channel) == ("U1", "")
