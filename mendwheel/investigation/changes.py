"""Recent changes: what was altered shortly before the trouble began."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mendwheel.investigation.accused import Accused
from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.clock import onset, seconds
from mendwheel.investigation.figures import moment
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, dictionaries, quotable
from mendwheel.investigation.vocabulary import choose_fault

LINE_LIMIT = 5000
_WHAT = ("change", "description", "summary", "message", "title", "what")
_WHO = ("component", "service", "app", "target", "workload", "name")
_WHEN = ("time", "timestamp", "at", "date", "deployed_at", "ts")
_CONFIG = re.compile(r"(?i)config|setting|env|flag|limit|timeout|pool|param|secret|threshold")
_HOUR = 3600.0


@dataclass(slots=True, frozen=True)
class Change:
    """One entry of a list of changes; `moment` is `when` in seconds, where it can be read."""

    line: str
    who: str
    component: str
    what: str
    when: str
    moment: float | None
    family: str


def lists_changes(document: Document) -> bool:
    """Whether an exhibit is a list of changes, by what it is or by its name."""
    exhibit = document.exhibit
    return exhibit.kind == "changes" or "change" in exhibit.name.lower()


def change_findings(document: Document, case: Case, names: Names) -> list[Finding]:
    """One finding a change, weightier the closer before the onset; empty when none are listed."""
    began = onset(f"{case.title}\n{case.body}")
    findings = [
        Finding(
            statement=f"Change to {change.who[:100]} at {change.when[:40] or 'unknown time'}: "
            f"{change.what[:200]}",
            exhibit_ids=[document.exhibit.id],
            quote=quotable(change.line),
            component=change.component,
            fault=choose_fault(change.family, case.faults),
            weight=_weight(change.moment, began),
            sense="records",
        )
        for change in _changes(document, names)
    ]
    return findings[-50:]


def late_changes(
    case: Case, documents: Sequence[Document], names: Names, proposed: Sequence[Accused]
) -> list[Finding]:
    """One finding a cause, where every such change to its component came after the trouble."""
    began = onset(f"{case.title}\n{case.body}")
    if began is None:
        return []
    listed = [
        (document.exhibit.id, change)
        for document in documents
        if lists_changes(document) and not (document.failed or document.reference)
        for change in _changes(document, names)
    ]
    found = []
    for each in proposed:
        mine = [
            (identity, change)
            for identity, change in listed
            if change.component == each.component
            and choose_fault(change.family, case.faults) == each.fault
        ]
        if mine and all(_late(change.moment, began) for _, change in mine):
            found.append(_came_late(each, *mine[0], began))
    return found


def _came_late(accused: Accused, identity: str, change: Change, began: float) -> Finding:
    after = ((change.moment or began) - began) / 60
    return Finding(
        statement=f"The change to {accused.component[:100]} came {after:.0f} min after the trouble "
        f"began at {moment(began)}: {change.what[:120]}",
        exhibit_ids=[identity],
        quote=quotable(change.line),
        component=accused.component,
        fault=accused.fault,
        weight=0.5,
        sense="changes",
        against=True,
    )


def _changes(document: Document, names: Names) -> Iterator[Change]:
    for line, item in _items(document):
        what = next((str(item[k]) for k in _WHAT if item.get(k)), "")
        who = next((str(item[k]) for k in _WHO if item.get(k)), "")
        when = next((str(item[k]) for k in _WHEN if item.get(k) is not None), "")
        if what and who:
            family = "configuration" if _CONFIG.search(what) else "deployment"
            yield Change(line, who, names.canonical(who), what, when, seconds(when), family)


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
    if _late(when, began):
        return 0.05
    lead = began - when
    return 0.6 if lead <= _HOUR / 2 else max(0.1, 0.5 - 0.4 * lead / (24 * _HOUR))


def _late(when: float | None, began: float) -> bool:
    """A minute is allowed for: clocks differ."""
    return when is not None and when - began > 60
