"""The host's own worker. Start it beside `mendwheel up`, with LANTERNPOST_STATE set."""

from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker

from lanternpost.host.activities import ACTIVITIES
from lanternpost.host.remedies import TASK_QUEUE
from lanternpost.host.workflows import WORKFLOWS


def host_worker(client: Client) -> Worker:
    """A worker for the remedies; `client` must speak Pydantic (the plugin sees to that)."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=ACTIVITIES,
        activity_executor=ThreadPoolExecutor(4),
        max_concurrent_activities=4,
    )
