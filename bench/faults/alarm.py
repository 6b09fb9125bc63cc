"""What Alertmanager sends about one service."""

import json
from datetime import UTC, datetime
from typing import Any


def alarm(service: str) -> tuple[str, bytes]:
    """The title of its ticket, and the body of the webhook."""
    labels = {"alertname": "QueueStuck", "service": service, "severity": "critical"}
    alert: dict[str, Any] = {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": f"the queue of {service} does not move"},
        "startsAt": datetime.now(UTC).isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "f1",
    }
    body = {
        "version": "4",
        "groupKey": f"{{}}:{{service={service}}}",
        "status": "firing",
        "receiver": "mendwheel",
        "groupLabels": labels,
        "commonLabels": labels,
        "commonAnnotations": alert["annotations"],
        "externalURL": "http://alerts.example",
        "truncatedAlerts": 0,
        "alerts": [alert],
    }
    return f"QueueStuck: the queue of {service} does not move", json.dumps(body).encode()
