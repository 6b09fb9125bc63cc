"""A namespace for the host's own workflows, beside the suite's."""

import asyncio
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

RETENTION = timedelta(days=1)
WITHIN = 30.0


async def found(client: Client, name: str) -> None:
    """Return when workers may poll in it: the server takes a moment to know it everywhere."""
    kept = Duration(seconds=int(RETENTION.total_seconds()))
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=kept)
    )
    there = Client(client.service_client, namespace=name)
    async with asyncio.timeout(WITHIN):
        while True:
            try:
                _ = [each async for each in there.list_workflows("")]
                return
            except RPCError:
                await asyncio.sleep(0.2)
