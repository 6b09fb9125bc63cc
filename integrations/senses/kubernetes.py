"""Pods, deployments and events of the configured namespaces, by GET and nothing else."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.http_get import get
from mendwheel.integrations.senses.kubernetes_access import Access, access
from mendwheel.integrations.senses.kubernetes_shape import deployment, event, moment, pod
from mendwheel.ports import SenseError
from mendwheel.settings import Settings

WITHIN = 12.0
LIMIT = 20_000_000
"""Bytes of one answer."""
ITEMS = 500
LATEST = 200
NAMESPACES = 5


class Resource(NamedTuple):
    """A list in the API. There is no Secret and no ConfigMap among them."""

    name: str
    path: str
    shape: Callable[[Any], dict[str, Any]]


PODS = Resource("pods", "/api/v1/namespaces/{}/pods", pod)
DEPLOYMENTS = Resource("deployments", "/apis/apps/v1/namespaces/{}/deployments", deployment)
HAPPENED = Resource("events", "/api/v1/namespaces/{}/events", event)


class KubernetesSense:
    """Reads its credentials anew for each look: tokens in files are renewed behind our back."""

    name = "kubernetes"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """One observation for each kind in each namespace; the whole namespace, not `component`.

        A component is rarely down by itself, and rarely called as its pods are.
        """
        cluster = access(self._settings)
        asked = [
            (namespace, resource)
            for namespace in self._settings.kubernetes_namespaces[:NAMESPACES]
            for resource in (PODS, DEPLOYMENTS, HAPPENED)
        ]
        with ThreadPoolExecutor(len(asked), thread_name_prefix="kubernetes") as pool:
            found = list(pool.map(lambda each: _look(cluster, each[0], each[1], window), asked))
        seen = [each for each in found if isinstance(each, Observation)]
        failed = list(dict.fromkeys(str(each) for each in found if isinstance(each, SenseError)))
        if failed and not seen:
            raise SenseError("; ".join(failed)[:500])
        if failed:
            told = "\n".join(failed)
            seen.append(Observation(title="kubernetes failed", media="missing", text=told))
        return seen


def _look(
    cluster: Access, namespace: str, resource: Resource, window: Window
) -> Observation | SenseError:
    try:
        items = read(cluster, namespace, resource)
    except SenseError as error:
        return error
    if resource is HAPPENED:
        items = [item for item in items if _within(item, window)]
        items = sorted(items, key=moment)[-LATEST:]
    shown = [resource.shape(item) for item in items]
    return Observation(
        title=f"kubernetes {resource.name} of {namespace}",
        media="state",
        text=json.dumps({"namespace": namespace, resource.name: shown}, indent=1),
        window=window if resource is HAPPENED else None,
    )


def read(
    cluster: Access,
    namespace: str,
    resource: Resource,
    *,
    limit: int = ITEMS,
    within: float = WITHIN,
) -> list[dict[str, Any]]:
    """The first `limit` objects as the API has them. Raises SenseError."""
    url = f"{cluster.url}{resource.path.format(quote(namespace, safe=''))}?limit={limit}"
    headers = {"Accept": "application/json"}
    if cluster.token:
        headers["Authorization"] = f"Bearer {cluster.token}"
    answer = get(url, headers=headers, within=within, limit=LIMIT, context=cluster.context)
    if answer.status != 200:
        raise _refused(answer.status, f"{resource.name} of {namespace}", cluster.where)
    try:
        items = json.loads(answer.body)["items"] if answer.whole else None
    except (ValueError, KeyError, TypeError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise SenseError(f"kubernetes: {cluster.where} does not answer as a cluster: correct it")
    return [item for item in items if isinstance(item, dict)]


def _refused(status: int, what: str, where: str) -> SenseError:
    if status == 401:
        return SenseError(f"kubernetes: the token of {where} is refused: renew it")
    if status == 403:
        return SenseError(f"kubernetes: {what} may not be listed: give its account the role view")
    passing = status >= 500 or status == 429
    return SenseError(f"kubernetes: {what}: status {status}: see the cluster", retryable=passing)


def _within(item: dict[str, Any], window: Window) -> bool:
    """Whether it was last seen in the window; one that does not say when is kept."""
    try:
        seen = datetime.fromisoformat(moment(item))
    except ValueError:
        return True
    seen = seen if seen.tzinfo else seen.replace(tzinfo=UTC)
    return window.start <= seen <= window.end
