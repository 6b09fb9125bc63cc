"""A comment is a command only when its author began it with one, in their own words."""

from datetime import UTC, datetime

import pytest

from mendwheel.integrations.jira.commands import Verb, mark, of, read
from mendwheel.integrations.jira.issue import Comment, Person

MARY, ADA = Person(id="mary"), Person(id="ada")
AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def comment(text: str, author: Person | None = MARY, editor: Person | None = None) -> Comment:
    return Comment(id="17", author=author, editor=editor, text=text, created=AT, updated=AT)


@pytest.mark.parametrize(
    ("text", "verb", "code"),
    [
        ("/approve 7F3A09", Verb.APPROVE, "7F3A09"),
        ("/approve 7f3a09", Verb.APPROVE, "7F3A09"),
        ("\n\n  /Approve `7F3A09`, go ahead", Verb.APPROVE, "7F3A09"),
        ("/approve\xa07F3A09", Verb.APPROVE, "7F3A09"),
        ("/approve", Verb.APPROVE, ""),
        ("/approve please", Verb.APPROVE, ""),
        ("/reject 7F3A09 not before noon", Verb.REJECT, "7F3A09"),
        ("/reject\ttoo risky", Verb.REJECT, ""),
        ("/more it began at 09:40\nsee the log", Verb.MORE, ""),
        ("/stop", Verb.STOP, ""),
        ("> Shall it be restarted?\n>\n> Code 111111\n\n/approve 7F3A09", Verb.APPROVE, "7F3A09"),
    ],
)
def test_a_first_line_that_begins_with_a_command_is_one(text: str, verb: Verb, code: str) -> None:
    found = read(text)
    assert found is not None
    assert (found.verb, found.code) == (verb, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "approve 7F3A09",
        "please /approve 7F3A09",
        "I would say\n/approve 7F3A09",
        "> /approve 7F3A09",
        "> quoted\n> /approve 7F3A09",
        "```\n/approve 7F3A09\n```",
        "    /approve 7F3A09",
        "\t/approve 7F3A09",
        "`/approve 7F3A09`",
        "- /approve 7F3A09",
        "/approved 7F3A09",
        "/approve-all",
        "//approve 7F3A09",
        "/deploy now",
        "{quote}\n/approve 7F3A09\n{quote}",
        "{code}\n/approve 7F3A09\n{code}",
    ],
)
def test_anything_else_is_text(text: str) -> None:
    assert read(text) is None


def test_what_follows_the_code_is_the_reason() -> None:
    found = read("/reject 7F3A09  not before noon\nthe fair is on")
    assert found is not None
    assert found.beyond("7F3A09") == "not before noon\nthe fair is on"
    assert found.beyond("111111") == found.rest
    plain = read("/reject facade is being painted")
    assert plain is not None
    assert plain.beyond("7F3A09") == "facade is being painted"


def test_a_code_alone_has_nothing_beyond() -> None:
    found = read("/approve 7F3A09")
    assert found is not None
    assert found.beyond("7F3A09") == ""


def test_a_comment_that_somebody_else_has_edited_is_no_command() -> None:
    assert of(comment("/approve 7F3A09", editor=ADA)) is None
    assert of(comment("/approve 7F3A09", editor=MARY)) is not None
    assert of(comment("/approve 7F3A09")) is not None


@pytest.mark.parametrize("author", [None, Person(id="app", bot=True)])
def test_nobody_and_apps_command_nothing(author: Person | None) -> None:
    assert of(comment("/approve 7F3A09", author=author)) is None


def test_a_corrected_code_is_another_command_and_a_postscript_is_not() -> None:
    texts = ["/approve 111111", "/approve 7F3A09", "/approve 7F3A09\n\nthanks!"]
    wrong, right, more = (mark(comment(text), found) for text in texts if (found := read(text)))
    assert wrong != right == more


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85", "\r"])
def test_no_invisible_sign_ends_a_quotation(sign: str) -> None:
    assert read(f"> what they wrote{sign}/approve 7F3A09\n\nIs that so?") is None
