"""A writing thread may be interrupted between any two steps: those who come after it still write.

Ctrl-C does it to a command, and a host's worker may do it to a cancelled activity's thread.
"""

from typing import Any

import pytest

from mendwheel.ports import StoreUnavailable
from mendwheel.stores import Store


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


def _insert(db: Any) -> None:
    db.execute("INSERT INTO notes VALUES ('kept')")
