"""A writing thread may be interrupted between any two steps: those who come after it still write.

Ctrl-C does it to a command, and a host's worker may do it to a cancelled activity's thread.
"""

from typing import Any

import pytest

from mendwheel.ports import StoreUnavailable
from mendwheel.stores import Store
from mendwheel.stores.writer import Job


class Interrupt(BaseException):
    """Raised in a thread from outside."""


@pytest.fixture
def interrupted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next batch is broken off after its transaction has begun."""
    writer = store._writer
    assert writer is not None
    begin = writer._begin

    def begin_and_stop(durable: bool) -> None:
        assert begin(durable) is None
        monkeypatch.setattr(writer, "_begin", begin)
        raise Interrupt

    monkeypatch.setattr(writer, "_begin", begin_and_stop)


@pytest.mark.usefixtures("interrupted")
def test_interrupted_batch_leaves_no_transaction_behind(store: Store) -> None:
    with pytest.raises(Interrupt):
        store.write(_insert)
    store.write(_insert, durable=True)
    assert store.rows("SELECT count(*) FROM notes") == [(1,)]


def test_those_whose_batch_is_interrupted_hear_of_it(
    store: Store, held: Any, request: pytest.FixtureRequest
) -> None:
    waiting = [held.write(_insert) for _ in range(2)]
    request.getfixturevalue("interrupted")
    held.release()
    errors = [each.exception(10) for each in waiting]
    assert {type(error) for error in errors} == {Interrupt, StoreUnavailable}
    store.write(_insert)
    assert store.rows("SELECT count(*) FROM notes") == [(1,)]


@pytest.mark.parametrize("begun", [False, True])
def test_no_job_of_an_interrupted_turn_is_waited_for_in_vain(
    store: Store, held: Any, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """Before a batch is begun its jobs are written by the next one; after it they are unknown."""
    writer = store._writer
    assert writer is not None
    process = writer._process

    def stop_before(batch: list[Job]) -> None:
        monkeypatch.setattr(writer, "_process", process)
        for job in batch:
            job.begun = begun
        raise Interrupt

    waiting = [held.write(_insert) for _ in range(3)]
    monkeypatch.setattr(writer, "_process", stop_before)
    held.release()
    errors = [type(each.exception(10)) for each in waiting]
    others = StoreUnavailable if begun else type(None)
    assert sorted(map(str, errors)) == sorted(map(str, [Interrupt, others, others]))
    store.write(_insert)
    assert store.rows("SELECT count(*) FROM notes") == [(1 if begun else 4,)]
    assert not writer._jobs


def _insert(db: Any) -> None:
    db.execute("INSERT INTO notes VALUES ('kept')")
