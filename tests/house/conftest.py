"""One small ticket to send through whatever worker a test has put together."""

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle

from mendwheel.domain.outcome import Outcome
from mendwheel.integrations.drafts import Draft
from mendwheel.integrations.intake import Intake
from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from mendwheel.workflows.ticket import TicketWorkflow

Ran = tuple[WorkflowHandle[TicketWorkflow, Outcome], Outcome]
Send = Callable[[MendwheelPlugin], Awaitable[Ran]]


async def connect(client: Client, plugin: MendwheelPlugin) -> Client:
    """A client of one's own to the server of `client`, with the plugin on it."""
    return await Client.connect(client.service_client.config.target_host, plugins=[plugin])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that nobody has made yet, and a queue of its own."""
    return Settings(home=tmp_path / "home", task_queue=f"house-{secrets.token_hex(4)}", user="ada")


@pytest.fixture
def starter(client: Client, settings: Settings) -> Callable[[], Awaitable[Client]]:
    """Makes clients that carry a plugin of their own, with settings like the test's."""

    async def make() -> Client:
        return await connect(client, MendwheelPlugin(settings))

    return make


@pytest.fixture
def send(starter: Callable[[], Awaitable[Client]]) -> Send:
    """Sends one question to the plugin's queue, through its open store, and waits for the end."""

    async def send(plugin: MendwheelPlugin) -> Ran:
        client, house = await starter(), plugin.house
        draft = Draft(
            title="How do I rotate an API key?", reporter="ada", key=f"Q-{secrets.token_hex(4)}"
        )
        submitted = await Intake(client, house.stores, house.settings).submit(draft, dry_run=True)
        handle = client.get_workflow_handle_for(TicketWorkflow.run, submitted.ticket_id)
        return handle, await handle.result()

    return send
