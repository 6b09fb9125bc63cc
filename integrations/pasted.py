"""Log lines that somebody has pasted into a report are recorded evidence, like an attached file."""

import re

_FENCE = re.compile(r"^```[^\n`]*\n(.*?)```", re.DOTALL | re.MULTILINE)
_LOG_LINE = re.compile(
    r"^\s*\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?\S*\s.*\b"
    r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b",
    re.MULTILINE,
)


def pasted_logs(markdown: str) -> list[str]:
    """The fenced blocks that hold log lines; other code is part of the text alone."""
    blocks = (match[1] for match in _FENCE.finditer(markdown))
    return [block for block in blocks if _LOG_LINE.search(block)]
