"""A worker's rooms for each search, closed afterwards."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from mendwheel.domain.remedy import Risk
from tests.machine.rooms import Rooms


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Risk], Rooms]]:
    with ExitStack() as stack:
        yield lambda risk: stack.enter_context(closing(Rooms(tmp_path, monkeypatch, risk)))
