"""Dialogs: why not, other arguments, what else to look at; and what comes back of them. Pure."""

import json
from typing import Any, Self

from pydantic import BaseModel, ValidationError

from mendwheel.domain.approval import Approval
from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.escape import literal, plain
from mendwheel.integrations.slack.limits import SECTION, clip

View = dict[str, Any]

NOTE = 500
"""Characters of a reason; a decision keeps no more."""
TEXT = 3000
"""Characters that an input takes."""
_INPUTS = 90
"""Blocks of a modal are limited to 100."""
REASON = "reason"
MORE = "more"


class Origin(BaseModel):
    """What a dialog is about and where it was opened: its submission does not say."""

    question: str = ""
    ticket: str = ""
    channel: str = ""
    thread: str = ""

    @classmethod
    def of(cls, view: View) -> Self:
        """Of a submitted view; an empty one when it carries none of ours."""
        try:
            return cls.model_validate_json(view.get("private_metadata") or "{}")
        except ValidationError:
            return cls()


def reject(asked: Approval, origin: Origin) -> View:
    """Why not?"""
    about = _about(f"*{plain(asked.question)}*\nIt will not be done; a human goes on.")
    reason = _input(REASON, "Reason", max_length=NOTE, multiline=True)
    return _view(names.REJECT_REASON, "Reject", "Reject", origin, [about, reason])


def more(title: str, origin: Origin) -> View:
    """What else should the agents look at?"""
    about = _about(f"The agents look again, with what you write here: {plain(title)}")
    text = _input(MORE, "What should they know or look at?", max_length=TEXT, multiline=True)
    return _view(names.MORE_TEXT, "Ask for more", "Send", origin, [about, text])


def edit(asked: Approval, origin: Origin) -> View:
    """One input per argument of the open question, filled in."""
    about = _about(
        f"*{plain(asked.question)}*\nOther arguments are a new question: it is put again, "
        "and whoever edits cannot approve it alone."
    )
    inputs = [
        _argument(_block(number), name, now)
        for number, (name, now) in enumerate(sorted(asked.arguments.items()))
    ]
    blocks = [about, *inputs[:_INPUTS]]
    return _view(names.EDIT_ARGUMENTS, "Edit arguments", "Propose", origin, blocks)


def values(view: View) -> dict[str, str]:
    """What was written, by block id."""
    state: dict[str, dict[str, View]] = (view.get("state") or {}).get("values") or {}
    return {
        block: "".join(str(field.get("value") or "") for field in fields.values())
        for block, fields in state.items()
    }


def first_input(view: View) -> str:
    """The block that an error is shown under."""
    blocks = view.get("blocks") or []
    return next((str(b["block_id"]) for b in blocks if b.get("type") == "input"), REASON)


def arguments(now: dict[str, Any], given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """`now` with what was written in an `edit` dialog, and what is wrong with it, by block id.

    An argument without an input (it was too long for one) stays as it is.
    """
    edited, wrong = dict(now), dict[str, str]()
    for number, name in enumerate(sorted(now)):
        block = _block(number)
        if block not in given:
            continue
        try:
            edited[name] = _typed(given[block], now[name])
        except ValueError as error:
            wrong[block] = str(error)
    return edited, wrong


def _typed(text: str, now: Any) -> Any:
    """`text` as a value of the type that `now` has. Raises ValueError, for people."""
    if isinstance(now, str):
        return text
    wanted, sample = _kind(now)
    try:
        value = json.loads(text, parse_constant=_no_constant) if text.strip() else None
    except (ValueError, RecursionError):
        raise ValueError(f"is not JSON: write {wanted}, as in {sample}") from None
    if now is not None and _kind(value) != (wanted, sample):
        raise ValueError(f"has to be {wanted}, as in {sample}")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _kind(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return "true or false", "true"
    if isinstance(value, int | float):
        return "a number", "3"
    if isinstance(value, list):
        return "a list", '["a", "b"]'
    if isinstance(value, dict):
        return "an object", '{"name": "value"}'
    return ("a text in quotes", '"a"') if isinstance(value, str) else ("any JSON", "null")


def _block(number: int) -> str:
    return f"argument-{number}"


def _argument(block: str, name: str, now: Any) -> View:
    shown = now if isinstance(now, str) else json.dumps(now, ensure_ascii=False)
    if len(shown) > TEXT:
        return _about(f"{plain(name)} is too long to be edited here, and stays as it is.")
    field = _input(block, clip(plain(name), 150), max_length=TEXT, optional=True, initial=shown)
    field["element"]["multiline"] = "\n" in shown or len(shown) > 80
    if not isinstance(now, str):
        field["hint"] = {"type": "plain_text", "text": f"As JSON: {_kind(now)[0]}."}
    return field


def _input(
    block: str,
    label: str,
    *,
    max_length: int,
    multiline: bool = False,
    optional: bool = False,
    initial: str = "",
) -> View:
    element: View = {
        "type": "plain_text_input",
        "action_id": block,
        "multiline": multiline,
        "max_length": max_length,
    }
    if initial:
        element["initial_value"] = initial
    return {
        "type": "input",
        "block_id": block,
        "optional": optional,
        "label": {"type": "plain_text", "text": label or "unnamed"},
        "element": element,
    }


def _about(mrkdwn: str) -> View:
    text = clip(mrkdwn, SECTION)
    return {"type": "section", "text": {"type": "mrkdwn", "text": text or literal("–")}}


def _view(callback: str, title: str, submit: str, origin: Origin, blocks: list[View]) -> View:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": submit},
        "close": {"type": "plain_text", "text": "Cancel"},
        "private_metadata": origin.model_dump_json(),
        "blocks": blocks,
    }
