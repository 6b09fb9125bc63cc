"""The card in Slack: what it shows, what its buttons carry, and that Slack takes any of it."""

import json
import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SlackBlock

from mendwheel.domain.card import (
    Card,
    CardEvidence,
    CardLink,
    CardRemedy,
    CardTask,
    Message,
    MessageKind,
    TaskState,
)
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Phase, Severity, TicketKind
from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.blocks import weight
from mendwheel.integrations.slack.card import card_blocks, card_text
from mendwheel.integrations.slack.feedback import read_feedback
from mendwheel.integrations.slack.limits import MESSAGE, blank, size
from mendwheel.integrations.slack.message import message_blocks, message_text
from mendwheel.testing.slack_limits import problems
from tests import cards
from tests.cards import NOW

TICKET = "mendwheel-default-slack-3f9a1c2b7d10"
DECIDING = [names.APPROVE, names.REJECT, names.EDIT, names.MORE, names.TAKE_OVER]


asked = partial(
    cards.asked,
    request_id="q-17",
    ticket_id=TICKET,
    question="Widen the pool of ledger to 40?",
    approvers=["slack:U0BOB", "slack:S0OPS", "group:sre", "jira:5b10"],
)
card = partial(
    cards.card,
    ticket_id=TICKET,
    reporter="slack:U0ALICE",
    phase=Phase.APPROVAL,
    headline="Waits for a decision",
    kind=TicketKind.ANOMALY,
    severity=Severity.HIGH,
    component="ledger",
)


def remedy(**arguments: Any) -> CardRemedy:
    return CardRemedy(tool="widen_pool", arguments=arguments, risk=Risk.MEDIUM, standing="waiting")


def texts(blocks: Any) -> list[str]:
    """Every text that is shown, in order."""
    if isinstance(blocks, list):
        return [text for each in blocks for text in texts(each)]
    if not isinstance(blocks, dict):
        return []
    own = blocks.get("text")
    here = [own] if isinstance(own, str) else []
    return here + [text for value in blocks.values() for text in texts(value)]


def shown(blocks: Any) -> str:
    return "\n".join(texts(blocks))


