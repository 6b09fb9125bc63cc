"""Every text that the suite keeps belongs to a ticket, or nobody could have it forgotten."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("mendwheel", "activities", "integrations")


def puts(tree: ast.AST) -> Iterator[tuple[int, list[ast.expr]]]:
    """Line and arguments of every `….artifacts.put`, called or handed on to be called."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = [*node.args, *(each.value for each in node.keywords)]
        if _is_put(node.func):
            yield node.lineno, given
        for place, each in enumerate(node.args):
            if _is_put(each):
                yield node.lineno, given[place + 1 :]


def _is_put(node: ast.expr) -> bool:
    return ast.unparse(node).endswith(("artifacts.put", "answers.put"))


def test_whoever_keeps_a_text_names_its_ticket() -> None:
    found = []
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for line, given in puts(ast.parse(path.read_text("utf-8"))):
                names = [ast.unparse(each) for each in given]
                found.append(path.name)
                told = any("ticket" in name or name == "name" for name in names)
                assert told, f"{path}:{line} keeps a text of no ticket: name it"
    assert len(found) > 8, "the calls are no longer found"
