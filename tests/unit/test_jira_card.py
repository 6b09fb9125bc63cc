"""A card as one Jira comment: what matters most first, data as data, ways to answer in full."""

from functools import partial
from typing import Any

import pytest

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
from mendwheel.domain.ticket import Severity, TicketKind
from mendwheel.integrations.jira.adf import document
from mendwheel.integrations.jira.body import share
from mendwheel.integrations.jira.card import called, card_markdown, message_markdown
from mendwheel.integrations.jira.wiki import wiki
from tests import cards

CLOUD = partial(share, cloud=True)
DATA_CENTER = partial(share, cloud=False)

QUESTION = cards.asked(
    tool="queue.purge",
    risk=Risk.HIGH,
    question="Purge the queue *now*?",
    code="A1B2C3",
    approvers=["group:ops", "jira:ann"],
    needed=2,
)

card = partial(cards.card, title="Mail is late", headline="looking at the queue")


def full(**more: Any) -> Card:
    return card(
        **{
            "round": 2,
            "kind": TicketKind.ANOMALY,
            "severity": Severity.HIGH,
            "component": "mail_queue",
            "tasks": [
                CardTask(title="Understand", state=TaskState.COMPLETE),
                CardTask(title="Act", state=TaskState.ERROR, detail="no *reply*"),
            ],
            "diagnosis": "The queue is **full** [1].\n\n- since 3am [2]",
            "confidence": 0.82,
            "evidence": [
                CardEvidence(number=1, title="Depth [x]", source="metrics", url="https://g.ex/1"),
                CardEvidence(number=2, title="Log", source="logs", url="javascript:alert(1)"),
            ],
            "similar": [CardEvidence(number=1, title="Mail was late", source="PROJ-1")],
            "remedy": CardRemedy(
                tool="queue.purge",
                arguments={"queue": "mail`*", "older_than": 60},
                expected="the queue drains",
                risk=Risk.HIGH,
                standing="waits for a decision",
            ),
            "approval": QUESTION,
            "problem": "the status was not changed: Resolution is missing",
            "links": [CardLink(title="Temporal run", url="https://t.example/run")],
            "engine": "gpt",
        }
        | more
    )


def test_a_card_says_what_happens_what_was_found_and_how_to_answer() -> None:
    text = card_markdown(full(), CLOUD)
    in_order = [
        "**looking at the queue**",
        "Phase: investigate · round 2 · anomaly · severity high · mail\\_queue",
        "> [!WARNING]\n> the status was not changed",
        "### Remedy: `queue.purge`",
        "waits for a decision; risk high; expected: the queue drains",
        '```json\n{\n  "older_than": 60,\n  "queue": "mail`*"\n}\n```',
        "> [!IMPORTANT]\n> **Purge the queue \\*now\\*\\?**",
        "2 of group\\:ops\\, jira\\:ann must agree",
        "> - `/approve A1B2C3` to have it done",
        "> - `/reject reason`",
        "> - `/more what to look at`",
        "> - `/stop`",
        "### Diagnosis (82% sure)",
        "The queue is **full** [1].",
        "- \\[1\\] [Depth \\[x\\]](<https://g.ex/1>) — metrics",
        "- \\[2\\] Log — logs",
        "### Plan",
        "- ✅ Understand",
        "- ❌ Act: no \\*reply\\*",
        "### Tickets like this one",
        "[Temporal run](<https://t.example/run>)",
    ]
    places = [text.find(each) for each in in_order]
    assert [each for each, at in zip(in_order, places, strict=True) if at < 0] == []
    assert places == sorted(places)


def test_an_ended_round_asks_nothing_and_says_how_it_ended() -> None:
    text = card_markdown(
        full(final=True, outcome=OutcomeKind.FIXED, decided="approved by jira:ann"), CLOUD
    )
    assert "/approve" not in text
    assert "outcome: fixed" in text
    assert "Decided: approved by jira\\:ann" in text


def test_data_of_a_card_stays_data() -> None:
    hostile = "x\n\n> [!IMPORTANT]\n> `/approve A1B2C3`\n# [~all] {color:red} [a](https://evil.ex)"
    shown = card(
        headline=hostile,
        problem=hostile,
        component=hostile,
        decided=hostile,
        engine=hostile,
        tasks=[CardTask(title=hostile, state=TaskState.PENDING, detail=hostile)],
        evidence=[CardEvidence(number=1, title=hostile, source=hostile)],
        similar=[CardEvidence(number=1, title=hostile, source=hostile)],
        links=[CardLink(title=hostile, url=f"javascript:{hostile}")],
    )
    made = document(card_markdown(shown, CLOUD))
    kinds = [node["type"] for node in made["content"]]
    assert kinds.count("panel") == 1  # the problem's own
    headings = [node["content"][0]["text"] for node in made["content"] if node["type"] == "heading"]
    assert headings == ["Diagnosis", "Plan", "Tickets like this one"]
    assert "'code'" not in str(made)
    assert "'link'" not in str(made)
    assert "[~all]" not in wiki(card_markdown(shown, DATA_CENTER))


@pytest.mark.parametrize("measure", [CLOUD, DATA_CENTER])
def test_the_question_survives_a_diagnosis_of_any_length(measure: partial[float]) -> None:
    text = card_markdown(full(diagnosis="The queue is full, *again*.\n\n" * 1800), measure)
    assert measure(text) <= 1
    assert "/approve A1B2C3" in text
    assert text.endswith("_The rest did not fit into one comment._")


def test_arguments_that_cannot_be_shown_in_full_are_not_shown_in_part() -> None:
    remedy = CardRemedy(tool="t", arguments={"sql": "x" * 50_000}, risk=Risk.LOW)
    text = card_markdown(full(remedy=remedy), CLOUD)
    assert "xxx" not in text
    assert "read them at the run before you decide" in text


def test_an_empty_card_says_its_phase() -> None:
    assert card_markdown(card(headline=""), CLOUD).startswith("**investigate**")


def test_a_message_with_a_question_tells_how_to_answer_once() -> None:
    asked = Message(kind=MessageKind.ASKED, text="**Purge?**", approval=QUESTION)
    assert "`/approve A1B2C3`" in message_markdown(asked)
    told = asked.model_copy(update={"text": "write /approve A1B2C3"})
    assert message_markdown(told) == told.text
    assert message_markdown(Message(kind=MessageKind.FINAL, text="done")) == "done"


def test_only_people_of_jira_are_called_in_jira() -> None:
    mention = ["slack:U1", "jira:712020:ann", "slack:S1", "jira:bob", "jira:"]
    assert called(Message(kind=MessageKind.FINAL, text="x", mention=mention)) == [
        "712020:ann",
        "bob",
    ]


def test_arguments_show_what_would_be_hidden() -> None:
    remedy = CardRemedy(
        tool="t", arguments={"host": "prod\u202egnigats\u200b"}, risk=Risk.LOW, standing="proposed"
    )
    shown = card_markdown(card(remedy=remedy), CLOUD)
    assert '"host": "prod\\u202egnigats\\u200b"' in shown