def elements(blocks: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    found = [block for block in blocks if block["type"] == kind]
    return [element for block in found for element in block["elements"]]


def test_the_card_shows_where_the_ticket_stands() -> None:
    found = card_blocks(
        card(
            round=2,
            problem="Jira refuses the comment: give the account the right to comment",
            tasks=[
                CardTask(
                    title="Look at metrics", state=TaskState.COMPLETE, detail="2 change points"
                ),
                CardTask(title="Plan", state=TaskState.IN_PROGRESS),
                CardTask(title="Verify", state=TaskState.PENDING),
                CardTask(title="Read logs", state=TaskState.ERROR),
            ],
            diagnosis="The **pool** is used up [1].",
            confidence=0.82,
            evidence=[
                CardEvidence(
                    number=1, title="Pools", source="pools.md", url="https://k.example/p?a&b"
                )
            ],
            similar=[CardEvidence(number=1, title="Exports hang", source="PROJ-3")],
            links=[CardLink(title="Run", url="https://temporal.example/run")],
            engine="extractive",
            outcome=OutcomeKind.PROPOSED,
        )
    )
    text = shown(found)
    for expected in (
        "Exports fail",
        "*Waits for a decision*",
        "waiting for approval\nanomaly\nseverity high\nledger\nround 2",
        "⚠️ Jira refuses the comment",
        "✅ Look at metrics · 2 change points\n⏳ Plan\n⬜ Verify\n❌ Read logs",
        "confidence 82%",
        "The *pool* is used up [1].",
        "[1] <https://k.example/p?a&amp;b|Pools> · pools.md",
        "[1] Exports hang · PROJ-3",
        "<https://temporal.example/run|Run>",
        "Without a language model (extractive engine)\nprovisional",
    ):
        assert expected in text


def test_an_open_question_names_who_decides_until_when_and_by_which_code() -> None:
    text = shown(card_blocks(card(approval=asked(needed=2), remedy=remedy(size=40))))
    assert "*Widen the pool of ledger to 40?*" in text
    assert "2 of <@U0BOB>, <!subteam^S0OPS>, group:sre, jira:5b10" in text
    assert "code `K7Q2`" in text
    assert f"<!date^{int(NOW.timestamp()) + 86400}^" in text
    assert "|2026-11-23 12:00 UTC>" in text


def test_the_buttons_carry_ids_and_nothing_to_be_trusted() -> None:
    buttons = elements(card_blocks(card(approval=asked(), remedy=remedy(size=40))), "actions")
    assert [each["action_id"] for each in buttons] == DECIDING
    assert [each["value"] for each in buttons] == ["q-17"] * 4 + [TICKET]
    assert [each.get("style") for each in buttons] == ["primary", "danger", None, None, None]
    assert "exactly the arguments shown" in shown(buttons[0]["confirm"])


@pytest.mark.parametrize(
    "quiet", [card(), card(approval=asked(), final=True), card(decided="approved by slack:U0BOB")]
)
def test_there_is_no_question_and_no_button_when_nothing_waits(quiet: Card) -> None:
    assert elements(card_blocks(quiet), "actions") == []
    assert "May decide" not in shown(card_blocks(quiet))
    assert "K7Q2" not in card_text(quiet)


def test_after_a_decision_the_card_says_who_made_it() -> None:
    text = shown(card_blocks(card(decided="approved by slack:U0BOB <!channel> at 12:03")))
    assert "*Decided:* approved by <@U0BOB> &lt;!channel&gt; at 12:03" in text


def test_a_name_in_a_text_is_no_mention() -> None:
    text = shown(
        card_blocks(
            card(
                title="slack:U0BOB <@U0BOB>",
                headline="slack:U0BOB",
                reporter="<@U0BOB> slack:U0BOB",
                diagnosis="<@U0BOB> slack:U0BOB",
                approval=asked(approvers=["slack:u0bob", "slack:U0 BOB", "<@U0BOB>", "U0BOB"]),
            )
        )
    )
    assert "<@" not in text


def test_the_reporter_is_the_person_in_slack_and_elsewhere_the_name_as_it_is() -> None:
    reporters = {
        "slack:U0ALICE": "from <@U0ALICE>",
        "jira:5b10": "from jira:5b10",
        "mary": "from mary",
        "<!channel> & co": "from &lt;!channel&gt; &amp; co",
    }
    for reporter, expected in reporters.items():
        assert expected in texts(card_blocks(card(reporter=reporter))), reporter
    assert not any("from" in text for text in texts(card_blocks(card(reporter=""))))


def test_arguments_are_shown_exactly_with_everything_hidden_made_visible() -> None:
    arguments = {"path": "a & <b>", "note": "```\u202e\u200b\u00a0é", "n": [1, None, True]}
    found = card_blocks(card(approval=asked(), remedy=remedy(**arguments)))
    code = next(text for text in texts(found) if text.startswith("```"))
    inside = code.removeprefix("```\n").removesuffix("\n```")
    assert "\\u202e\\u200b\\u00a0é" in inside
    assert "```" not in inside
    as_sent = inside.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert json.loads(as_sent) == arguments


def test_long_arguments_are_shown_over_several_sections() -> None:
    arguments = {f"key{number}": "value" for number in range(200)}
    found = card_blocks(card(approval=asked(), remedy=remedy(**arguments)))
    code = [text for text in texts(found) if text.startswith("```")]
    assert len(code) > 1
    assert json.loads("".join(text[4:-4] for text in code)) == arguments
    assert "exactly the arguments shown" in shown(found)


def test_arguments_too_long_for_slack_are_never_cut_silently() -> None:
    found = card_blocks(card(approval=asked(), remedy=remedy(script="x" * 50_000)))
    text = shown(found)
    missing = re.search(
        r"… ([\d,]+) characters not shown here: `mendwheel show --json (\S+)`", text
    )
    assert missing
    assert missing[2] == TICKET
    visible = sum(part.count("x") for part in texts(found) if part.startswith("```"))
    assert visible + int(missing[1].replace(",", "")) == pytest.approx(50_000, abs=10)
    assert "the card shows a part" in shown(elements(found, "actions")[0]["confirm"])
    assert "exactly" not in shown(elements(found, "actions"))


def test_a_long_diagnosis_says_how_much_is_missing_and_where_it_is() -> None:
    text = shown(card_blocks(card(diagnosis="word " * 9000)))
    assert re.search(rf"… [\d,]+ characters not shown here: `mendwheel why {TICKET}`", text)


def test_long_lists_say_how_many_are_missing() -> None:
    many = [CardEvidence(number=n, title="t" * 150, source="s") for n in range(1, 60)]
    text = shown(card_blocks(card(evidence=many)))
    listed = len(re.findall(r"^\[\d+\] ", text, re.MULTILINE))
    assert 0 < listed < 59
    assert f"… {59 - listed} more not shown here" in text


def test_a_final_answer_asks_whether_it_helped() -> None:
    (thumbs,) = elements(
        card_blocks(card(final=True, outcome=OutcomeKind.ANSWERED)), "context_actions"
    )
    assert thumbs["action_id"] == names.FEEDBACK
    assert read_feedback(thumbs["positive_button"]["value"]) == (TICKET, True)
    assert read_feedback(thumbs["negative_button"]["value"]) == (TICKET, False)


def test_an_unfinished_or_unanswered_ticket_asks_for_no_feedback() -> None:
    for each in (card(outcome=OutcomeKind.ANSWERED), card(final=True, outcome=OutcomeKind.FIXED)):
        assert elements(card_blocks(each), "context_actions") == []


def test_values_that_are_not_ours_are_no_feedback() -> None:
    for value in ("", "up", "up ", "sideways t-1"):
        with pytest.raises(ValueError, match="no feedback"):
            read_feedback(value)


def test_the_time_of_writing_changes_nothing() -> None:
    later = card(updated_at=NOW + timedelta(minutes=5))
    assert card_blocks(later) == card_blocks(card())


def test_messages_call_whom_they_should_and_carry_no_buttons() -> None:
    message = Message(
        kind=MessageKind.ASKED,
        text="**Widen the pool?** <!channel>",
        approval=asked(),
        mention=["slack:U0BOB", "slack:S0OPS", "group:sre", "slack:U0BOB"],
        ticket_id=TICKET,
    )
    found = message_blocks(message)
    assert texts(found)[0] == "<@U0BOB> <!subteam^S0OPS> group:sre"
    assert "*Widen the pool?* &lt;!channel&gt;" in shown(found)
    assert "buttons on the card above" in shown(found)
    assert elements(found, "actions") == []
    assert message_text(message).startswith("<@U0BOB> <!subteam^S0OPS> group:sre ")


def test_a_message_offers_thumbs_when_it_should() -> None:
    message = Message(kind=MessageKind.FINAL, text="Do this", feedback=True, ticket_id=TICKET)
    (thumbs,) = elements(message_blocks(message), "context_actions")
    assert read_feedback(thumbs["negative_button"]["value"]) == (TICKET, False)


def test_a_message_without_anything_to_see_is_still_one_that_slack_takes() -> None:
    for text in ("", "```", "\u200b", "> "):
        message = Message(kind=MessageKind.REPLY, text=text)
        assert problems(message_blocks(message)) == []
        assert not blank(message_text(message))


# --- whatever is in it -------------------------------------------------------

SNIPPETS = [
    "<!channel>",
    "<@U9EVIL>",
    "<#C1|x>",
    "[a](https://a.example/<!here>)",
    "```",
    "`",
    "*b*",
    "&",
    "&amp;",
    '"\\',
    "\u202e\u2066\u200b\u0000",
    "👩‍👩‍👧",
    "日本",
    "\n",
    "\n\n- ",
    " ",
    "| a |\n|---|\n| 1 |\n",
    "word ",
    "slack:U123",
]
short = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=8), max_size=12).map("".join)
texts_of_any_length = st.builds(
    lambda text, times: (text * times)[:30_000], short, st.sampled_from([1, 1, 1, 50, 2000])
)
few = st.integers(0, 4)
urls = st.none() | texts_of_any_length | st.just("https://a.example/") | st.just("javascript:x")
evidence = st.builds(
    CardEvidence, number=few, title=texts_of_any_length, source=texts_of_any_length, url=urls
)
many_evidence = st.builds(lambda one, times: one * times, st.lists(evidence, max_size=3), few)
arguments = st.dictionaries(
    short, st.recursive(texts_of_any_length | st.integers(), st.lists), max_size=4
)
approvals = st.builds(
    asked,
    request_id=texts_of_any_length,
    tool=texts_of_any_length,
    question=texts_of_any_length,
    code=texts_of_any_length,
    approvers=st.lists(texts_of_any_length | st.just("slack:U0BOB"), max_size=60),
)
cards = st.builds(
    card,
    ticket_id=texts_of_any_length | st.just(TICKET),
    title=texts_of_any_length,
    reporter=texts_of_any_length,
    headline=texts_of_any_length,
    component=st.none() | texts_of_any_length,
    tasks=st.lists(
        st.builds(
            CardTask,
            title=texts_of_any_length,
            state=st.sampled_from(TaskState),
            detail=texts_of_any_length,
        ),
        max_size=30,
    ),
    diagnosis=texts_of_any_length,
    evidence=many_evidence,
    similar=many_evidence,
    remedy=st.none()
    | st.builds(
        CardRemedy,
        tool=texts_of_any_length,
        arguments=arguments,
        expected=texts_of_any_length,
        risk=st.sampled_from(Risk),
        standing=texts_of_any_length,
    ),
    approval=st.none() | approvals,
    decided=texts_of_any_length,
    outcome=st.none() | st.sampled_from(OutcomeKind),
    engine=texts_of_any_length,
    problem=texts_of_any_length,
    links=st.lists(
        st.builds(CardLink, title=texts_of_any_length, url=texts_of_any_length), max_size=5
    ),
    final=st.booleans(),
)
messages = st.builds(
    Message,
    kind=st.sampled_from(MessageKind),
    text=texts_of_any_length,
    approval=st.none() | approvals,
    mention=st.lists(short | st.just("slack:U0BOB") | st.just("slack:S0OPS"), max_size=80),
    feedback=st.booleans(),
    ticket_id=texts_of_any_length | st.just(TICKET),
)
ALLOWED = re.compile(
    r"<(?:https?://[^<>|\s]+\|[^<>|]+|@(?!U9EVIL)[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^[^|]+\|[^>]+)>"
)


