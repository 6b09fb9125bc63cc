"""From one status to another: ids differ per workflow, so the way is looked up every time."""

from collections.abc import Mapping, Sequence
from typing import Any

from mendwheel.integrations.jira.adf import document
from mendwheel.integrations.jira.client import JiraClient
from mendwheel.ports.world import PlaceError

CATEGORIES = frozenset({"new", "indeterminate", "done"})
_USUAL = ("done", "resolved", "closed", "fixed", "completed")
"""Where several statuses end an issue, "Won't do" must not be taken for "Done"."""

_SETTING = "jira_transition_fields"


def move(client: JiraClient, key: str, wanted: str, values: Mapping[str, str]) -> bool:
    """Bring the issue to the status or category `wanted`; False when it was there already.

    Raises:
        PlaceError: no way leads there (`no_transition`), its screen wants a field that nobody set
            (`field_missing`), or Jira refuses.
    """
    status = _status(client, key)
    if there(status, wanted):
        return False
    ways = client.transitions(key)
    way = choose(ways, wanted)
    if way is None:
        raise _no_way(key, status, ways, wanted)
    fields, update = _screen(client, key, way, values)
    try:
        client.transition(key, str(way["id"]), fields, update)
    except PlaceError as error:
        # Somebody else may have been faster: then it stands where it should.
        if error.kind not in ("400", "409") or not there(_status(client, key), wanted):
            raise
    return True


def _status(client: JiraClient, key: str) -> Mapping[str, Any]:
    status = client.fields(key, ["status"])["status"]
    return status if isinstance(status, Mapping) else {}


def there(status: Mapping[str, Any], wanted: str) -> bool:
    """Whether `status` is the one, or of the category, that is wanted."""
    name = wanted.casefold()
    if str(status.get("name", "")).casefold() == name:
        return True
    return name in CATEGORIES and _category(status) == name


def choose(ways: Sequence[Mapping[str, Any]], wanted: str) -> Mapping[str, Any] | None:
    """The transition to take: by the name of its target, else by category."""
    name = wanted.casefold()
    named = [way for way in ways if _target(way) == name]
    if named or name not in CATEGORIES:
        return named[0] if named else None
    fitting = [way for way in ways if _category(way.get("to")) == name]
    return min(fitting, key=_unusual, default=None)


def _unusual(way: Mapping[str, Any]) -> int:
    target = _target(way)
    return _USUAL.index(target) if target in _USUAL else len(_USUAL)


def _target(way: Mapping[str, Any]) -> str:
    to = way.get("to")
    return str(to.get("name", "")).casefold() if isinstance(to, Mapping) else ""


def _category(status: Any) -> str:
    category = status.get("statusCategory") if isinstance(status, Mapping) else None
    return str(category.get("key", "")) if isinstance(category, Mapping) else ""


def _no_way(
    key: str, status: Mapping[str, Any], ways: Sequence[Mapping[str, Any]], wanted: str
) -> PlaceError:
    names = ", ".join(sorted({str(way.get("to", {}).get("name", "?")) for way in ways})) or "none"
    return PlaceError(
        f"jira:{key}",
        "no_transition",
        f"no transition of {key} leads from {status.get('name', 'its status')} to {wanted}: "
        f"allow it in the workflow, or set another status in jira_transitions (now: {names})",
    )


def _screen(
    client: JiraClient, key: str, way: Mapping[str, Any], values: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes into `fields` and into `update` for the screen of a transition."""
    fields: dict[str, Any] = {}
    update: dict[str, Any] = {}
    wanting: dict[str, str] = {}
    by_name = {name.casefold(): value for name, value in values.items()}
    for name, field in (way.get("fields") or {}).items():
        title = str(field.get("name") or name)
        value = by_name.get(name.casefold(), by_name.get(title.casefold()))
        required = bool(field.get("required")) and not field.get("hasDefaultValue")
        if value is None:
            wanting |= {name: title} if required else {}
            continue
        shaped = shape(field, value, cloud=client.cloud)
        if shaped is None:
            if required:
                raise _not_allowed(key, title, field, value)
        elif "set" in (field.get("operations") or ["set"]):
            fields[name] = shaped
        else:
            update[name] = [{"add": shaped}]
    _refuse_missing(client, key, wanting)
    return fields, update


def _refuse_missing(client: JiraClient, key: str, wanting: Mapping[str, str]) -> None:
    """A required field that the issue has filled already needs no value from us."""
    there = client.fields(key, list(wanting)) if wanting else {}
    missing = [title for name, title in wanting.items() if _empty(there.get(name))]
    if missing:
        raise PlaceError(
            f"jira:{key}",
            "field_missing",
            f"the transition of {key} requires {', '.join(missing)}: set a value in {_SETTING}",
        )


def _empty(value: Any) -> bool:
    return not value or (isinstance(value, Mapping) and value.get("total") == 0)


def shape(field: Mapping[str, Any], value: str, *, cloud: bool) -> Any:
    """`value` as Jira takes it in this field; None when it is none of the allowed ones."""
    schema = field.get("schema") or {}
    kind, item = schema.get("type"), schema.get("items")
    allowed = field.get("allowedValues") or []
    if kind == "array":
        parts = [part.strip() for part in value.split(",") if part.strip()]
        each = [_single(str(item), allowed, part, cloud) for part in parts]
        return None if None in each else each
    if cloud and str(schema.get("custom", "")).endswith(":textarea"):
        return document(value)
    return _single(str(kind), allowed, value, cloud)


def _single(kind: str, allowed: Sequence[Any], value: str, cloud: bool) -> Any:
    if allowed:
        return next((_reference(each) for each in allowed if _is(each, value)), None)
    match kind:
        case "user":
            return {"accountId": value} if cloud else {"name": value}
        case "number":
            return _number(value)
        case "worklog":
            return {"timeSpent": value}
        case "comment":
            return {"body": document(value) if cloud else value}
        case "string" | "date" | "datetime" | "any" | "None":
            return value
        case _:
            return {"name": value}


def _is(option: Any, value: str) -> bool:
    if not isinstance(option, Mapping):
        return str(option).casefold() == value.casefold()
    names = (option.get("name"), option.get("value"), option.get("id"))
    return value.casefold() in [str(name).casefold() for name in names if name is not None]


def _reference(option: Any) -> Any:
    """By name, as people set it; options of lists have a `value` in its place."""
    if not isinstance(option, Mapping):
        return option
    return next(({name: option[name]} for name in ("name", "value", "id") if name in option), None)


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _not_allowed(key: str, title: str, field: Mapping[str, Any], value: str) -> PlaceError:
    options = [each for each in field.get("allowedValues") or [] if isinstance(each, Mapping)]
    names = ", ".join(str(each.get("name") or each.get("value")) for each in options[:10])
    return PlaceError(
        f"jira:{key}",
        "field_value",
        f"the transition of {key} does not take {value!r} as {title}: set another value in "
        f"{_SETTING}" + (f" ({names})" if names else ""),
    )
