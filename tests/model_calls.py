"""A request to a model that went well, whole: a test says of it only what it is about."""

from datetime import UTC, datetime
from typing import Any

from mendwheel.domain.model_call import ModelCall


def model_call(**more: Any) -> ModelCall:
    plain: dict[str, Any] = {
        "at": datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        "ticket_id": "t1",
        "agent": "triage",
        "route": "house",
        "model": "m",
        "prompt_version": "triage-1",
        "prompt_tokens": 500,
        "completion_tokens": 70,
        "cost": 0.25,
        "seconds": 1.5,
    }
    return ModelCall(**(plain | more))