def accepted(blocks: list[dict[str, Any]]) -> None:
    """Slack takes `blocks`, by three accounts of its rules, and nobody is called by a text."""
    assert problems(blocks) == []
    assert 0 < len(blocks) <= 50
    assert weight(blocks) <= MESSAGE
    for block in blocks:
        parsed = SlackBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()
        for own in (block.get("text"), *block.get("elements", [])):
            assert not own or own["type"] != "mrkdwn" or own["verbatim"] is True
        assert block["type"] != "section" or block["text"]["text"].count("```") % 2 == 0
        for text in texts(block):
            assert not blank(text)
            for angled in re.findall(r"<[^>]*>?", text):
                assert ALLOWED.fullmatch(angled), angled
    ids = [element["action_id"] for element in elements(blocks, "actions")]
    assert len(ids) == len(set(ids))


def fallback(text: str) -> None:
    assert 0 < size(text) < 4000
    assert not blank(text)


@settings(max_examples=30, deadline=None)
@given(cards)
def test_slack_takes_every_card(any_card: Card) -> None:
    accepted(card_blocks(any_card))
    fallback(card_text(any_card))


@settings(max_examples=30, deadline=None)
@given(messages)
def test_slack_takes_every_message(message: Message) -> None:
    accepted(message_blocks(message))
    fallback(message_text(message))
