"""Promises of every backend about what was given up: Letters."""

from datetime import UTC, datetime

import pytest

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.letter import DeadLetter, LetterKind, LetterStanding

KEY = EffectKey(ticket_id="t1", round=1, step="publish-final", target="slack:C1/odd/place")
LETTER = DeadLetter(
    key=KEY,
    kind=LetterKind.MESSAGE,
    reason="not in the channel",
    at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
    request=ArtifactRef(tenant="default", sha256="a" * 64, size=9),
    unknown=True,
)


def test_what_was_given_up_is_found_as_it_was_also_after_a_restart(backend):
    backend.letters.add(LETTER)
    backend.restart()
    assert backend.letters.get(KEY) == LETTER
    assert backend.letters.list() == [LETTER]
    assert backend.letters.count() == 1
    assert backend.letters.get(KEY.model_copy(update={"round": 2})) is None


def test_it_is_ended_once_and_the_first_end_stands(backend):
    backend.letters.add(LETTER)
    assert backend.letters.end(KEY, LetterStanding.DISCARDED, "ada", "told them")
    assert not backend.letters.end(KEY, LetterStanding.DONE, "grace")
    ended = backend.letters.get(KEY)
    assert (ended.standing, ended.ended_by, ended.note) == ("discarded", "ada", "told them")
    assert (backend.letters.list(), backend.letters.count()) == ([], 0)
    assert backend.letters.list(every=True) == [ended]
    assert not backend.letters.end(KEY.model_copy(update={"step": "x"}), LetterStanding.DONE, "a")


def test_given_up_once_more_it_is_open_with_the_newest_reason_and_request(backend):
    backend.letters.add(LETTER)
    backend.letters.end(KEY, LetterStanding.DONE, "ada")
    newer = LETTER.model_copy(update={"reason": "archived", "request": None, "unknown": False})
    backend.letters.add(newer)
    assert backend.letters.list() == [newer]


def test_oldest_come_first_and_no_more_than_asked_for(backend):
    for day in (3, 1, 2):
        at = LETTER.at.replace(day=day)
        key = KEY.model_copy(update={"round": day})
        backend.letters.add(LETTER.model_copy(update={"key": key, "at": at}))
    assert [each.key.round for each in backend.letters.list(limit=2)] == [1, 2]


def test_a_key_that_was_printed_is_read_as_the_same():
    assert EffectKey.parse(f" {KEY} ") == KEY
    for wrong in ("", "t/1/s", "t/one/s/x"):
        with pytest.raises(ValueError, match="TICKET/ROUND/STEP/TARGET"):
            EffectKey.parse(wrong)
