"""Reads past issues out of a file of JSON lines."""

import json
from pathlib import Path

from pydantic import ValidationError

from mendwheel.backtest.past import PastIssue
from mendwheel.knowledge.sources import Problem


def read_issues(path: Path) -> tuple[list[PastIssue], list[Problem]]:
    """The issues in the file's order, and the lines that hold none.

    Raises:
        OSError: the file cannot be read.
    """
    issues: dict[str, PastIssue] = {}
    problems: list[Problem] = []
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            try:
                issue = _issue(raw)
                if issue.id in issues:
                    raise ValueError(f"id {issue.id!r} was there before: the first one counts")
                issues[issue.id] = issue
            except ValueError as error:
                problems.append(Problem(str(path), number, str(error)))
    return list(issues.values()), problems


def _issue(raw: bytes) -> PastIssue:
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
        return PastIssue.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg'].lower()}") from None
