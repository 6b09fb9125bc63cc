"""A namespace without the suite's search attributes must not stop a ticket."""

import os
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from mendwheel.contracts import names
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.namespace import missing_search_attributes
from mendwheel.settings import Settings
from tests.workflows.stage import eventually, staged
from tests.workflows.tickets import question


async def namespace_of_its_own(client: Client) -> Client:
    """A fresh namespace on the same server: it knows none of our search attributes."""
    name = f"bare-{os.urandom(3).hex()}"
    retention = Duration(seconds=int(timedelta(days=1).total_seconds()))
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=retention)
    )
    config = client.config()
    config["namespace"] = name
    bare = Client(**config)

    async def known() -> bool:
        try:
            return bool(await missing_search_attributes(bare))
        except RPCError:  # the server takes a moment to know its new namespace everywhere
            return False

    await eventually(known)
    return bare


async def test_a_ticket_runs_unindexed_where_the_search_attributes_are_missing(
    client: Client, settings: Settings
) -> None:
    bare = await namespace_of_its_own(client)
    async with staged(bare, settings) as stage:
        ticket = await stage.submit(question())
        assert (await stage.result(ticket)).kind is OutcomeKind.ANSWERED
        attributes = (await stage.handle(ticket).describe()).typed_search_attributes
        assert not [key for key in names.SEARCH_ATTRIBUTES if key in attributes]


async def test_a_ticket_is_indexed_where_they_are_known(client: Client, settings: Settings) -> None:
    async with staged(client, settings) as stage:
        ticket = await stage.submit(question())
        await stage.result(ticket)
        attributes = (await stage.handle(ticket).describe()).typed_search_attributes
        assert attributes[names.PHASE] == "closed"
        assert attributes[names.KIND] == "consulting"
        assert attributes[names.TENANT] == "default"
