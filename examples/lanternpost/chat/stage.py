"""Sets the chat demonstration up: counterparts, server, workers, and the app that people reach."""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from pydantic import SecretStr
from rich.console import Console
from temporalio.client import Client
from temporalio.worker import Worker

from lanternpost.chat.monitoring import Monitoring
from lanternpost.host import state
from lanternpost.host.remedies import REMEDIES
from lanternpost.host.worker import host_worker
from lanternpost.stage import HERE, free_home, learn
from lanternpost.tickets import SampleTicket, sample_state, sample_tickets
from mendwheel.cli.upfile import UpFile, remove, write
from mendwheel.domain.place import PlaceRule
from mendwheel.embedded import EmbeddedTemporal
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.senses.recorded import RecordedSense
from mendwheel.integrations.server import build
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.workers import options
from tests.counterparts import JiraCounterpart, SlackCounterpart

HOME = Path(".mendwheel/chat")
APPROVER = "ada"
# What plays Slack has no URLs to answer commands and clicks by: that nobody is told says nothing.
logging.getLogger("mendwheel.integrations.slack.telling").setLevel(logging.ERROR)


@dataclass(frozen=True)
class ChatStage:
    """What the play needs. `url`: of our app."""

    home: Path
    slack: SlackCounterpart
    jira: JiraCounterpart
    url: str
    edge: Edge
    ui_url: str


@dataclass(frozen=True)
class Scene:
    """The tickets, and the platform they are about: two services are broken."""

    tickets: list[SampleTicket]
    second: SampleTicket
    platform: dict[str, dict[str, object]]

    @property
    def monitoring(self) -> Monitoring:
        alarms = [each for each in (*self.tickets, self.second) if each.role == "anomaly"]
        return Monitoring({str(each.component): each.evidence for each in alarms})


def scene(seed: int) -> Scene:
    """The five tickets of `seed`, and an incident of another one in another service."""
    tickets = sample_tickets(seed)
    broken = next(each.component for each in tickets if each.role == "anomaly")
    for other in itertools.count(seed + 1):
        second = next(each for each in sample_tickets(other) if each.role == "anomaly")
        if second.component != broken:
            break
    platform, name = sample_state(seed), str(second.component)
    platform[name] = sample_state(other)[name]
    return Scene(tickets=tickets, second=second, platform=platform)


@contextlib.asynccontextmanager
async def chat_stage(drawn: Scene, console: Console) -> AsyncIterator[ChatStage]:
    """Everything runs in this process or as its child, and ends with it."""
    home = free_home(HOME)
    os.environ[state.STATE_VARIABLE] = str((home / "platform.json").absolute())
    state.write(drawn.platform)
    with contextlib.ExitStack() as stack:
        console.print("starting Slack's and Jira's counterparts and Temporal …", style="dim")
        slack = stack.enter_context(SlackCounterpart())
        jira = stack.enter_context(JiraCounterpart())
        async with EmbeddedTemporal(home / "temporal") as server:
            settings = _settings(home, slack, jira, server, drawn.second.component)
            monitoring = drawn.monitoring
            plugin = MendwheelPlugin(settings, remedies=REMEDIES, reads=[monitoring], strict=True)
            monitoring.attached = RecordedSense(plugin.house.stores.artifacts)
            client = await Client.connect(server.address, plugins=[plugin])
            suite = Worker(client, task_queue=settings.task_queue, **options())
            stores = stack.enter_context(plugin.house.stores)
            write(home, UpFile(address=server.address, ui_url=server.ui_url, pid=os.getpid()))
            stack.callback(remove, home, os.getpid())
            async with suite, host_worker(client):
                learn(stores, settings, console)
                edge = Edge.over(client, stores, settings)
                async with _served(edge) as url:
                    yield ChatStage(home, slack, jira, url, edge, server.ui_url or "")


def _settings(
    home: Path,
    slack: SlackCounterpart,
    jira: JiraCounterpart,
    server: EmbeddedTemporal,
    component: str | None,
) -> Settings:
    policy, operations = home / "policy.toml", f"slack:{slack.channels['operations']}"
    text = (HERE / "policy.toml").read_text("utf-8")
    who = json.dumps([f"slack:{slack.users[APPROVER]}", f"jira:{APPROVER}"])
    policy.write_text(text.replace('["demo-approver"]', who), "utf-8")
    return Settings.load(
        home=home,
        policy=policy,
        temporal_address=server.address,
        temporal_ui_url=server.ui_url,
        slack_base_url=slack.url,
        slack_bot_token=SecretStr(slack.bot_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
        jira_base_url=jira.url,
        jira_token=SecretStr(jira.token),
        jira_webhook_secret=SecretStr(jira.webhook_secret),
        jira_deployment="datacenter",
        jira_projects=[jira.project],
        places=[
            PlaceRule(place=f"jira:{jira.project}", show_in=[operations]),
            # A channel for one service: whoever reports there need not name it.
            PlaceRule(place=operations, component=component),
        ],
    )


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # Ctrl-C is the demonstration's, which ends all of its parts in order


@contextlib.asynccontextmanager
async def _served(edge: Edge) -> AsyncIterator[str]:
    """The app of `mendwheel serve` on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(build(edge), lifespan="off", log_config=None, access_log=False)
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
