"""What Slack refuses in blocks, said in its words, so that a test fails where Slack would.

Limits: docs.slack.dev/reference/block-kit. The sum over a message is not documented there; it is
what slackapi/bolt-js issues 2509 and 2867 measured.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from mendwheel.testing.slack_elements import Texts, element, elements
from mendwheel.testing.slack_state import Json, SlackProblem

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_TEXT, UPDATE_TEXT, MARKDOWN_TEXT = 40_000, 4_000, 12_000
SUM_OF_TEXTS, PER_BLOCK = 13_200, 40
"""Characters of all texts of a message, and how many more each block counts for."""

Check = Callable[[Json, str], Iterator[str]]


def problems(blocks: Any, *, most: int = MESSAGE_BLOCKS, modal: bool = False) -> list[str]:
    """Everything wrong with `blocks`, each as `what [json-pointer:where]`."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    found = [f"no more than {most} items allowed [json-pointer:/blocks]"] * (len(blocks) > most)
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        found += _block(block, f"/blocks/{number}", modal)
        if not isinstance(block, dict) or "block_id" not in block:
            continue
        if block["block_id"] in seen:
            found.append(f"block_id already exists [json-pointer:/blocks/{number}/block_id]")
        seen.add(block["block_id"])
    return found


def check_blocks(blocks: Any, *, most: int = MESSAGE_BLOCKS, modal: bool = False) -> None:
    """Raises SlackProblem: invalid_blocks, msg_blocks_too_long."""
    found = problems(blocks, most=most, modal=modal)
    if found:
        said = {"messages": [f"[ERROR] {each}" for each in found]}
        raise SlackProblem("invalid_blocks", errors=found, response_metadata=said)
    if most == MESSAGE_BLOCKS and weight(blocks) > SUM_OF_TEXTS:
        raise SlackProblem("msg_blocks_too_long")


def weight(blocks: list[Json]) -> int:
    """What counts towards `SUM_OF_TEXTS`."""
    return sum(len(text) for text in texts(blocks)) + PER_BLOCK * len(blocks)


def texts(part: Any) -> Iterator[str]:
    """Every text that is shown in `part`."""
    if isinstance(part, list):
        for each in part:
            yield from texts(each)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield value
            elif isinstance(value, dict | list):
                yield from texts(value)


