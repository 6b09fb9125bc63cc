"""Writes an incident down the way monitoring would have recorded it: metrics, logs, changes."""

import json
import random
from datetime import datetime, timedelta

from lanternpost.incident import MINUTES, ONSET_MINUTE, Incident
from lanternpost.services import CALLS, SERVICES, callers

# How much of the trouble a caller sees, by its distance from the broken service.
_FELT_BY_CALLERS = {1: 0.15, 2: 0.05, 3: 0.02}


def metrics_csv(rng: random.Random, incident: Incident) -> str:
    """One row a minute and service; `error_rate` is a share of requests, 0..1."""
    rows = ["time,service,cpu_percent,error_rate,p95_ms,queue_depth"]
    felt = {name: _FELT_BY_CALLERS[hops] for name, hops in callers(incident.service).items()}
    felt[incident.service] = 1.0
    for minute in range(MINUTES):
        moment = _iso(incident.started + timedelta(minutes=minute))
        strength = _strength(incident, minute)
        for name in incident.order:
            cells = _readings(rng, incident, name, strength * felt.get(name, 0.0))
            rows.append(f"{moment},{name},{cells}")
    return "\n".join(rows) + "\n"


def _strength(incident: Incident, minute: int) -> float:
    """A bad release hurts at once; a leak grows from minute to minute."""
    if minute < ONSET_MINUTE:
        return 0.0
    if incident.fault == "bad_release":
        return incident.severity
    return incident.severity * (0.4 + 0.6 * (minute - ONSET_MINUTE) / (MINUTES - 1 - ONSET_MINUTE))


def _readings(rng: random.Random, incident: Incident, name: str, pain: float) -> str:
    usual = SERVICES[name]
    own = pain if name == incident.service else 0.0
    if incident.fault == "bad_release":
        cpu, errors = usual.cpu_percent * (1 + 0.15 * own), usual.error_rate + 0.34 * pain
        latency, queue = usual.p95_ms * (1 + 2.5 * pain), usual.queue_depth * (1 + 0.5 * pain)
    else:
        cpu = usual.cpu_percent + (90 - usual.cpu_percent) * min(own, 1.0)
        errors = usual.error_rate + 0.08 * pain
        latency = usual.p95_ms * (1 + 8 * pain)
        queue = usual.queue_depth * (1 + 45 * own + 2 * pain)
    noisy = [max(0.0, value * rng.gauss(1, 0.04)) for value in (cpu, errors, latency, queue)]
    return f"{min(noisy[0], 99.5):.1f},{min(noisy[1], 1.0):.4f},{noisy[2]:.0f},{noisy[3]:.0f}"


def logs_txt(rng: random.Random, incident: Incident) -> str:
    """All services' lines in order of time: `time LEVEL service message`."""
    lines = usual_lines(rng, list(incident.order), incident.started, MINUTES * 3)
    other = rng.choice([name for name in incident.order if name != incident.service])
    slow = incident.started + timedelta(seconds=rng.uniform(60, 400))
    lines.append(log_line(slow, "WARN", other, f"slow query took {rng.randint(500, 900)} ms"))
    if incident.fault == "bad_release":
        release = incident.releases[incident.service].current
        started = released_at(incident) + timedelta(seconds=20)
        lines.append(log_line(started, "INFO", incident.service, f"started release={release}"))
    for minute in range(ONSET_MINUTE, MINUTES):
        lines += trouble_lines(rng, incident, incident.started + timedelta(minutes=minute), 4)
    return "\n".join(sorted(lines)) + "\n"


def trouble_lines(rng: random.Random, incident: Incident, start: datetime, count: int) -> list[str]:
    """`count` errors of the broken service within a minute, and what a direct caller says."""
    lines = []
    for _ in range(count):
        moment = start + timedelta(seconds=rng.uniform(0, 59))
        detail = f"request=req_{rng.randrange(16**6):06x}"
        if incident.fault == "leak":
            detail = f"heap_percent={rng.randint(91, 99)} pause_ms={rng.randint(900, 4200)}"
        lines.append(log_line(moment, "ERROR", incident.service, f"{incident.signature} {detail}"))
    direct = [name for name, hops in callers(incident.service).items() if hops == 1]
    if direct:
        answer = "500" if incident.fault == "bad_release" else "504"
        message = f"UpstreamError: {incident.service} answered {answer}, request repeated"
        moment = start + timedelta(seconds=rng.uniform(0, 59))
        lines.append(log_line(moment, "WARN", rng.choice(direct), message))
    return lines


def usual_lines(rng: random.Random, services: list[str], start: datetime, count: int) -> list[str]:
    """Harmless lines, spread over the incident's sixteen minutes."""
    lines = []
    for _ in range(count):
        name = rng.choice(services)
        moment = start + timedelta(seconds=rng.uniform(0, MINUTES * 60 - 1))
        took = SERVICES[name].p95_ms * rng.uniform(0.2, 0.9)
        message = f"done in {took:.0f} ms request=req_{rng.randrange(16**6):06x}"
        lines.append(log_line(moment, "INFO", name, message))
    return lines


def topology_txt(rng: random.Random) -> str:
    """`caller -> callee`, one a line."""
    edges = list(CALLS)
    rng.shuffle(edges)
    return "".join(f"{caller} -> {callee}\n" for caller, callee in edges)


def changes_jsonl(rng: random.Random, incident: Incident) -> str:
    """Changes of the day. Only a bad release has a release of the broken service among them."""
    others = [name for name in incident.order if name != incident.service]
    rng.shuffle(others)
    changes = []
    for name, change in zip(others, ("configuration", "scaling"), strict=False):
        moment = incident.onset - timedelta(minutes=rng.randint(150, 480))
        changes.append(_change(moment, name, change, None, None))
    if incident.fault == "bad_release":
        earlier = incident.onset - timedelta(minutes=rng.randint(200, 500))
        for moment, name in ((earlier, others[2]), (released_at(incident), incident.service)):
            releases = incident.releases[name]
            changes.append(_change(moment, name, "release", releases.current, releases.previous))
    return "\n".join(sorted(changes)) + "\n"


def _change(
    moment: datetime, component: str, change: str, release: str | None, previous: str | None
) -> str:
    row = {
        "time": _iso(moment),
        "component": component,
        "change": change,
        "release": release,
        "previous_release": previous,
    }
    return json.dumps(row)


def released_at(incident: Incident) -> datetime:
    """A bad release goes out a minute and a half before it shows."""
    return incident.onset - timedelta(seconds=90)


def log_line(moment: datetime, level: str, service: str, message: str) -> str:
    return (
        f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z {level} {service} {message}"
    )


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
