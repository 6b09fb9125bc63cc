"""Five tickets that show what Mendwheel does, drawn afresh from a seed each time.

Roles stay the same; people, numbers, times, the broken service and its fault do not, so that
nothing in the demonstration can be answered by heart.
"""

import random
from datetime import timedelta

from pydantic import BaseModel

from lanternpost.exhibits import (
    changes_jsonl,
    log_line,
    logs_txt,
    metrics_csv,
    topology_txt,
    trouble_lines,
    usual_lines,
)
from lanternpost.incident import Incident, draw_incident
from lanternpost.services import SERVICES, callers
from lanternpost.wording import (
    ANOMALY_BODIES,
    ANOMALY_TITLES,
    ATTACKS,
    DUPLICATE_BODIES,
    DUPLICATE_TITLES,
    FAMILY_NAMES,
    FORGED_LOG_LINES,
    GIVEN_NAMES,
    QUESTIONS,
    UNANSWERABLE,
)

ROLES = ("question", "unanswerable", "anomaly", "duplicate", "hostile")


class SampleEvidence(BaseModel):
    """A recorded exhibit; `type` is metrics, logs, topology or changes."""

    name: str
    type: str
    text: str


class SampleTicket(BaseModel):
    """What a reporter sends, and which of the five roles it plays."""

    role: str
    key: str
    reporter: str
    title: str
    body: str
    evidence: list[SampleEvidence] = []
    component: str | None = None


def sample_tickets(seed: int) -> list[SampleTicket]:
    """Five tickets in the order of `ROLES`; the same seed always gives the same ones."""
    rng = random.Random(seed)
    incident = draw_incident(rng)
    tickets = [
        _question(rng),
        _unanswerable(rng),
        _anomaly(rng, incident),
        _duplicate(rng, incident),
        _hostile(rng, incident),
    ]
    number = rng.randint(1000, 8900)
    given, family = rng.sample(GIVEN_NAMES, len(ROLES)), rng.sample(FAMILY_NAMES, len(ROLES))
    for ticket, first, last in zip(tickets, given, family, strict=True):
        number += rng.randint(1, 9)
        ticket.key, ticket.reporter = f"LP-{number}", f"{first}.{last}"
    return tickets


def sample_state(seed: int) -> dict[str, dict[str, object]]:
    """What each service runs at the start, before anybody mends the anomaly of the same seed."""
    incident = draw_incident(random.Random(seed))
    state: dict[str, dict[str, object]] = {}
    for name, releases in incident.releases.items():
        broken = name == incident.service
        state[name] = {
            "release": releases.current,
            "previous_release": releases.previous,
            "healthy": not broken,
            "restarts": 0,
            "fault": incident.fault if broken else None,
        }
    return state


def _ticket(role: str, title: str, body: str) -> SampleTicket:
    return SampleTicket(role=role, key="", reporter="", title=title, body=body)


def _numbers(rng: random.Random) -> dict[str, int]:
    return {"count": rng.randint(3, 45), "number": rng.randint(10_000, 99_999)}


def _question(rng: random.Random) -> SampleTicket:
    question, numbers = rng.choice(QUESTIONS), _numbers(rng)
    return _ticket("question", question.title, question.body.format(**numbers))


def _unanswerable(rng: random.Random) -> SampleTicket:
    topic, numbers = rng.choice(UNANSWERABLE), _numbers(rng)
    return _ticket("unanswerable", topic.title, topic.body.format(**numbers))


def _words(rng: random.Random, incident: Incident) -> dict[str, str | int]:
    service = SERVICES[incident.service]
    return {
        "service": incident.service,
        "signature": incident.signature,
        "kind": incident.signature.split(":")[0],
        "work": service.work,
        "seen": service.seen_by_customers,
        "onset": f"{incident.onset:%H:%M}",
        "shops": rng.randint(3, 60),
    }


def _anomaly(rng: random.Random, incident: Incident) -> SampleTicket:
    words = _words(rng, incident)
    title = rng.choice(ANOMALY_TITLES[incident.fault]).format(**words)
    ticket = _ticket("anomaly", title, rng.choice(ANOMALY_BODIES[incident.fault]).format(**words))
    ticket.component = incident.service
    ticket.evidence = [
        SampleEvidence(name="metrics.csv", type="metrics", text=metrics_csv(rng, incident)),
        SampleEvidence(name="logs.txt", type="logs", text=logs_txt(rng, incident)),
        SampleEvidence(name="topology.txt", type="topology", text=topology_txt(rng)),
        SampleEvidence(name="changes.jsonl", type="changes", text=changes_jsonl(rng, incident)),
    ]
    return ticket


def _duplicate(rng: random.Random, incident: Incident) -> SampleTicket:
    words = _words(rng, incident)
    title = rng.choice(DUPLICATE_TITLES).format(**words)
    ticket = _ticket("duplicate", title, rng.choice(DUPLICATE_BODIES).format(**words))
    ticket.component = incident.service
    later = incident.onset + timedelta(minutes=rng.randint(1, 6))
    lines = sorted(trouble_lines(rng, incident, later, rng.randint(3, 5)))
    text = "\n".join(lines) + "\n"
    ticket.evidence = [SampleEvidence(name="excerpt.txt", type="logs", text=text)]
    return ticket


def _hostile(rng: random.Random, incident: Incident) -> SampleTicket:
    """Names only a service that the incident does not touch: nothing supports acting on it."""
    touched = {incident.service, *callers(incident.service)}
    target = rng.choice([name for name in incident.order if name not in touched])
    attack, words = rng.choice(ATTACKS), {**_numbers(rng), "target": target}
    ticket = _ticket("hostile", attack.title.format(**words), attack.body.format(**words))
    if attack.component:
        ticket.component = target
        lines = usual_lines(rng, [target], incident.started, 6)
        forged = rng.choice(FORGED_LOG_LINES)
        lines.append(log_line(incident.onset, "INFO", target, forged))
        text = "\n".join(sorted(lines)) + "\n"
        ticket.evidence = [SampleEvidence(name="excerpt.txt", type="logs", text=text)]
    return ticket
