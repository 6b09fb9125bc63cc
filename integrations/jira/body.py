"""A text as this Jira takes it, and how long that is."""

import json
from collections.abc import Sequence
from typing import Any

from mendwheel.integrations.jira.adf import document, text_size
from mendwheel.integrations.jira.wiki import wiki

LIMIT = 32_767
"""Characters of one comment or description."""

LARGEST = 120_000
"""Characters of one ADF document as JSON, with all its nodes: many marks cost more than text."""


def written(
    markdown: str, *, cloud: bool, closing: str = "", mention: Sequence[str] = ()
) -> dict[str, Any] | str:
    """`markdown` as the body of a comment: an ADF document (Cloud) or wiki markup."""
    render = document if cloud else wiki
    return render(markdown, closing=closing, mention=mention)


def share(markdown: str, *, cloud: bool) -> float:
    """How much of one comment `markdown` takes: 1.0 is all there is."""
    if not cloud:
        return len(wiki(markdown)) / LIMIT
    body = document(markdown)
    size = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
    return max(text_size(body) / LIMIT, size / LARGEST)
