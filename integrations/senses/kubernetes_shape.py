"""What of a cluster's objects is kept: how they are, never what they are given.

Only named fields are copied, so environment, arguments, annotations and volumes of a pod are left
behind where they come in. Keys are the ones that investigators read.
"""

from typing import Any

Item = dict[str, Any]
_WAITING = 300


def pod(item: Any) -> Item:
    """Phase, conditions that do not hold, and how each container is."""
    status, meta = _dict(item, "status"), _dict(item, "metadata")
    phase = status.get("phase")
    conditions = [] if phase == "Succeeded" else _list(status, "conditions")
    containers = _list(status, "initContainerStatuses") + _list(status, "containerStatuses")
    shown = {
        "name": meta.get("name"),
        "phase": phase,
        "node": _dict(item, "spec").get("nodeName"),
        "started": status.get("startTime"),
        "deletion_timestamp": meta.get("deletionTimestamp"),
        "reason": status.get("reason"),
        "conditions": [_condition(each) for each in conditions],
        "containers": [_container(each, phase) for each in containers],
    }
    return {key: value for key, value in shown.items() if value is not None}


def deployment(item: Any) -> Item:
    """How many are wanted and how many are ready, and the images."""
    spec, status = _dict(item, "spec"), _dict(item, "status")
    desired, ready = _count(spec.get("replicas"), 1), _count(status.get("readyReplicas"), 0)
    template = _dict(_dict(spec, "template"), "spec")
    return {
        "name": _dict(item, "metadata").get("name"),
        "desired": desired,
        "ready": ready,
        "updated": _count(status.get("updatedReplicas"), 0),
        "unavailable": _count(status.get("unavailableReplicas"), max(0, desired - ready)),
        "images": [each.get("image") for each in _list(template, "containers")],
        "conditions": [_condition(each) for each in _list(status, "conditions")],
    }


def event(item: Any) -> Item:
    """What happened to what, how often, until when."""
    about = _dict(item, "involvedObject")
    return {
        "time": moment(item),
        "type": item.get("type"),
        "reason": item.get("reason"),
        "object": f"{about.get('kind')}/{about.get('name')}",
        "count": _count(item.get("count") or _dict(item, "series").get("count"), 1),
        "message": str(item.get("message") or "")[:1000],
    }


def moment(item: Item) -> str:
    """When an event was last seen, ISO 8601; empty if it does not say."""
    series = _dict(item, "series").get("lastObservedTime")
    created = _dict(item, "metadata").get("creationTimestamp")
    return str(series or item.get("lastTimestamp") or item.get("eventTime") or created or "")


def _condition(each: Item) -> Item:
    shown = {key: each.get(key) for key in ("type", "status", "reason")}
    shown["message"] = str(each.get("message") or "")[:_WAITING]
    return {key: value for key, value in shown.items() if value}


def _container(each: Item, phase: Any) -> Item:
    state, last = _dict(each, "state"), _dict(_dict(each, "lastState"), "terminated")
    # A container of a finished job, or one that prepares a pod, is well when it has ended well.
    ended_well = _dict(state, "terminated").get("exitCode") == 0
    shown = {
        "name": each.get("name"),
        "ready": True if ended_well or phase == "Succeeded" else each.get("ready"),
        "restart_count": each.get("restartCount"),
        "image": each.get("image"),
        "state": _state(state),
        "last_end": _ended(last) or None,
    }
    return {key: value for key, value in shown.items() if value is not None}


def _state(state: Item) -> Item:
    if waiting := _dict(state, "waiting"):
        message = str(waiting.get("message") or "")[:_WAITING]
        return {"waiting": True, "reason": waiting.get("reason"), "message": message}
    if ended := _dict(state, "terminated"):
        return _ended(ended)
    return {"running_since": _dict(state, "running").get("startedAt")}


def _ended(ended: Item) -> Item:
    """Not its message: that is the end of its output, which a log sense reads and redacts."""
    shown = {
        "reason": ended.get("reason"),
        "exit_code": ended.get("exitCode"),
        "finished": ended.get("finishedAt"),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _count(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _dict(item: Any, key: str) -> Item:
    found = item.get(key) if isinstance(item, dict) else None
    return found if isinstance(found, dict) else {}


def _list(item: Item, key: str) -> list[Item]:
    found = item.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
