"""What one of our tickets made Temporal do, read from its history, to be repeated bare."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel
from temporalio.api.common.v1 import Payloads
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
    """One command. Local activities scheduled at the same moment ran side by side.

    Sizes are in bytes: a bare history is to be as long and as big as the one it repeats.
    """

    kind: Literal["local", "activity", "upsert", "timer", "patch"]
    name: str = ""
    scheduled: str = ""
    summary: str | None = None
    input_size: int = 0
    result_size: int = 0
    values: dict[str, str | bool] = {}
    seconds: float = 0.0


class Script(BaseModel):
    """The commands of one run, in order."""

    calls: list[Call]
    result_size: int = 0


def script_of(events: Sequence[HistoryEvent]) -> Script:
    """Raises ValueError for an event that the bare run could not repeat."""
    commands = [event for event in events if event.event_type not in _FROM_OUTSIDE]
    commands = [event for event in commands if not _comes_with_a_patch(event)]
    calls = {event.event_id: _call(event) for event in commands}
    script = Script(calls=list(calls.values()))
    # By identity: Pydantic keeps the calls it was given, so these are the script's own.
    for event in events:
        if event.HasField("activity_task_completed_event_attributes"):
            done = event.activity_task_completed_event_attributes
            calls[done.scheduled_event_id].result_size = _size(done.result)
        elif event.HasField("workflow_execution_completed_event_attributes"):
            ended = event.workflow_execution_completed_event_attributes
            script.result_size = _size(ended.result)
    return script


def _call(event: HistoryEvent) -> Call:
    match event.event_type:
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            marker = event.marker_recorded_event_attributes
            if marker.marker_name == "core_local_activity":
                told = json.loads(marker.details["data"].payloads[0].data)
                moment = json.dumps(told["original_schedule_time"], sort_keys=True)
                return Call(
                    kind="local",
                    name=told["activity_type"],
                    scheduled=moment,
                    summary=_summary(event),
                    result_size=_size(marker.details["result"]),
                )
            if marker.marker_name == "core_patch":
                told = json.loads(marker.details["patch-data"].payloads[0].data)
                return Call(kind="patch", name=told["id"])
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            return Call(
                kind="activity",
                name=scheduled.activity_type.name,
                summary=_summary(event),
                input_size=_size(scheduled.input),
            )
        case EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
            upsert = event.upsert_workflow_search_attributes_event_attributes
            return Call(kind="upsert", values=_values(upsert.search_attributes.indexed_fields))
        case EventType.EVENT_TYPE_TIMER_STARTED:
            timer = event.timer_started_event_attributes
            return Call(kind="timer", seconds=timer.start_to_fire_timeout.ToTimedelta().seconds)
    name = EventType.Name(event.event_type)
    raise ValueError(f"the bare run cannot repeat {name} (event {event.event_id})")


def _comes_with_a_patch(event: HistoryEvent) -> bool:
    """The SDK writes down by itself which patches a run has met."""
    upsert = event.upsert_workflow_search_attributes_event_attributes
    return list(upsert.search_attributes.indexed_fields) == ["TemporalChangeVersion"]


def _size(payloads: Payloads) -> int:
    return sum(len(payload.data) for payload in payloads.payloads)


def _summary(event: HistoryEvent) -> str | None:
    data = event.user_metadata.summary.data
    return str(json.loads(data)) if data else None


def _values(fields: Any) -> dict[str, str | bool]:
    read = {name: json.loads(payload.data) for name, payload in fields.items()}
    return {name: value[0] if isinstance(value, list) else value for name, value in read.items()}
