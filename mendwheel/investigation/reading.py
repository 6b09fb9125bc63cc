"""Opens an exhibit: takes the tool's envelope off, parses JSON, and bounds what is looked at."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mendwheel.investigation.case import QUOTE_LIMIT, Exhibit

TEXT_LIMIT = 2_000_000
NODE_LIMIT = 50_000
LABEL_WORDS = 4
_ASKED = {"invocation", "command", "cmd", "params", "args", "query"}
_ENDED = {"status", "return_code", "exit_code", "returncode", "error"}
_REFERENCE = re.compile(r"(?i)webpage|runbook|wiki|documentation|readme|playbook")
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Document:
    """An opened exhibit. `failed`: the tool itself failed, so its text says nothing of the system.

    `reference`: general advice, not something seen here. `data` is set when the body is JSON.
    """

    exhibit: Exhibit
    body: str
    command: str = ""
    failed: bool = False
    reference: bool = False
    data: Any = None


def open_exhibit(exhibit: Exhibit) -> Document:
    """Never raises; text that is not what it claims to be simply has no JSON `data`."""
    document = Document(exhibit, _bounded(exhibit.text))
    _take_envelope(document)
    if exhibit.kind == "missing":  # what could not be looked at: why not is no symptom
        document.failed = True
    document.reference = bool(_REFERENCE.search(f"{exhibit.name} {document.command}"))
    start = document.body.lstrip()[:1]
    if start and start in "{[":
        document.data = _parse(document.body)
    return document


def _bounded(text: str) -> str:
    """Head and tail where the text is too long: a log tells its end, a table its header."""
    if len(text) <= TEXT_LIMIT:
        return text
    half = TEXT_LIMIT // 2
    head, tail = text[:half], text[-half:]
    return head[: head.rfind("\n") + 1 or half] + tail[tail.find("\n") + 1 :]


def lines_of(text: str, limit: int) -> list[str]:
    """At most `limit` lines: all of them, or the first and the last ones."""
    lines = text.splitlines()
    return lines if len(lines) <= limit else lines[: limit // 2] + lines[-(limit // 2) :]


def _take_envelope(document: Document) -> None:
    first, _, rest = document.body.partition("\n")
    if not first.startswith("{") or len(first) > 20_000:
        return
    head = _parse(first)
    if not isinstance(head, dict) or not (_ASKED & head.keys() and _ENDED & head.keys()):
        return
    second = _parse(rest.partition("\n")[0])
    if any(isinstance(value, list) for value in head.values()) or (
        isinstance(second, dict) and second.keys() == head.keys()
    ):
        return  # an answer in one line, or the first of many like it
    document.body = rest
    asked = (str(head[key]) for key in sorted(_ASKED & head.keys()) if head[key])
    document.command = " ".join(asked)[:2000]
    document.failed = head.get("status") in ("error", "failed", "no_data")


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def dictionaries(
    data: Any, whole: Callable[[dict[str, Any]], bool] = lambda item: False
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dictionary in `data` with the key it stands under, outermost first, bounded.

    One for which `whole` holds is yielded without what it contains.
    """
    queue: list[tuple[str, Any]] = [("", data)]
    for at in range(NODE_LIMIT):
        if at >= len(queue):
            return
        key, value = queue[at]
        if isinstance(value, dict):
            yield key, value
            if whole(value):
                continue
            queue.extend((str(k), v) for k, v in value.items() if isinstance(v, dict | list))
        elif isinstance(value, list):
            queue.extend((key, v) for v in value[:5000] if isinstance(v, dict | list))


def quotable(text: str, at: int = 0) -> str:
    """A short verbatim extract of one line that holds position `at`; white space normalised."""
    start = max(0, at - QUOTE_LIMIT // 3) if len(text) > QUOTE_LIMIT else 0
    window = text[start : start + QUOTE_LIMIT * 2]
    clean = " ".join(window.split())
    return clean[:QUOTE_LIMIT].strip()


def printable(text: str) -> str:
    """Without terminal colours and control characters."""
    return _CONTROL.sub("", text)


def label(exhibit: Exhibit) -> str:
    """`db/slow_queries.json` -> `slow queries`: how a sentence names an exhibit, by a few words."""
    stem = exhibit.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    words = re.sub(r"[_\s]+", " ", printable(stem)).split()
    return " ".join(words[:LABEL_WORDS])[:60] or "evidence"
