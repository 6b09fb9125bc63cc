"""Lanternpost's monitoring, as a read that the host registers: nobody pastes metrics in chat."""

import re
from collections.abc import Mapping, Sequence

from lanternpost.tickets import SampleEvidence
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import Sense


class Monitoring:
    """Adds to the built-in read of what came with a report, whose name it takes."""

    name = "exhibits"

    def __init__(self, alarms: Mapping[str, Sequence[SampleEvidence]]) -> None:
        """`alarms`: service → what was recorded around its alarm. Quiet services have none."""
        self._alarms = alarms
        self.attached: Sense | None = None

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]:
        """Records of the alarms of services that the report names."""
        words = f"{report.title}\n{report.body}"
        attached = self.attached.look(ticket, report, query) if self.attached else []
        return attached + [
            Evidence(
                kind=EvidenceKind.EXHIBIT,
                title=record.name,
                source=f"monitoring of {service}",
                media=record.type,
                text=record.text,
            )
            for service, records in self._alarms.items()
            if re.search(rf"(?<![\w-]){re.escape(service)}(?![\w-])", words)
            for record in records
        ]
