"""Lanternpost's services: who calls whom, what is usual, and how each one fails.

One place, so that metrics, logs and tickets of an incident tell the same story.
"""

from typing import NamedTuple


class Service(NamedTuple):
    """Usual values (percent, share of requests, milliseconds, items) and the words of a defect."""

    cpu_percent: float
    error_rate: float
    p95_ms: float
    queue_depth: float
    defect: str
    work: str
    seen_by_customers: str


SERVICES: dict[str, Service] = {
    "api-gateway": Service(
        38,
        0.004,
        95,
        6,
        "RouteTableError: no entry for /v2/parcels/{id}",
        "answering API calls",
        "calls to api.lanternpost.example",
    ),
    "tracker": Service(
        46,
        0.006,
        210,
        40,
        "CarrierSchemaError: event field 'scan_time' is missing",
        "bringing in parcel events",
        "the tracking history of parcels on their way",
    ),
    "notifier": Service(
        33,
        0.003,
        160,
        55,
        "TemplateRenderError: unknown placeholder 'parcel.window_end'",
        "sending notifications",
        "e-mails and text messages to recipients",
    ),
    "webhook-dispatcher": Service(
        29,
        0.008,
        240,
        70,
        "SignatureKeyError: endpoint secret has no version 2",
        "delivering webhooks",
        "events sent to shops' own endpoints",
    ),
    "label-store": Service(
        24,
        0.002,
        130,
        9,
        "LabelDecodeError: unsupported page box in PDF header",
        "storing and fetching labels",
        "shipping labels at the packing stations",
    ),
    "billing": Service(
        18,
        0.002,
        120,
        12,
        "LedgerColumnError: invoice_lines.tax_code does not exist",
        "counting usage",
        "usage figures and spending limits",
    ),
    "search-index": Service(
        52,
        0.003,
        85,
        30,
        "MappingParseError: field 'quiet_since' has no analyser",
        "answering searches",
        "the search field and every saved view",
    ),
    "dashboard": Service(
        27,
        0.004,
        280,
        5,
        "SessionDecodeError: cookie version 7 is not supported",
        "showing pages",
        "dashboard pages after signing in",
    ),
}

CALLS: tuple[tuple[str, str], ...] = (
    ("dashboard", "api-gateway"),
    ("dashboard", "search-index"),
    ("api-gateway", "tracker"),
    ("api-gateway", "label-store"),
    ("api-gateway", "billing"),
    ("api-gateway", "search-index"),
    ("tracker", "notifier"),
    ("tracker", "webhook-dispatcher"),
    ("notifier", "billing"),
)

# Signs of a process that has to be restarted; any service can show any of them.
LEAK_SIGNATURES: tuple[str, ...] = (
    "HeapPressure: heap nearly full after full collection",
    "ConsumerStalled: no job finished since last heartbeat",
    "LeaseExpired: worker lost its lease while waiting for memory",
    "WorkerPoolExhausted: no free worker for queued job",
)


def callers(service: str) -> dict[str, int]:
    """Services that depend on `service`, directly (1) or through others (2, 3 …)."""
    distance: dict[str, int] = {}
    frontier, hops = {service}, 0
    while frontier:
        hops += 1
        frontier = {caller for caller, callee in CALLS if callee in frontier} - distance.keys()
        distance |= dict.fromkeys(sorted(frontier), hops)
    return distance
