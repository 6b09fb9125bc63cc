"""Plan without a model: the remedy that the best fitting runbook names, with recorded arguments."""

import json
from collections.abc import Mapping
from typing import Any

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Argument, Proposal
from mendwheel.domain.evidence import EvidenceKind
from mendwheel.gateway.extractive.runbooks import rank_runbooks

ANY = "any"


def plan(brief: Brief, sources: Mapping[str, Mapping[str, str]]) -> Proposal:
    """A registered remedy, or none with the reason.

    `sources` is what hosts registered: remedy → argument → where it may be taken from.
    """
    diagnosis = brief.diagnosis
    if diagnosis is None or not diagnosis.component:
        return Proposal(reason="no component was named")
    for document, _ in rank_runbooks(brief)[:3]:
        for item in brief.evidence:
            if item.kind is not EvidenceKind.RUNBOOK or item.source != document:
                continue
            if item.component not in (None, "", ANY, diagnosis.component):
                continue
            if not item.remedy or item.remedy not in sources:
                continue
            arguments = _arguments(sources[item.remedy], brief, diagnosis.component)
            if arguments is None:
                continue
            return Proposal(
                tool=item.remedy, arguments=arguments, reason=f"runbook {item.source} [{item.id}]"
            )
    return Proposal(reason="no runbook that fits names a remedy whose arguments are on record")


def _arguments(sources: Mapping[str, str], brief: Brief, component: str) -> list[Argument] | None:
    """Every argument from its registered source; None when one is not on record."""
    arguments: list[Argument] = []
    for name, source in sources.items():
        value = component if source == "component" else recorded(source, brief, component)
        if value is None:
            return None
        arguments.append(Argument(name=name, value=value))
    return arguments


def recorded(source: str, brief: Brief, component: str) -> str | None:
    """`MEDIA.FIELD` of the latest recorded line about the component; None where there is none."""
    media, _, field = source.partition(".")
    value: str | None = None
    for item in brief.evidence:
        if item.kind is not EvidenceKind.EXHIBIT or item.media != media:
            continue
        for line in item.text.splitlines():
            row = _row(line)
            about = row.get("component") or row.get("service")
            if about == component and isinstance(row.get(field), str):
                value = row[field]
    return value


def _row(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}
