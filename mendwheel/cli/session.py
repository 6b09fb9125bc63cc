"""How a command reaches the suite: settings, the address in force, a client that fails early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from mendwheel import connect as own
from mendwheel.cli import upfile
from mendwheel.integrations.decisions import Decisions
from mendwheel.integrations.intake import Intake
from mendwheel.integrations.reach import Reach, TemporalUnreachable
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

CONNECT_WITHIN = 3.0
"""Seconds until a server that does not answer is given up."""


class Session(NamedTuple):
    """An open connection to Temporal and to the store."""

    client: Client
    stores: Stores
    intake: Intake
    decisions: Decisions
    reach: Reach


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Session]:
    """Open both, close the store at the end.

    Raises:
        TemporalUnreachable: found within about three seconds.
        StoreUnavailable
    """
    client = await connect(settings)
    stores = Stores(settings.store_path)
    # Opening may wait for another process's migration, closing waits for the last commit.
    await asyncio.to_thread(stores.__enter__)
    try:
        yield Session(
            client,
            stores,
            Intake(client, stores, settings),
            Decisions(client, stores, settings),
            Reach(client, settings),
        )
    finally:
        await asyncio.to_thread(stores.__exit__, None, None, None)


async def connect(settings: Settings) -> Client:
    """A client whose namespace has answered. Raises TemporalUnreachable."""
    address = settings.temporal_address
    # The client itself would try for much longer before it says anything.
    if not await asyncio.to_thread(upfile.listens, address, CONNECT_WITHIN):
        raise TemporalUnreachable(_way_out(settings, "nothing answers there"))
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            # Without the plugin, which brings every activity with it: a command that only sends
            # would start twice as slowly.
            client = await own.connect(settings)
            await _find_namespace(client)
    except TimeoutError:
        raise TemporalUnreachable(_way_out(settings, "no answer in 3 s")) from None
    except RuntimeError as error:  # how the SDK says that the connection failed
        raise TemporalUnreachable(_way_out(settings, str(error).splitlines()[0])) from error
    return client


async def _find_namespace(client: Client) -> None:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        # Any other refusal may concern this question alone: the command's own call will tell.
        if error.status is RPCStatusCode.NOT_FOUND:
            raise TemporalUnreachable(
                f"Temporal has no namespace {client.namespace!r}: create it, "
                "or set MENDWHEEL_TEMPORAL_NAMESPACE"
            ) from error


def _way_out(settings: Settings, why: str) -> str:
    return (
        f"Temporal at {settings.temporal_address} is not reachable ({why}): start it with "
        "`mendwheel up`, or set MENDWHEEL_TEMPORAL_ADDRESS"
    )
