"""How often one card is written."""

import threading
import time

import pytest

from mendwheel.integrations.pace import Pace


def test_a_card_is_written_again_only_after_the_pause() -> None:
    pace = Pace(0.2)
    pace.written("C1:1")
    began = time.monotonic()
    pace.keep("C1:1")
    pace.keep("C1:1")
    assert time.monotonic() - began >= 0.39


def test_cards_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    pace = Pace(60)
    pace.keep("C1:1")
    pace.keep("C1:2")
    assert waits == [0, 0]


def test_threads_that_write_one_card_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    pace = Pace(60)
    threads = [threading.Thread(target=pace.keep, args=("C1:1",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [round(wait / 60) for wait in sorted(waits)] == [0, 1, 2, 3]


def test_what_was_written_long_ago_is_forgotten_and_the_latest_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    pace = Pace(60)
    for number in range(5000):
        pace.keep(f"C1:{number}")
    assert len(pace._written) == 2000
    pace.keep("C1:4999")
    pace.keep("C1:0")
    assert [round(wait / 60) for wait in waits[-2:]] == [1, 0]
