"""The live senses that settings turn on; a new one is added here and nowhere else."""

from mendwheel.integrations.senses.fetch import Remote
from mendwheel.integrations.senses.logs import LogFileSense
from mendwheel.integrations.senses.loki import LokiSense
from mendwheel.integrations.senses.prometheus import PrometheusSense
from mendwheel.ports import LiveSense
from mendwheel.settings import Settings


def live_senses(settings: Settings) -> list[LiveSense]:
    """Those that are configured; building them opens nothing."""
    senses: list[LiveSense] = []
    if url := settings.prometheus_url:
        remote = Remote("Prometheus", url, settings.prometheus_token, settings.prometheus_headers)
        queries, label = settings.prometheus_queries, settings.prometheus_label
        senses.append(PrometheusSense(remote, queries, label))
    if settings.logs_paths:
        senses.append(LogFileSense(settings.logs_paths))
    if url := settings.loki_url:
        remote = Remote("Loki", url, settings.loki_token, settings.loki_headers)
        senses.append(LokiSense(remote, settings.loki_query, settings.loki_label))
    return senses
