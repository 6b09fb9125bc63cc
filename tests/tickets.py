"""A ticket, whole: a test says of it only what it is about."""

from datetime import UTC, datetime
from typing import Any

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ticket import Ticket

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


def ticket(**more: Any) -> Ticket:
    plain: dict[str, Any] = {
        "id": "mendwheel-default-cli-T-1",
        "system": "cli",
        "key": "T-1",
        "title": "t",
        "reporter": "mary",
        "report": ArtifactRef(tenant="default", sha256="0" * 64, size=1),
        "opened_at": NOW,
        "delivery_id": "d",
    }
    return Ticket(**(plain | more))
