"""Recorded evidence that came with a ticket: the simplest look at the world."""

from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import Artifacts

EXCERPT = 400


class RecordedSense:
    """The ticket's own attachments as exhibits; the full text stays in the artifact store."""

    name = "exhibits"
    of_the_store = True

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts

    def look(self, ticket: Ticket, report: Report, query: str) -> list[Evidence]:
        return [
            Evidence(
                kind=EvidenceKind.EXHIBIT,
                title=attachment.name,
                source=attachment.name,
                media=attachment.media,
                text=self._artifacts.get(attachment.artifact)[:EXCERPT],
                artifact=attachment.artifact,
            )
            for attachment in report.attachments
        ]
