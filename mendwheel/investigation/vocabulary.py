"""Words for what goes wrong: one place that knows that "saturation" and "cpu" mean the same thing.

Evidence is classed into *families* ("cpu", "dns", ...). A ticket may bring its own list of fault
kinds to choose from; `choose_fault` maps a family onto that list by meaning.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

HEALTHY = "healthy"

# Family -> (plain name, word stems in order of preference). A stem for the exhausted resource
# stands before the stem for its symptom: a list that has both wants the cause named.
FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "cpu": (
        "cpu saturation",
        ("resource", "cpu", "saturat", "overload", "infrastructure", "exhaust"),
    ),
    "memory": ("memory exhaustion", ("resource", "memory", "oom", "exhaust", "infrastructure")),
    "disk": ("disk or I/O exhaustion", ("resource", "disk", "storage", "capacity", "exhaust")),
    "connections": ("connection exhaustion", ("resource", "connection", "pool", "exhaust")),
    "lag": ("replication lag", ("resource", "lag", "replicat", "latency", "exhaust")),
    "overload": ("overload", ("overload", "traffic", "load", "resource", "capacity", "saturat")),
    "capacity": (
        "insufficient capacity",
        ("resource", "capacity", "schedul", "infrastructure", "exhaust"),
    ),
    "latency": ("added latency", ("latency", "delay", "slow", "timeout", "dependency")),
    "network": ("network fault", ("network", "delay", "latency", "connectiv", "dependency")),
    "policy": ("network policy", ("network", "policy", "config", "connectiv")),
    "dns": ("name resolution failure", ("dns", "resol", "network", "dependency", "config")),
    "errors": ("error responses", ("error_resp", "exception", "code", "failure", "fault", "error")),
    "code": ("code defect", ("code", "bug", "exception", "application", "regression", "error")),
    "deployment": ("bad deployment", ("deploy", "release", "change", "config", "code", "regress")),
    "configuration": ("configuration error", ("config", "setting", "change", "deploy")),
    "probe": ("failing health probe", ("config", "probe", "health", "code")),
    "image": ("image cannot be pulled", ("image", "config", "registry", "deploy")),
    "scheduling": ("pod cannot be scheduled", ("schedul", "config", "resource", "capacity")),
    "storage": ("storage misconfigured", ("storage", "volume", "pvc", "config", "disk")),
    "permission": ("permission denied", ("permission", "access", "auth", "config", "security")),
    "certificate": ("certificate problem", ("certif", "tls", "security", "config", "network")),
    "dependency": ("dependency failure", ("dependency", "downstream", "upstream", "network")),
    "node": ("node failure", ("infrastructure", "node", "host", "hardware", "platform")),
    "failover": ("failover", ("infrastructure", "failover", "availab", "node", "platform")),
    "quota": ("rate limit or quota", ("quota", "rate", "limit", "resource", "overload")),
    "data": ("bad data", ("data", "schema", "quality", "config")),
    HEALTHY: (HEALTHY, ("healthy", "no_action", "none", "false_alarm", "normal")),
}

# Metric kind -> (words in a metric's name, family, direction that is bad). First match wins.
_METRICS: tuple[tuple[str, re.Pattern[str], str, int], ...] = tuple(
    (kind, re.compile(pattern), family, bad)
    for kind, pattern, family, bad in (
        ("availability", r"availab(?!le)|success|uptime|healthy", "errors", -1),
        ("free", r"free|available|remaining|headroom|burst ?balance|credit", "disk", -1),
        ("lag", r"\blag\b|replica", "lag", 1),
        ("latency", r"latenc|duration|response ?time|elapsed|\bp\d\d\b|wait|delay", "latency", 1),
        ("errors", r"error|fail|5xx|exception|drop|reject|timeout", "errors", 1),
        ("cpu", r"cpu|processor|\bload\b", "cpu", 1),
        ("memory", r"mem|heap|rss|swap", "memory", 1),
        ("connections", r"connection|pool|thread|session|descriptor", "connections", 1),
        ("restarts", r"restart", "code", 1),
        ("disk", r"disk|storage|iops|inode|filesystem|volume|queue ?depth", "disk", 1),
        ("traffic", r"request|workload|\bops\b|rps|qps|traffic|throughput|call|invocation", "", 1),
        ("bytes", r"network|bytes|packet|receive|transmit", "", 1),
        ("queue", r"queue|backlog|pending", "overload", 1),
    )
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HOST = re.compile(r"^(node|host|machine)\b")
_STORE = re.compile(
    r"database|datastore|\bdb\b|sql|\btables?\b|dynamo|redis|cache|queue|kafka|mongo|postgres|storage|"
    r"bucket|\bs3\b|elastic|cassandra|memcache",
    re.I,
)
_OUTSIDE = re.compile(r"(?i)[_\-. ](remote|client|external)$")


@lru_cache(maxsize=2048)
def plain_words(name: str) -> str:
    """`PodServerLatencyP95(s)` -> `pod server latency p95 s`: lower-case words, one space apart."""
    return " ".join(re.findall(r"[a-z0-9]+", _CAMEL.sub(" ", name[:200]).lower()))


@lru_cache(maxsize=2048)
def metric_kind(name: str) -> tuple[str, str, int] | None:
    """(kind, family, bad direction) of a metric by its name; None when it means nothing to us."""
    words = plain_words(name)
    if _HOST.match(words):
        return None  # a shared host's figures say little about one service on it
    for kind, pattern, family, bad in _METRICS:
        if pattern.search(words):
            return kind, family, bad
    return None


def is_store(component: str) -> bool:
    """Whether the name is that of a data store: it slows under load rather than by its own code."""
    return bool(_STORE.search(_CAMEL.sub(" ", component).replace("_", " ")))


def seen_from_outside(component: str) -> bool:
    """Whether the name is a caller's view of something (`x_remote`), not the thing itself."""
    return bool(_OUTSIDE.search(component))


def choose_fault(family: str | None, faults: Sequence[str]) -> str | None:
    """The candidate that means `family`, the plain name without candidates, None if none fits."""
    if family is None or family not in FAMILIES:
        return None
    plain, stems = FAMILIES[family]
    if not faults:
        return plain
    ranked = [
        (-_known(fault, stems), place, fault)
        for fault in faults
        for place, stem in enumerate(stems)
        if stem in fault.lower()
    ]
    return min(ranked)[2] if ranked else None


def _known(fault: str, stems: Sequence[str]) -> float:
    """Share of a candidate's words that the family knows: of `resource_leak` one of two."""
    words = plain_words(fault).split()
    return sum(any(stem in word for stem in stems) for word in words) / max(1, len(words))
