"""A group of alerts as a draft of a ticket, and as news for the ticket that runs. Pure."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from mendwheel.domain.ids import digest
from mendwheel.integrations.alerts.payload import Alert, AlertGroup
from mendwheel.integrations.drafts import Draft, File
from mendwheel.security.redaction import redact

SYSTEM = "alert"
REPORTER = "alertmanager"

COMPONENT_LABELS = (
    "component",
    "service",
    "app",
    "deployment",
    "statefulset",
    "daemonset",
    "container",
    "job",
)
"""The first one that all firing alerts share names the component. `job` comes last: with
exporters it names who measured, not what is broken."""

_FIRST = ("alertname", "severity", *COMPONENT_LABELS, "namespace", "cluster")
_SUMMARIES = ("summary", "message", "description")
_TELL = 20
_REDACTED = 20_000  # characters
_LABELS_FIT = 400  # characters of an exhibit that are read as labels


def to_draft(group: AlertGroup, show_in: Sequence[str] = ()) -> Draft:
    """The ticket of a group in which something fires, followed in `show_in`.

    Raises:
        ValueError: nothing fires.
    """
    firing = group.firing
    if not firing:
        raise ValueError("a resolved group is no ticket: nothing fires")
    labels = _shared(alert.labels for alert in firing)
    return Draft(
        title=_title(group, firing),
        body=_body(firing, labels, group.truncated),
        reporter=REPORTER,
        system=SYSTEM,
        key=ticket_key(group.group_key, firing[0].starts_at),
        component=next(
            (_line(labels[name]) for name in COMPONENT_LABELS if labels.get(name)), None
        ),
        files=[
            File(name="alert_labels.json", media="alert", text=_fitting(labels)),
            File(name="alerts.json", media="alert", text=_recorded(firing)),
        ],
        delivery_id=delivery_id(group),
        place=show_in[0] if show_in else "",
        show_in=list(show_in[1:]),
    )


def ticket_key(group_key: str, since: datetime) -> str:
    """One key per group and start: a redelivery has it again, a re-fire has another."""
    stamp = f"{since:%Y%m%dT%H%M%S}.{since.microsecond // 1000:03}"
    return f"{digest(group_key)[:16]}-{stamp}"


def delivery_id(group: AlertGroup) -> str:
    """The same for the same news, whichever Alertmanager of a cluster brings it, and in what order.

    A firing alert's end is left out: it is a guess that moves on.
    """
    told = sorted(
        [
            alert.fingerprint or digest(alert.labels),
            alert.status,
            alert.starts_at.isoformat(),
            alert.ends_at.isoformat() if alert.ends_at and alert.status == "resolved" else "",
        ]
        for alert in group.alerts
    )
    return f"alert-{digest([group.group_key, told])[:32]}"


def news(new: Sequence[Alert], over: Sequence[Alert], group: AlertGroup) -> str:
    """What the running ticket is told: what has begun, what is over, and what is left."""
    lines = []
    if new:
        lines += ["Alertmanager says firing now too:", *map(_began, new[:_TELL]), *_more(len(new))]
    if over:
        lines += ["Alertmanager says resolved:", *map(_ended, over[:_TELL]), *_more(len(over))]
    return "\n".join([*lines, _left(group)])


def _began(alert: Alert) -> str:
    said = _summary(alert.annotations)
    return f"- {_name(alert)}, since {_moment(alert.starts_at)}{': ' if said else ''}{said}"


def _ended(alert: Alert) -> str:
    until = f" until {_moment(alert.ends_at)}" if alert.ends_at else ""
    return f"- {_name(alert)}, since {_moment(alert.starts_at)}{until}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _left(group: AlertGroup) -> str:
    if group.firing:
        return f"{len(group.firing)} of the group fire now."
    if group.truncated:
        return f"Alertmanager left out {group.truncated} alerts, which may fire."
    return "Nothing of the group fires."


def _title(group: AlertGroup, firing: list[Alert]) -> str:
    name = _line(firing[0].labels.get("alertname", ""))
    said = _summary(group.common_annotations) or _summary(firing[0].annotations)
    title = ": ".join(part for part in (name, said) if part) or "An alert without a name fires"
    return title if len(firing) == 1 else f"{title[:300]} (and {len(firing) - 1} more)"


def _body(firing: list[Alert], shared: dict[str, str], truncated: int) -> str:
    lines = [f"{len(firing)} alert(s) fire, the first since {firing[0].starts_at.isoformat()}."]
    for alert in firing[:_TELL]:
        own = {key: value for key, value in alert.labels.items() if key not in shared}
        where = ", ".join(f"{_line(key, 60)}={_line(value)}" for key, value in _ordered(own))
        said = _summary(alert.annotations)
        lines.append(
            f"- {_name(alert)}{': ' if said else ''}{said}{f' ({where})' if where else ''}"
        )
    lines += _more(len(firing))
    if truncated:
        lines.append(f"Alertmanager left out {truncated} alerts.")
    return "\n".join(lines)


def _more(count: int) -> list[str]:
    return [f"… and {count - _TELL} more"] if count > _TELL else []


def _name(alert: Alert) -> str:
    return _line(alert.labels.get("alertname", "")) or "unnamed alert"


def _summary(annotations: dict[str, str]) -> str:
    return next((_line(annotations[key]) for key in _SUMMARIES if annotations.get(key)), "")


def _line(text: str, most: int = 200) -> str:
    """Labels are other people's text: one line each, without secrets, and not for ever."""
    # Redacted before it is cut: half a long token would not be known as one.
    plain = "".join(each if each.isprintable() else " " for each in redact(text[:_REDACTED]))
    line = " ".join(plain.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _shared(labels: Iterable[dict[str, str]]) -> dict[str, str]:
    first, *others = labels
    return {
        key: value
        for key, value in first.items()
        if all(other.get(key) == value for other in others)
    }


def _ordered(labels: dict[str, str]) -> list[tuple[str, str]]:
    """What names the trouble first, the rest by name."""
    rank = {name: number for number, name in enumerate(_FIRST)}
    return sorted(labels.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0]))


def _fitting(labels: dict[str, str]) -> str:
    """Shared labels as one JSON object that is still whole where only its beginning is read."""
    kept: dict[str, str] = {}
    for key, value in _ordered(labels):
        tried = {**kept, key: value}
        if len(json.dumps(tried, ensure_ascii=False)) <= _LABELS_FIT:
            kept = tried
    return json.dumps(kept, ensure_ascii=False)


def _recorded(firing: list[Alert]) -> str:
    """All that was sent about what fires."""
    return json.dumps([alert.model_dump(mode="json", by_alias=True) for alert in firing], indent=1)
