"""Dialogs within Slack's limits, and arguments that keep their types."""

import json
from typing import Any

import pytest

from mendwheel.domain.knowledge import Case
from mendwheel.integrations.slack import home, modals
from mendwheel.integrations.slack.modals import Origin
from mendwheel.settings import Settings
from mendwheel.testing.slack_limits import VIEW_BLOCKS, check_blocks
from tests.cards import NOW, asked

ORIGIN = Origin(question="r1", channel="C1", thread="1.2")


def submitted(view: dict[str, Any], **changes: str) -> dict[str, str]:
    """What Slack sends back of `view` when only `changes` were made, read."""
    state = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            name, value = block["block_id"], block["element"].get("initial_value")
            state[name] = {block["element"]["action_id"]: {"value": changes.get(name, value)}}
    return modals.values({"state": {"values": state}})


KINDS = {"count": 3, "deep": {"a": [1, {"b": None}]}, "flag": True, "list": ["x"], "name": "shop",
         "none": None, "ratio": 0.5, "text": "two\nlines"}  # fmt: skip


def test_what_nobody_changes_comes_back_as_it_was() -> None:
    view = modals.edit(asked(arguments=KINDS), ORIGIN)
    edited, wrong = modals.arguments(KINDS, submitted(view))
    assert (edited, wrong) == (KINDS, {})
    assert Origin.of(view) == ORIGIN


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("count", "4", 4), ("count", " 2.5 ", 2.5), ("flag", "false", False), ("name", "3", "3"),
        ("name", "", ""), ("list", "[]", []), ("none", '"set"', "set"), ("none", "", None),
        ("text", "true", "true"),
    ],
)  # fmt: skip
def test_an_argument_keeps_its_type(name: str, text: str, value: Any) -> None:
    block = f"argument-{sorted(KINDS).index(name)}"
    view = modals.edit(asked(arguments=KINDS), ORIGIN)
    edited, wrong = modals.arguments(KINDS, submitted(view, **{block: text}))
    assert wrong == {}
    assert edited == KINDS | {name: value}
    assert type(edited[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("count", "three"), ("count", "true"), ("count", ""), ("count", "NaN"), ("count", '"3"'),
        ("flag", "1"), ("flag", "True"), ("list", "{}"), ("deep", "[]"), ("deep", "{"),
        ("none", "unquoted"), ("list", "[" * 5000),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_under_its_input(name: str, text: str) -> None:
    block = f"argument-{sorted(KINDS).index(name)}"
    view = modals.edit(asked(arguments=KINDS), ORIGIN)
    edited, wrong = modals.arguments(KINDS, submitted(view, **{block: text}))
    assert list(wrong) == [block]
    assert " as in " in wrong[block]
    assert edited == KINDS


def test_any_arguments_make_a_dialog_that_slack_takes() -> None:
    many = {f"argument {n} <&>" + "x" * 300: "y" * n * 40 for n in range(120)}
    for arguments in (many, {"": ""}, {"*": "<!channel>"}, {"big": ["z" * 5000]}):
        view = modals.edit(asked(arguments=arguments, question="q" * 5000), ORIGIN)
        _check(view)
        edited, wrong = modals.arguments(arguments, submitted(view))
        assert (edited, wrong) == (arguments, {}), "what has no input stays as it is"


def test_the_other_dialogs_are_within_the_limits() -> None:
    hostile = asked(question="*<!channel>* & <@U1> " + "q" * 4000)
    for view in (modals.reject(hostile, ORIGIN), modals.more("t" * 5000, ORIGIN)):
        _check(view)
        assert modals.first_input(view) in {"reason", "more"}
        assert "<!channel>" not in json.dumps(view)


def test_a_home_with_hundreds_of_tickets_is_within_the_limits() -> None:
    case = Case(ticket_id="mendwheel-1", title="<!channel> " + "t" * 400, text="", opened_at=NOW)
    waiting = [(asked(question="q" * 4000), case)] * 300
    view = home.view(waiting, [case] * 300, Settings(), "https://example.slack.com")
    check_blocks(view["blocks"], most=VIEW_BLOCKS, modal=False)
    assert "<!channel>" not in json.dumps(view)
    assert "260 more" in json.dumps(view)
    empty = home.view([], [], Settings(), "")
    check_blocks(empty["blocks"], most=VIEW_BLOCKS, modal=False)
    assert "Nothing waits for you" in json.dumps(empty)


def _check(view: dict[str, Any]) -> None:
    check_blocks(view["blocks"], most=VIEW_BLOCKS, modal=True)
    for part in ("title", "submit", "close"):
        assert 0 < len(view[part]["text"]) <= 24
    assert len(view["private_metadata"]) <= 3000
