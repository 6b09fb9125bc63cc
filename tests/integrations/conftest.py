"""Slack and Jira as tests meet them: real processes on free ports, one of each a session."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from tests.counterparts import (  # noqa: E402
    BacklotCounterpart,
    JiraCounterpart,
    SlackCounterpart,
)
from tests.counterparts.process import Counterpart  # noqa: E402

Kind = TypeVar("Kind", bound=Counterpart)


@pytest.fixture(scope="session")
def emulate_slack(request: pytest.FixtureRequest) -> Iterator[SlackCounterpart]:
    """A workspace. Take a channel of your own with `channel()`; `reset()` changes all ids."""
    yield from _running(SlackCounterpart(), request)


@pytest.fixture(scope="session")
def jira820(request: pytest.FixtureRequest) -> Iterator[JiraCounterpart]:
    """A Data Center site with the project LP. Work on issues of your own."""
    yield from _running(JiraCounterpart(), request)


@pytest.fixture(scope="session")
def backlot(request: pytest.FixtureRequest) -> Iterator[BacklotCounterpart]:
    """Slack and Jira Cloud to read from, with the answers of the real ones to mistakes."""
    yield from _running(BacklotCounterpart(), request)


def _running(counterpart: Kind, request: pytest.FixtureRequest) -> Iterator[Kind]:
    with counterpart:
        yield counterpart
        # Which test used which counterpart is not known here: one failure keeps the logs of all.
        counterpart.keep_log = request.session.testsfailed > 0
