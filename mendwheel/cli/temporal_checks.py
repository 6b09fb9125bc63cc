"""Checks of the Temporal server: reachable, prepared, and a worker that takes tickets in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from mendwheel.cli.checks import Check, fail, ok, parted, warn
from mendwheel.cli.session import connect
from mendwheel.contracts.names import NEEDS_APPROVAL
from mendwheel.integrations.namespace import missing_search_attributes
from mendwheel.integrations.reach import TemporalUnreachable
from mendwheel.settings import Settings

_SEEN_WITHIN = timedelta(minutes=2)
"""A worker's poll lasts a minute; one that was not seen for two is gone."""
_SHORT = timedelta(days=7)


async def temporal(settings: Settings) -> AsyncIterator[Check]:
    """Server, namespace, search attributes, worker."""
    try:
        client = await connect(settings)
    except TemporalUnreachable as error:
        yield parted("temporal", str(error))
        return
    yield ok("temporal", f"{settings.temporal_address} answers")
    for name, check in (("namespace", _namespace), ("search attributes", _attributes)):
        try:
            yield await check(client)
        except RPCError as error:  # a managed service may not let everybody ask
            yield warn(name, f"cannot be asked: {error.message}", "ask who runs the server")
    try:
        yield await _worker(client, settings.task_queue)
    except RPCError as error:
        yield warn("worker", f"cannot be asked: {error.message}", "ask who runs the server")
    if settings.worker_deployment is not None:
        yield await release(client, settings)


async def _namespace(client: Client) -> Check:
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
    days = kept / timedelta(days=1)
    detail = f"{client.namespace}, closed tickets stay readable for {days:g} days"
    if kept < _SHORT:
        return warn(
            "namespace",
            detail,
            f"temporal operator namespace update --retention 720h -n {client.namespace}",
        )
    return ok("namespace", detail)


async def _attributes(client: Client) -> Check:
    missing = await missing_search_attributes(client)
    if not missing:
        return ok("search attributes", "all are registered")
    create = "temporal operator search-attribute create"
    words = [f"--name {name} --type {_kind(name)}" for name in missing]
    return warn(
        "search attributes",
        f"not registered, so tickets cannot be searched by them: {', '.join(missing)}",
        f"{create} -n {client.namespace} {' '.join(words)}",
    )


def _kind(name: str) -> str:
    return "Bool" if name == NEEDS_APPROVAL.name else "Keyword"


async def _worker(client: Client, queue: str) -> Check:
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    since = datetime.now(UTC) - _SEEN_WITHIN
    seen = [
        poller.identity
        for poller in described.pollers
        if poller.last_access_time.ToDatetime(tzinfo=UTC) >= since
    ]
    if seen:
        return ok("worker", f"{len(seen)} on the queue {queue!r}: {', '.join(seen[:3])}")
    return fail(
        "worker",
        f"none on the queue {queue!r}: tickets wait",
        "start one with `mendwheel up` or `python worker.py`",
    )


async def release(client: Client, settings: Settings) -> Check:
    """Whether tickets go to the build of these settings; to none at all until one is current."""
    name, build = settings.worker_deployment or "", settings.worker_build or ""
    make_current = (
        "temporal worker deployment set-current-version "
        f"--deployment-name {name} --build-id {build} -n {client.namespace}"
    )
    try:
        described = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=name)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            return warn("release", f"cannot be asked: {error.message}", "ask who runs the server")
        return fail("release", f"{name} has no worker yet", f"start one, then {make_current}")
    current = described.worker_deployment_info.routing_config.current_deployment_version.build_id
    if not current:
        return fail("release", f"{name}: no build is current, so tickets wait", make_current)
    if current != build:
        return warn("release", f"{name}: build {current} is current, not {build}", make_current)
    return ok("release", f"{name}: build {build} is current")
