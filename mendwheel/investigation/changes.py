"""Recent changes: what was altered shortly before the trouble began."""

import json
import re
from typing import Any

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.clock import onset, seconds
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, dictionaries, quotable
from mendwheel.investigation.vocabulary import choose_fault

LINE_LIMIT = 5000
_WHAT = ("change", "description", "summary", "message", "title", "what")
_WHO = ("component", "service", "app", "target", "workload", "name")
_WHEN = ("time", "timestamp", "at", "date", "deployed_at", "ts")
_CONFIG = re.compile(r"(?i)config|setting|env|flag|limit|timeout|pool|param|secret|threshold")
_HOUR = 3600.0


def change_findings(document: Document, case: Case, names: Names) -> list[Finding]:
    """One finding a change, weightier the closer before the onset; empty when none are listed."""
    began = onset(f"{case.title}\n{case.body}")
    findings = []
    for line, item in _items(document):
        what = next((str(item[k]) for k in _WHAT if item.get(k)), "")
        who = next((str(item[k]) for k in _WHO if item.get(k)), "")
        when = next((str(item[k]) for k in _WHEN if item.get(k) is not None), "")
        if not what or not who:
            continue
        family = "configuration" if _CONFIG.search(what) else "deployment"
        findings.append(
            Finding(
                statement=f"Change to {who[:100]} at {when[:40] or 'unknown time'}: {what[:200]}",
                exhibit_ids=[document.exhibit.id],
                quote=quotable(line),
                component=names.canonical(who),
                fault=choose_fault(family, case.faults),
                weight=_weight(seconds(when), began),
                sense="records",
            )
        )
    return findings[-50:]


def _items(document: Document) -> list[tuple[str, dict[str, Any]]]:
    if document.data is not None:
        return [("", item) for _, item in dictionaries(document.data)]
    items = []
    for line in document.body.splitlines()[:LINE_LIMIT]:
        if line.lstrip().startswith("{"):
            try:
                item = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(item, dict):
                items.append((line, item))
    return items


def _weight(when: float | None, began: float | None) -> float:
    """0.6 within the half hour before the onset, fading over a day; a later change cannot cause."""
    if when is None or began is None:
        return 0.35
    lead = began - when
    if lead < -60:
        return 0.05
    return 0.6 if lead <= _HOUR / 2 else max(0.1, 0.5 - 0.4 * lead / (24 * _HOUR))
