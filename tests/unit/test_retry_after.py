"""How long an answer asks us to wait, whoever gave it and however it says so."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.retry_after import LONGEST_WAIT, seconds_to_wait

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HALF_PAST = "Sun, 22 Nov 2026 12:30:00 GMT"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (" 30 ", 30.0),
        (HALF_PAST, 1800.0),
        ("Sun, 22 Nov 2026 12:30:00", 1800.0),
        ("Sun, 22 Nov 2026 14:30:00 +0200", 1800.0),
        ("soon", None),
        ("-5", None),
        ("2.5", None),
        ("²", None),
        ("", None),
    ],
)
def test_seconds_and_dates_are_read_and_nothing_else(value: str, seconds: float | None) -> None:
    assert seconds_to_wait({"Retry-After": value}, NOON) == seconds


def test_without_the_header_there_is_no_wait() -> None:
    assert seconds_to_wait({"Date": HALF_PAST}, NOON) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3601", LONGEST_WAIT),
        ("99999999999999999999", LONGEST_WAIT),
        ("Sun, 22 Nov 2099 11:00:00 GMT", LONGEST_WAIT),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
    ],
)
def test_no_wait_is_negative_or_without_end(value: str, seconds: float) -> None:
    assert seconds_to_wait({"Retry-After": value}, NOON) == seconds


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Sun, 22 Nov 2026 12:29:50 GMT", 10.0),
        ("Sun, 22 Nov 2026 12:31:00 GMT", 0.0),
        ("today", 1800.0),
    ],
)
def test_a_date_counts_from_the_clock_of_who_sent_it(date: str, seconds: float) -> None:
    assert seconds_to_wait({"Retry-After": HALF_PAST, "Date": date}, NOON) == seconds


def test_header_names_are_read_in_any_case() -> None:
    said = {"retry-after": HALF_PAST, "DATE": "Sun, 22 Nov 2026 12:29:00 GMT"}
    assert seconds_to_wait(said, NOON) == 60.0


def test_without_a_clock_given_a_date_counts_from_now() -> None:
    assert seconds_to_wait({"Retry-After": "Fri, 01 Jan 1999 00:00:00 GMT"}) == 0.0
    assert seconds_to_wait({"Retry-After": "Fri, 01 Jan 2199 00:00:00 GMT"}) == LONGEST_WAIT


_PIECES = st.sampled_from(
    ["Sun,", "22", "Nov", "2026", "12:00:30", "99:99", "GMT", "-9999", "9" * 400, "²", "\x00", "("]
)


@given(st.lists(_PIECES).map(" ".join) | st.text())
def test_no_header_however_odd_breaks_anything(value: str) -> None:
    for said in ({"Retry-After": value}, {"Retry-After": HALF_PAST, "Date": value}):
        seconds = seconds_to_wait(said, NOON)
        assert seconds is None or 0.0 <= seconds <= LONGEST_WAIT