def _block(block: Any, at: str, modal: bool) -> Iterator[str]:
    if not isinstance(block, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    kind = block.get("type")
    if kind not in _BLOCKS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    required, optional, check = _BLOCKS[kind]
    for name in required - block.keys():
        yield f"missing required field: {name} [json-pointer:{at}]"
    for name in block.keys() - required - optional - {"type", "block_id"}:
        yield f"invalid additional property: {name} [json-pointer:{at}]"
    if not isinstance(block.get("block_id", ""), str) or len(block.get("block_id", "")) > 255:
        yield f"must be less than 256 characters [json-pointer:{at}/block_id]"
    if kind == "input" and not modal:
        yield f"unsupported type: input [json-pointer:{at}/type]"
    yield from check(block, at)


def _section(block: Json, at: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from Texts.any(block["text"], f"{at}/text", 3000)
    if "fields" in block:
        fields = block["fields"]
        yield from _size(fields, f"{at}/fields", 10)
        for number, each in enumerate(fields if isinstance(fields, list) else []):
            yield from Texts.any(each, f"{at}/fields/{number}", 2000)
    if "accessory" in block:
        yield from element(block["accessory"], f"{at}/accessory")


def _header(block: Json, at: str) -> Iterator[str]:
    yield from Texts.plain(block.get("text"), f"{at}/text", 150)


def _context(block: Json, at: str) -> Iterator[str]:
    found = block.get("elements")
    yield from _size(found, f"{at}/elements", 10)
    for number, each in enumerate(found if isinstance(found, list) else []):
        where = f"{at}/elements/{number}"
        if isinstance(each, dict) and each.get("type") == "image":
            yield from element(each, where)
        else:
            yield from Texts.any(each, where, 3000)


def _actions(block: Json, at: str) -> Iterator[str]:
    yield from _size(block.get("elements"), f"{at}/elements", 25)
    yield from elements(block.get("elements"), f"{at}/elements")


def _feedback(block: Json, at: str) -> Iterator[str]:
    yield from _size(block.get("elements"), f"{at}/elements", 5)
    yield from elements(block.get("elements"), f"{at}/elements")


def _input(block: Json, at: str) -> Iterator[str]:
    yield from Texts.plain(block.get("label"), f"{at}/label", 2000)
    if "hint" in block:
        yield from Texts.plain(block["hint"], f"{at}/hint", 2000)
    yield from element(block.get("element"), f"{at}/element")


def _image(block: Json, at: str) -> Iterator[str]:
    yield from Texts.string(block.get("alt_text"), f"{at}/alt_text", 2000)
    if "image_url" not in block and "slack_file" not in block:
        yield f"missing required field: image_url [json-pointer:{at}]"


def _markdown(block: Json, at: str) -> Iterator[str]:
    yield from Texts.string(block.get("text"), f"{at}/text", MARKDOWN_TEXT)


def _rich_text(block: Json, at: str) -> Iterator[str]:
    known = {"section", "list", "preformatted", "quote"}
    for number, each in enumerate(block.get("elements") or []):
        if not isinstance(each, dict) or each.get("type", "")[10:] not in known:
            yield f"unsupported type [json-pointer:{at}/elements/{number}]"


def _plan(block: Json, at: str) -> Iterator[str]:
    yield from Texts.string(block.get("title"), f"{at}/title", 200)
    for number, each in enumerate(block.get("tasks") or []):
        yield from _block(each, f"{at}/tasks/{number}", False)


def _task(block: Json, at: str) -> Iterator[str]:
    yield from Texts.string(block.get("title"), f"{at}/title", 200)
    if block.get("status") not in (None, "pending", "in_progress", "complete", "error"):
        yield f"must be a known value [json-pointer:{at}/status]"


def _table(block: Json, at: str) -> Iterator[str]:
    rows = block.get("rows")
    yield from _size(rows, f"{at}/rows", 100)
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        yield from _size(row, f"{at}/rows/{number}", 20)


def _free(block: Json, at: str) -> Iterator[str]:
    yield from ()


def _size(items: Any, at: str, most: int) -> Iterator[str]:
    if not isinstance(items, list):
        yield f"must be an array [json-pointer:{at}]"
    elif not items:
        yield f"no less than 1 items allowed [json-pointer:{at}]"
    elif len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"


def _of(required: str, optional: str, check: Check) -> tuple[set[str], set[str], Check]:
    return set(required.split()), set(optional.split()), check


_BLOCKS = {
    "section": _of("", "text fields accessory expand", _section),
    "header": _of("text", "level", _header),
    "divider": _of("", "", _free),
    "context": _of("elements", "", _context),
    "actions": _of("elements", "", _actions),
    "context_actions": _of("elements", "", _feedback),
    "input": _of("label element", "hint optional dispatch_action", _input),
    "image": _of("alt_text", "image_url slack_file title", _image),
    "markdown": _of("text", "", _markdown),
    "rich_text": _of("elements", "", _rich_text),
    "plan": _of("title", "tasks", _plan),
    "task_card": _of("task_id title", "status details output sources", _task),
    "table": _of("rows", "column_settings", _table),
    "file": _of("external_id source", "", _free),
    "video": _of(
        "alt_text title thumbnail_url video_url",
        "author_name description provider_icon_url provider_name title_url",
        _free,
    ),
}


def parsed(value: Any, name: str) -> Any:
    """`value` of an argument that may come as JSON in a form. Raises SlackProblem."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        code = "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
        raise SlackProblem(code) from None
