"""Lanternpost's monitoring, as a read that the host registers: nobody attaches metrics in chat."""

import re
from collections.abc import Mapping, Sequence

from lanternpost.tickets import SampleEvidence
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.ticket import Report, Ticket


class Monitoring:
    """Takes the place of the built-in read of attachments, of which chat tickets have none."""

    name = "exhibits"

    def __init__(self, alarms: Mapping[str, Sequence[SampleEvidence]]) -> None:
        """`alarms`: service → what was recorded around its alarm. Quiet services have none."""
        self._alarms = alarms

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]:
        """Records of the alarms of services that the report names."""
        words = f"{report.title}\n{report.body}"
        return [
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
