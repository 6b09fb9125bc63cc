"""What a workflow told the server to do, in order: what a replay of it must say again."""

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import default as default_converter

_COMMANDS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_TIMER_CANCELED,
    EventType.EVENT_TYPE_MARKER_RECORDED,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
    EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
}


def fingerprint(history: WorkflowHistory) -> list[str]:
    """Commands only: signals and tasks depend on when others spoke, these on our code alone."""
    return [_line(event) for event in history.events if event.event_type in _COMMANDS]


def _line(event: HistoryEvent) -> str:
    kind = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower()
    return f"{kind} {_name(event)}".strip()


def _name(event: HistoryEvent) -> str:
    kind = event.event_type
    if kind == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
        return event.activity_task_scheduled_event_attributes.activity_type.name
    if kind == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
        child = event.start_child_workflow_execution_initiated_event_attributes
        return child.workflow_type.name
    if kind == EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED:
        return event.signal_external_workflow_execution_initiated_event_attributes.signal_name
    if kind == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
        upsert = event.upsert_workflow_search_attributes_event_attributes
        return " ".join(sorted(upsert.search_attributes.indexed_fields))
    if kind == EventType.EVENT_TYPE_MARKER_RECORDED:
        return _local_activity(event)
    return ""


def _local_activity(event: HistoryEvent) -> str:
    """The type of a local activity, or the marker's own name (a patch, a version)."""
    marker = event.marker_recorded_event_attributes
    data = marker.details.get("data")
    if data is None:
        return marker.marker_name
    [said] = default_converter().payload_converter.from_payloads(data.payloads)
    return str(said.get("activity_type", marker.marker_name))
