"""Texts and interactive elements inside blocks, checked as Slack checks them."""

from collections.abc import Callable, Iterator
from typing import Any

from mendwheel.testing.slack_state import Json

Check = Callable[[Json, str], Iterator[str]]


class Texts:
    """Text objects and strings: not empty, and shorter than `most` characters allow."""

    @staticmethod
    def any(value: Any, at: str, most: int) -> Iterator[str]:
        yield from _text(value, at, most, {"plain_text", "mrkdwn"})

    @staticmethod
    def plain(value: Any, at: str, most: int) -> Iterator[str]:
        yield from _text(value, at, most, {"plain_text"})

    @staticmethod
    def string(value: Any, at: str, most: int) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"must be a string [json-pointer:{at}]"
        elif not value:
            yield f"must be more than 0 characters [json-pointer:{at}]"
        elif len(value) > most:
            yield f"must be less than {most + 1} characters [json-pointer:{at}]"


def _text(value: Any, at: str, most: int, kinds: set[str]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    if value.get("type") not in kinds:
        yield f"must be a valid enum value [json-pointer:{at}/type]"
    for name in value.keys() - {"type", "text", "emoji", "verbatim"}:
        yield f"invalid additional property: {name} [json-pointer:{at}]"
    if value.get("type") == "mrkdwn" and "emoji" in value:
        yield f"invalid additional property: emoji [json-pointer:{at}]"
    yield from Texts.string(value.get("text"), f"{at}/text", most)


def elements(found: Any, at: str) -> Iterator[str]:
    """Elements of one block; no two may have the same action id."""
    seen: set[str] = set()
    for number, each in enumerate(found if isinstance(found, list) else []):
        yield from element(each, f"{at}/{number}")
        name = each.get("action_id") if isinstance(each, dict) else None
        if name in seen:
            yield f"action_id already exists for another element [json-pointer:{at}/{number}]"
        if name is not None:
            seen.add(name)


def element(each: Any, at: str) -> Iterator[str]:
    """One element, with the confirmation it may ask for."""
    if not isinstance(each, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    kind = each.get("type")
    if kind not in _ELEMENTS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    if "action_id" in each:
        yield from Texts.string(each["action_id"], f"{at}/action_id", 255)
    if "confirm" in each:
        yield from _confirm(each["confirm"], f"{at}/confirm")
    if "placeholder" in each:
        yield from Texts.plain(each["placeholder"], f"{at}/placeholder", 150)
    yield from _ELEMENTS[kind](each, at)


def _confirm(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    yield from Texts.plain(value.get("title"), f"{at}/title", 100)
    yield from Texts.any(value.get("text"), f"{at}/text", 300)
    yield from Texts.plain(value.get("confirm"), f"{at}/confirm", 30)
    yield from Texts.plain(value.get("deny"), f"{at}/deny", 30)


def _button(each: Json, at: str) -> Iterator[str]:
    yield from Texts.plain(each.get("text"), f"{at}/text", 75)
    if "value" in each:
        yield from Texts.string(each["value"], f"{at}/value", 2000)
    if "url" in each:
        yield from Texts.string(each["url"], f"{at}/url", 3000)
    if each.get("style", "primary") not in ("primary", "danger"):
        yield f"must be a valid enum value [json-pointer:{at}/style]"


def _options(most: int) -> Check:
    def check(each: Json, at: str) -> Iterator[str]:
        options = each.get("options")
        if "option_groups" in each:
            return
        if not isinstance(options, list) or not 1 <= len(options) <= most:
            yield f"no more than {most} items allowed [json-pointer:{at}/options]"
            return
        for number, option in enumerate(options):
            where = f"{at}/options/{number}"
            if not isinstance(option, dict):
                yield f"must be an object [json-pointer:{where}]"
                continue
            yield from Texts.any(option.get("text"), f"{where}/text", 75)
            yield from Texts.string(option.get("value"), f"{where}/value", 150)

    return check


def _input(each: Json, at: str) -> Iterator[str]:
    if "initial_value" in each:
        yield from Texts.string(each["initial_value"], f"{at}/initial_value", 3000)
    longest = each.get("max_length", 3000)
    if not isinstance(longest, int) or not 1 <= longest <= 3000:
        yield f"must be less than 3001 [json-pointer:{at}/max_length]"


def _feedback(each: Json, at: str) -> Iterator[str]:
    for name in ("positive_button", "negative_button"):
        button = each.get(name)
        if not isinstance(button, dict):
            yield f"missing required field: {name} [json-pointer:{at}]"
            continue
        yield from Texts.plain(button.get("text"), f"{at}/{name}/text", 75)
        yield from Texts.string(button.get("value"), f"{at}/{name}/value", 2000)


def _image(each: Json, at: str) -> Iterator[str]:
    yield from Texts.string(each.get("alt_text"), f"{at}/alt_text", 2000)


def _icon(each: Json, at: str) -> Iterator[str]:
    yield from Texts.string(each.get("icon"), f"{at}/icon", 75)
    yield from Texts.plain(each.get("text"), f"{at}/text", 75)


def _free(each: Json, at: str) -> Iterator[str]:
    yield from ()


_PICKERS = (
    "datepicker timepicker datetimepicker users_select conversations_select channels_select"
    " external_select multi_users_select multi_conversations_select multi_channels_select"
    " multi_external_select rich_text_input email_text_input url_text_input number_input"
    " file_input workflow_button"
)

_ELEMENTS: dict[str, Check] = {
    **dict.fromkeys(_PICKERS.split(), _free),
    "button": _button,
    "overflow": _options(5),
    "static_select": _options(100),
    "multi_static_select": _options(100),
    "radio_buttons": _options(10),
    "checkboxes": _options(10),
    "plain_text_input": _input,
    "feedback_buttons": _feedback,
    "icon_button": _icon,
    "image": _image,
}
