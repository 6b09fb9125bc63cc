"""Reads who calls whom from lines like `a -> b`, where an exhibit is about that at all.

Logs have arrows too (a state that changes, a request that is routed, a mapping that is printed).
Taken for edges they would lead a walk from the component that hurts to one that nothing calls.
"""

import re

from mendwheel.investigation.reading import lines_of
from mendwheel.investigation.walk import Graph

EDGE_LIMIT = 20_000
SAMPLED = 400
"""Lines that are looked at to see what an exhibit is about."""
MOSTLY = 0.5
"""Share of its lines that are edges where an exhibit is about edges."""
_ARROWS = ("-->", "->", "→", "=>")
_MEDIA = ("topology", "traces")
_NAME = r'"?[\w./:@-]{1,120}"?'
_REMARK = r"(?:: [^,]{0,120})?"
# A name has no spaces, and each callee may have a remark: `a -> b: 12 calls, c: 3 calls`.
_EDGE = re.compile(
    rf"[\s\-*]*{_NAME}\s*(?:-->|->|→|=>)\s*{_NAME}{_REMARK}(?:, {_NAME}{_REMARK})*;?\s*"
)


def tells_edges(media: str, text: str) -> bool:
    """Whether `text` tells who calls whom: its media says so, or most of its lines are edges."""
    if not any(arrow in text for arrow in _ARROWS):
        return False
    if media in _MEDIA:
        return True
    lines = [line for line in lines_of(text, SAMPLED) if line.strip()]
    edges = sum(1 for line in lines if len(line) <= 2000 and _EDGE.fullmatch(line))
    return edges > MOSTLY * len(lines)


def read_graph(graph: Graph, text: str) -> None:
    """Adds every `a -> b` line (`a -> b, c` adds two)."""
    for line in text.splitlines()[:EDGE_LIMIT]:
        arrow = next((a for a in _ARROWS if a in line), None)
        if arrow is None or len(line) > 2000:
            continue
        left, _, right = line.partition(arrow)
        caller = left.strip(' \t-*"')
        for callee in right.split(", "):
            name = callee.split(": ", 1)[0].strip(' \t;"')
            if caller and name:
                graph.add(caller, name)
