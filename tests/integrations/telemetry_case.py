"""A ticket, its window, and what the investigators make of what a sense saw."""

from datetime import UTC, datetime, timedelta

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.investigation.case import Case, Exhibit, Finding
from mendwheel.investigation.records import records
from mendwheel.investigation.signals import signals

START = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
WINDOW = Window(start=START, end=START + timedelta(hours=1))
BEGAN = START + timedelta(minutes=30)
"""When trouble begins in tests: in the middle of the window."""

REPORT = Report(title="Orders are slow", body="Customers complain.")
TICKET = Ticket(
    id="t-1",
    system="cli",
    key="1",
    title=REPORT.title,
    reporter="ada",
    report=ArtifactRef(tenant="default", sha256="0" * 64, size=1),
    opened_at=START,
    delivery_id="d-1",
)


def findings(seen: list[Observation], title: str = REPORT.title) -> list[Finding]:
    """What code alone finds in the observations."""
    exhibits = [
        Exhibit(id=f"e{number}", name=each.title, kind=each.media, text=each.text)
        for number, each in enumerate(seen)
    ]
    case = Case(title=title, body="", exhibits=exhibits)
    found = [*signals(case), *records(case)]
    return sorted(found, key=lambda finding: -finding.weight)
