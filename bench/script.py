"""What one of our tickets made Temporal do, read from its history, to be repeated bare."""

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

_FROM_OUTSIDE = {
    # The start, the signal that came with it, the end, and what follows from a command.
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_TIMER_FIRED,
}


class Call(BaseModel):
    """One command. Local activities scheduled at the same moment ran side by side."""

    kind: Literal["local", "activity", "upsert", "timer"]
    name: str = ""
    scheduled: str = ""
    values: dict[str, str | bool] = {}
    seconds: float = 0.0


class Script(BaseModel):
    """The commands of one run, in order."""

    calls: list[Call]


def script_of(events: Iterable[HistoryEvent]) -> Script:
    """Raises ValueError for an event that the bare run could not repeat."""
    return Script(calls=[_call(event) for event in events if event.event_type not in _FROM_OUTSIDE])


def _call(event: HistoryEvent) -> Call:
    match event.event_type:
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            marker = event.marker_recorded_event_attributes
            if marker.marker_name == "core_local_activity":
                told = json.loads(marker.details["data"].payloads[0].data)
                moment = json.dumps(told["original_schedule_time"], sort_keys=True)
                return Call(kind="local", name=told["activity_type"], scheduled=moment)
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            return Call(kind="activity", name=scheduled.activity_type.name)
        case EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
            upsert = event.upsert_workflow_search_attributes_event_attributes
            return Call(kind="upsert", values=_values(upsert.search_attributes.indexed_fields))
        case EventType.EVENT_TYPE_TIMER_STARTED:
            timer = event.timer_started_event_attributes
            return Call(kind="timer", seconds=timer.start_to_fire_timeout.ToTimedelta().seconds)
    name = EventType.Name(event.event_type)
    raise ValueError(f"the bare run cannot repeat {name} (event {event.event_id})")


def _values(fields: Any) -> dict[str, str | bool]:
    read = {name: json.loads(payload.data) for name, payload in fields.items()}
    return {name: value[0] if isinstance(value, list) else value for name, value in read.items()}
