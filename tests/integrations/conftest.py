"""Slack and Jira as tests meet them: ours, new for each test; other people's, one a session."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from mendwheel.testing.slack_side import SlackSide
from tests.counterparts import BacklotCounterpart, JiraCounterpart, SlackCounterpart
from tests.counterparts.process import Counterpart
from tests.workflows.tickets import set_state_file

Kind = TypeVar("Kind", bound=Counterpart)


@pytest.fixture
def own_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the remedies act on, in a file of the test's own."""
    set_state_file(tmp_path / "platform", monkeypatch.setenv)


@pytest.fixture
def slack() -> Iterator[SlackSide]:
    """A Slack that fails on order; nothing has happened in it yet."""
    with SlackSide() as slack:
        yield slack


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
