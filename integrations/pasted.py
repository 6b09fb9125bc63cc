"""Log lines that somebody has pasted into a report are recorded evidence, like an attached file.

Left in the text they would drown what the reporter says: similar tickets and runbooks are found by
its words.
"""

import re

_FENCE = re.compile(r"^```[^\n`]*\n(.*?)```", re.DOTALL | re.MULTILINE)
_LOG_LINE = re.compile(
    r"^\s*\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?\S*\s.*\b"
    r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b",
    re.MULTILINE,
)


def parted(markdown: str) -> tuple[str, dict[str, str]]:
    """The text with `[pasted-1.txt]` for each fenced block of log lines; name → such a block.

    Other code stays where it is.
    """
    logs: dict[str, str] = {}

    def take(block: re.Match[str]) -> str:
        if not _LOG_LINE.search(block[1]):
            return block[0]
        name = f"pasted-{len(logs) + 1}.txt"
        logs[name] = block[1]
        return f"[{name}]"

    return _FENCE.sub(take, markdown), logs
