"""Reads a file of JSON lines, one thing with an id on each. A bad line never stops the rest."""

import json
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from mendwheel.knowledge.sources import Problem


class Identified(Protocol):
    """A model that a line can hold."""

    id: str


L = TypeVar("L", bound=Identified)


def read_lines(path: Path, holding: type[L]) -> tuple[list[L], list[Problem]]:
    """What the lines hold in the file's order, and the lines that hold nothing of the kind.

    Empty lines are passed over, a key that is null counts as absent, and of two lines with one id
    the first counts.

    Raises:
        OSError: the file cannot be read.
    """
    model = TypeAdapter(holding)
    found: dict[str, L] = {}
    problems: list[Problem] = []
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            try:
                line = _line(raw, model)
                if line.id in found:
                    raise ValueError(f"id {line.id!r} was there before: the first one counts")
                found[line.id] = line
            except ValueError as error:
                problems.append(Problem(str(path), number, str(error)))
    return list(found.values()), problems


def first_of(problems: list[Problem]) -> str:
    """Why a file held nothing, in words that may follow a colon."""
    if not problems:
        return "it is empty, give one JSON object a line"
    return f"line {problems[0].line}: {problems[0].what}"


def _line(raw: bytes, model: TypeAdapter[L]) -> L:
    """Raises ValueError with one line that says what is wrong."""
    try:
        fields = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from None
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return model.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg'].lower()}") from None
