"""Nothing that a ticket says controls the terminal it is shown on."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.cli.terminal import document, line, note, safe, say, table

HOSTILE = "a\x1b[31mred\x1b[0m \x1b]0;title\x07b \x9b2J c\x08\x08 \u202edrow\u202c \x7f\ud800 d"


@given(st.text())
def test_no_text_keeps_a_control_character_but_line_feed_and_tab(text: str) -> None:
    left = set(safe(text)) - {"\n", "\t"}
    assert not {unicodedata.category(char) for char in left} & {"Cc", "Cs"}
    assert not left & set("\u061c\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2069")


def test_escape_sequences_go_whole_and_words_stay() -> None:
    assert line(HOSTILE) == "ared b 2J c drow d"


def test_every_language_stays_readable() -> None:
    text = "Größe 東京 🚀 — «да»\n\tзавтра"
    assert safe(text) == text


def test_markup_in_a_text_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    say("[bold red]x[/] :smile: [link=http://evil]y[/link]", style="green")
    table(("a", "b"), [("[red]1[/]", HOSTILE)], shrink="b")
    shown = capsys.readouterr().out
    assert "[bold red]x[/] :smile: [link=http://evil]y[/link]" in shown
    assert "[red]1[/]" in shown
    assert "\x1b" not in shown


def test_a_table_in_a_pipe_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    table(("id", "title"), [("t" * 200, "w " * 400)], shrink="title")
    row = capsys.readouterr().out.splitlines()[1]
    assert "t" * 200 in row
    assert row.count("w") == 400


def test_notes_never_reach_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    note("beside")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "beside\n")


def test_a_document_is_json_that_says_the_same_and_is_safe_to_look_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document({"text": HOSTILE, "city": "東京"})
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"text": HOSTILE, "city": "東京"}
    assert "東京" in shown
    assert not set(shown) & set("\x1b\x9b\x7f\u202e\ud800")
