"""A Slack, a client for it, and an app that keeps what it is sent."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from mendwheel.testing import JiraSide, SlackSide
from tests.sides.recorder import Recorder


@pytest.fixture
def slack() -> Iterator[SlackSide]:
    with SlackSide() as side:
        yield side


@pytest.fixture
def web(slack: SlackSide) -> WebClient:
    return WebClient(slack.token, base_url=slack.base_url, retry_handlers=[], timeout=0.5)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as app:
        yield app


@pytest.fixture(params=["cloud", "datacenter"])
def either(request: pytest.FixtureRequest) -> Iterator[JiraSide]:
    with JiraSide(request.param) as side:
        yield side


@pytest.fixture
def cloud() -> Iterator[JiraSide]:
    with JiraSide() as side:
        yield side
