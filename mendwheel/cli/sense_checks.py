"""Checks of everything that is looked at: whether it is reached, and as whom.

All of them side by side and within a second, because a doctor who keeps people waiting is not
asked. No MCP server is started for it: that could do anything.
"""

import shutil
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from threading import Thread
from time import monotonic

from mendwheel.cli.checks import Check, fail, ok, parted, warn
from mendwheel.cli.telemetry_checks import WITHIN, Look, telemetry
from mendwheel.domain.looking import McpServer, Probe
from mendwheel.integrations.senses.http_get import get
from mendwheel.integrations.senses.kubernetes import PODS, read
from mendwheel.integrations.senses.kubernetes_access import access
from mendwheel.integrations.senses.sql import SqlSense
from mendwheel.ports import SenseError
from mendwheel.settings import Settings


def senses(settings: Settings) -> list[Check]:
    """One check for each thing that is configured; none where nothing is."""
    looks = {**dict(telemetry(settings)), **dict(_looks(settings))}
    found: dict[str, Check] = {}
    threads = [
        Thread(target=partial(_look, found, name, look), name=f"doctor {name}", daemon=True)
        for name, look in looks.items()
    ]
    for thread in threads:
        thread.start()
    ends = monotonic() + WITHIN + 0.2
    for thread in threads:
        thread.join(max(0.0, ends - monotonic()))
    late = ("did not answer within a second", "see whether it is up")
    return [found.get(name) or warn(name, *late) for name in looks]


def _looks(settings: Settings) -> Iterator[tuple[str, Look]]:
    for number, probe in enumerate(settings.probes, start=1):
        yield f"probe {number} of {probe.component}", partial(_probe, settings, probe)
    for namespace in settings.kubernetes_namespaces:
        yield f"kubernetes {namespace}", partial(_cluster, settings, namespace)
    if settings.sql_queries:
        yield "sql", partial(_sql, settings)
    if settings.customer_url:
        yield "customer", partial(_customer, settings)
    for server in settings.mcp_servers:
        yield f"mcp {server.name}", partial(_mcp, settings, server)


def _look(found: dict[str, Check], name: str, look: Look) -> None:
    try:
        found[name] = look().model_copy(update={"name": name})
    except SenseError as error:
        found[name] = parted(name, str(error))


def _probe(settings: Settings, probe: Probe) -> Check:
    headers = _bearer(settings, probe.token)
    answer = get(probe.url, headers=headers, within=WITHIN)
    if answer.status == probe.status:
        return ok("", f"{answer.status} after {answer.seconds * 1000:.0f} ms")
    detail = f"answers {answer.status} instead of {probe.status}"
    return warn("", detail, "correct its url or status, unless it is down right now")


def _cluster(settings: Settings, namespace: str) -> Check:
    cluster = access(settings)
    read(cluster, namespace, PODS, limit=1, within=WITHIN)
    return ok("", f"pods are listed at {cluster.url} by {cluster.where}")


def _sql(settings: Settings) -> Check:
    sense = SqlSense(settings.sql_databases, settings.sql_queries, settings.sense_secrets)
    for query in settings.sql_queries:
        sense.check(query, WITHIN)
    return ok("", f"{len(settings.sql_queries)} queries can run")


def _customer(settings: Settings) -> Check:
    url = (settings.customer_url or "").replace("{tenant}", settings.tenant)
    secret = settings.customer_token
    headers = {"Authorization": f"Bearer {secret.get_secret_value()}"} if secret else {}
    answer = get(url.replace("{subject}", "nobody"), headers=headers, within=WITHIN)
    if answer.status in (401, 403):
        return fail("", "the token is refused", "set MENDWHEEL_CUSTOMER_TOKEN")
    if answer.status in (200, 404):
        return ok("", f"answers {answer.status} for somebody who does not exist")
    return warn("", f"answers {answer.status}", "correct customer_url")


def _mcp(settings: Settings, server: McpServer) -> Check:
    if find_spec("mcp") is None:
        return fail("", "the package is missing", "pip install 'mendwheel[mcp]'")
    reads = f"{len(server.reads)} reads"
    if not server.reads:
        reads = "no reads, so nothing of it is looked at"
    if server.command:
        if shutil.which(server.command) is None:
            return fail("", f"{server.command} is not there", "install it, or correct command")
        return ok("", f"{server.command} is there (not started), {reads}")
    answer = get(server.url, headers=_bearer(settings, server.token), within=WITHIN)
    if answer.status in (401, 403):
        return fail("", "the token is refused", "correct its token in sense_secrets")
    if answer.status == 404:
        return warn("", "nothing is at this address", "correct its url: most end in /mcp")
    return ok("", f"answers, {reads}")


def _bearer(settings: Settings, name: str) -> dict[str, str]:
    secret = settings.sense_secrets.get(name)
    return {"Authorization": f"Bearer {secret.get_secret_value()}"} if secret else {}
