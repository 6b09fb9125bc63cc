"""The live senses that settings turn on; a new one is added here and nowhere else."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from functools import partial
from zoneinfo import ZoneInfo

from mendwheel.agents.permissions import Permissions
from mendwheel.integrations.senses.changes import ChangeAddress, ChangeFile, ChangeSense
from mendwheel.integrations.senses.explore import explore
from mendwheel.integrations.senses.fetch import Remote
from mendwheel.integrations.senses.graph import ServiceGraph
from mendwheel.integrations.senses.linked import LinkedSense
from mendwheel.integrations.senses.logs import LogFileSense
from mendwheel.integrations.senses.loki import LokiSense
from mendwheel.integrations.senses.more import more_senses
from mendwheel.integrations.senses.prometheus import PrometheusSense
from mendwheel.integrations.senses.traces import TraceSense
from mendwheel.ports import LiveSense
from mendwheel.settings import Settings, SettingsError
from mendwheel.settings_problems import suggestion


def live_senses(settings: Settings) -> list[LiveSense]:
    """Those that are configured; building them opens nothing."""
    senses = [*_telemetry(settings), *_changes(settings), *more_senses(settings)]
    links = settings.sense_links
    return [
        LinkedSense(sense, links[sense.name]) if sense.name in links else sense for sense in senses
    ]


def sense_names(settings: Settings) -> list[str]:
    """What permissions may name of them: each sense, and each read of an MCP server."""
    reads = [(server.name, read.tool) for server in settings.mcp_servers for read in server.reads]
    senses = [sense.name for sense in live_senses(settings)]
    return list(dict.fromkeys([*senses, *(f"mcp {server}: {tool}" for server, tool in reads)]))


def permitted(settings: Settings, here: Iterable[str]) -> Permissions:
    """What agents may use, by `agent_reads`. Raises SettingsError: no read is named so `here`."""
    known = list(dict.fromkeys([*here, *sense_names(settings)]))
    for agent, names in settings.agent_reads.items():
        for name in names:
            if name not in known:
                raise SettingsError(
                    f"agent_reads: {agent} is given {name!r}, which is no read or sense of this "
                    f"worker{suggestion(name, known)}"
                )
    return Permissions(settings.agent_reads)


def _telemetry(settings: Settings) -> Iterator[LiveSense]:
    jaeger = graph = None
    if url := settings.jaeger_url:
        jaeger = Remote("Jaeger", url, settings.jaeger_token, settings.jaeger_headers)
        graph = ServiceGraph(jaeger)
    shares = partial(_shares, settings.sense_tenants, "traces")
    if url := settings.prometheus_url:
        remote = Remote("Prometheus", url, settings.prometheus_token, settings.prometheus_headers)
        queries, label = settings.prometheus_queries, settings.prometheus_label
        yield PrometheusSense(remote, queries, label, graph if shares("prometheus") else None)
    if settings.logs_paths:
        zone = UTC if settings.logs_zone == "UTC" else ZoneInfo(settings.logs_zone)
        yield LogFileSense(settings.logs_paths, zone)
    if url := settings.loki_url:
        remote = Remote("Loki", url, settings.loki_token, settings.loki_headers)
        page = None
        grafana, datasource = settings.loki_grafana_url, settings.loki_grafana_datasource
        if grafana and datasource:
            page = partial(explore, grafana, datasource)
        shared = graph if shares("loki") else None
        yield LokiSense(remote, settings.loki_query, settings.loki_label, shared, page)
    if jaeger:
        yield TraceSense(jaeger)


def _shares(tenants: Mapping[str, list[str]], source: str, asking: str) -> bool:
    """Whether `asking` serves nobody whom `source`, which it asks as well, does not serve."""
    if source not in tenants:
        return True
    return asking in tenants and set(tenants[asking]) <= set(tenants[source])


def _changes(settings: Settings) -> Iterator[LiveSense]:
    fields, hours = settings.changes_fields, settings.changes_hours
    if path := settings.changes_file:
        yield ChangeSense("changes", ChangeFile(path), fields, hours)
    if url := settings.changes_url:
        token, headers = settings.changes_token, settings.changes_headers
        address = ChangeAddress(url, token, headers, settings.changes_items)
        yield ChangeSense("deployments", address, fields, hours)
