"""A desk with its Slack side: a local Slack, our app on a free port, a running suite behind it."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from temporalio.client import Client
from temporalio.worker import Worker

from mendwheel.domain.outcome import OutcomeFact
from mendwheel.domain.ticket import Information
from mendwheel.integrations.edge import Edge
from mendwheel.integrations.intake import Submitted
from mendwheel.integrations.slack import app
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.testing.slack_responses import Ephemeral
from mendwheel.testing.slack_side import SlackSide
from mendwheel.testing.slack_state import SlackMessage
from mendwheel.workers import options
from tests.workflows.stage import Stage, eventually, own_settings, speaking_pydantic, staged
from tests.workflows.tickets import incident

PEOPLE = """
[people]
ada = ["slack:U0ALICE"]
grace = ["slack:U0BOB"]
"""
CHANNEL = "C0GENERAL"
PATIENT = 20.0
"""Seconds to hand over: a loaded machine is not what is tested."""


class SlackSite:
    """Everything that a test of Slack's side needs at hand."""

    def __init__(self, slack: SlackSide, url: str, stage: Stage, edge: Edge) -> None:
        self.slack = slack
        self.url = url
        self.stage = stage
        self.edge = edge
        self.stores = stage.stores

    async def told(self, user: str = "U0ALICE", after: int = 0) -> Ephemeral:
        """What `user` is shown, once there is more than `after` of it; the last one."""
        await eventually(lambda: _true(len(self.shown(user)) > after))
        return self.shown(user)[-1]

    def shown(self, user: str = "U0ALICE") -> list[Ephemeral]:
        return [each for each in self.slack.ephemerals if each.user == user]

    async def asked(self) -> tuple[Submitted, Any, SlackMessage]:
        """A ticket that waits for a decision, its question, and the card with the buttons."""
        draft = incident(place=f"slack:{CHANNEL}", reporter="mary", system="slack")
        submitted = await self.edge.intake.submit(draft)
        asked = (await self.stage.question(submitted.ticket_id)).approval
        assert asked is not None
        return submitted, asked, await self.card(asked.request_id)

    async def card(self, value: str) -> SlackMessage:
        """The message of ours that has a button with this value."""
        found: list[SlackMessage] = []

        async def there() -> bool:
            found[:] = [m for m in self.slack.messages(CHANNEL) if f'"{value}"' in _json(m.blocks)]
            return bool(found)

        await eventually(there)
        return found[0]

    async def signalled(self, ticket: str, name: str, kind: type[Any]) -> list[Any]:
        """What was signalled to the latest run of `ticket` under `name`, in order."""
        history = await self.stage.handle(ticket).fetch_history()
        converter = self.stage.client.data_converter.payload_converter
        found = []
        for event in history.events:
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == name:
                found += converter.from_payloads(signal.input.payloads, [kind])
        return found

    async def informed(self, ticket: str) -> list[str]:
        """What the ticket was told, in order."""
        said = await self.signalled(ticket, "inform", Information)
        return [self.stores.artifacts.get(each.text) for each in said]

    async def observed(self, ticket: str) -> list[OutcomeFact]:
        return await self.signalled(ticket, "observe", OutcomeFact)

    def tickets(self) -> list[str]:
        return [case.ticket_id for case in self.stores.cases.list("default")]


def newcomer(slack: SlackSide) -> str:
    """Somebody new: the same words of the same person would be a ticket of another test."""
    user = f"U0{secrets.token_hex(4).upper()}"
    slack.space.add_user(user, f"Person {user}", f"{user}@example.net".lower())
    return user


async def _true(value: bool) -> bool:
    return value


def _json(blocks: Any) -> str:
    return str(blocks).replace("'", '"')


def slack_settings(folder: Path, name: str, slack: SlackSide, **more: Any) -> Settings:
    """Settings of one test's own, pointed at its local Slack."""
    settings = own_settings(folder, name, **more.pop("limits", {}))
    said = settings.model_dump() | {
        "slack_base_url": slack.base_url,
        "slack_bot_token": slack.token,
        "slack_signing_secret": slack.signing_secret,
    }
    return Settings.model_validate(said | more)


async def away() -> Client:
    """A client of a Temporal that is not there."""
    return await Client.connect("127.0.0.1:1", lazy=True)


@asynccontextmanager
async def site(
    client: Client, settings: Settings, slack: SlackSide, *, working: bool = True, **more: Any
) -> AsyncIterator[SlackSite]:
    """Our app on a free port. Without `working`, what is handed over stays where it is."""
    async with staged(client, settings, working=False) as stage, AsyncExitStack() as stack:
        people(stage)
        if working:
            await stack.enter_async_context(at_work(stage))
        caller = speaking_pydantic(more.get("edge_client", client))
        edge = Edge.over(caller, stage.stores, stage.settings)
        async with listening(edge, more.get("within", PATIENT)) as url:
            yield SlackSite(slack, url, stage, edge)


@asynccontextmanager
async def at_work(stage: Stage) -> AsyncIterator[None]:
    """A worker as in production, and the host. Replays are tested elsewhere: here it caches."""
    plugin = MendwheelPlugin(stage.settings, remedies=stage.remedies)
    queue = stage.settings.task_queue
    async with (
        Worker(stage.client, task_queue=queue, plugins=[plugin], **options()),
        stage.host(),
    ):
        yield


def people(stage: Stage, **policy: Any) -> None:
    """The policy anew, and who of its people is who in Slack."""
    stage.policy(**policy)
    path = stage.settings.policy
    assert path is not None
    path.write_text(path.read_text("utf-8") + PEOPLE, "utf-8")


@asynccontextmanager
async def listening(edge: Edge, within: float = PATIENT) -> AsyncIterator[str]:
    """Yields the address that Slack is to call."""
    slack_app = app.build(edge, within=within)
    routes = [Route("/slack/events", app.handler(slack_app).handle, methods=["POST"])]
    async with serving(Starlette(routes=routes)) as origin:
        yield f"{origin}/slack/events"
    await slack_app.settle()


@asynccontextmanager
async def serving(asgi: Starlette) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(uvicorn.Config(asgi, lifespan="off", log_config=None))
        running = asyncio.ensure_future(server._serve(sockets=[bound]))
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
