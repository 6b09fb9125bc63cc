"""Whether a remedy that a model proposes follows from what was found. Checked by code alone.

Whatever a model reads may have talked it into its proposal. So it chooses among what follows from
the evidence, and nothing else: the component that was diagnosed, by rules as well; the tool that a
runbook names; arguments that are on record.
"""

import json
import re
from collections.abc import Mapping

from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Cause, Proposal
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.remedy import Plan, Remedy
from mendwheel.domain.trust import Trust
from mendwheel.gateway.extractive.engine import ExtractiveEngine
from mendwheel.gateway.extractive.plan import ANY, recorded
from mendwheel.security.redaction import holds_secret
from mendwheel.tools.registry import Registry

_NOT_REPORTED = (Trust.CURATED, Trust.ESTABLISHED, Trust.OBSERVED)
"""Where an argument may come from that its host gave no source for: not from the report."""


class Support:
    """Holds proposals to the evidence. `trusted`: as in `supported`."""

    def __init__(self, engine: ExtractiveEngine, registry: Registry, *, trusted: bool) -> None:
        self._engine = engine
        self._registry = registry
        self._trusted = trusted

    def of(self, plan: Plan, said: Proposal, brief: Brief, thresholds: Thresholds) -> Plan:
        """`plan` as far as the evidence in `brief` supports it."""
        if plan.remedy is None:
            return plan
        by_code = self._engine.think(AGENTS["planner"], brief, thresholds)
        cause = self._engine.think(AGENTS["investigator"], brief, thresholds)
        assert isinstance(by_code, Proposal)
        assert isinstance(cause, Cause)
        sources = self._registry.get(plan.remedy.tool).sources
        trusted = self._trusted
        return supported(plan, said, brief, sources, by_code=by_code, cause=cause, trusted=trusted)


def supported(
    plan: Plan,
    said: Proposal,
    brief: Brief,
    sources: Mapping[str, str],
    *,
    by_code: Proposal,
    cause: Cause,
    trusted: bool,
) -> Plan:
    """`plan` as it counts: as it is, always asked about, or without its remedy and with a reason.

    `by_code`, `cause`: what rules make of the same evidence. `trusted`: a model is believed where
    it differs from rules about the cause or the tool; a person is asked then.
    """
    remedy = plan.remedy
    if remedy is None:
        return plan
    objection = (
        _of_component(remedy, brief, sources)
        or _of_arguments(remedy, said, brief, sources)
        or ("" if trusted else _of_rules(remedy, brief, by_code, cause))
    )
    if objection:
        return Plan(reason=f"{remedy.tool}: {objection}"[:300])
    if by_code.tool == remedy.tool and said.tool in _named(brief):
        return plan
    # A tool of the model's own choice, or against rules: nothing but a person stands behind it.
    return plan.model_copy(update={"remedy": remedy.model_copy(update={"always_asked": True})})


def _of_component(remedy: Remedy, brief: Brief, sources: Mapping[str, str]) -> str:
    found = brief.diagnosis.component if brief.diagnosis else None
    about = [remedy.arguments.get(name) for name, each in sources.items() if each == "component"]
    for component in filter(None, [remedy.component, *about]):
        if component != found:
            return "it is about another component than the one that was diagnosed"
    return ""


def _of_arguments(remedy: Remedy, said: Proposal, brief: Brief, sources: Mapping[str, str]) -> str:
    if holds_secret(json.dumps(remedy.arguments, default=str)):
        return "an argument holds something that looks like a secret"
    component = (brief.diagnosis.component if brief.diagnosis else None) or ""
    for argument in said.arguments:
        source = sources.get(argument.name)
        if source == "component":
            continue
        value = str(remedy.arguments.get(argument.name))
        if source is not None and recorded(source, brief, component) != value:
            return f"`{argument.name}` is not what is on record ({source})"
        if source is None and value != component and not _stands(value, brief.evidence):
            return f"`{argument.name}` stands in no evidence but the report"
    return ""


def _of_rules(remedy: Remedy, brief: Brief, by_code: Proposal, cause: Cause) -> str:
    found = brief.diagnosis.component if brief.diagnosis else None
    if remedy.component is not None and cause.component != found:
        return "rules do not find the fault in that component"
    if by_code.tool is not None and by_code.tool != remedy.tool:
        return f"the runbook that fits names {by_code.tool}"
    named = _named(brief)
    return "no runbook for this names it" if named and remedy.tool not in named else ""


def _named(brief: Brief) -> set[str]:
    """Tools that runbooks for this component name."""
    component = brief.diagnosis.component if brief.diagnosis else None
    return {
        item.remedy
        for item in brief.evidence
        if item.kind is EvidenceKind.RUNBOOK
        and item.remedy
        and item.component in (None, "", ANY, component)
    }


def _stands(value: str, evidence: list[Evidence]) -> bool:
    whole = re.compile(rf"(?<![\w.-]){re.escape(value)}(?![\w-]|\.\w)")
    return any(whole.search(item.text) for item in evidence if item.trust in _NOT_REPORTED)
