"""What operators and people see of a running ticket: details, status, search attributes."""

from typing import Any

from temporalio.common import SearchAttributeUpdate

from mendwheel.contracts import names
from mendwheel.contracts.messages import Status
from mendwheel.domain.approval import Approval
from mendwheel.domain.state import TicketState
from mendwheel.domain.ticket import Phase, Ticket


def details(ticket: Ticket, state: TicketState, approval: Approval | None) -> str:
    """Markdown for the Temporal UI's "current details"; no text of the reporter but the title."""
    lines = [f"**{_plain(ticket.title)}**", "", f"Phase: `{state.phase.value}`"]
    if state.round > 1:
        lines.append(f"Round: {state.round}")
    if state.triage:
        component = f", {_plain(state.triage.component)}" if state.triage.component else ""
        lines.append(f"Triage: {state.triage.kind.value}, {state.triage.severity.value}{component}")
    if approval:
        lines += ["", f"**Waits for a decision**: {approval.question}"]
        lines.append(f"Request `{approval.request_id}`, expires {approval.expires_at:%F %H:%M} UTC")
    if state.outcome:
        outcome = state.outcome
        lines += ["", f"**{outcome.kind.value}** ({outcome.standing.value}): {outcome.reason}"]
    lines.append("")
    lines += [f"- {step.at:%H:%M:%S} {step.text}" for step in state.timeline[-12:]]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Untrusted words as plain text: no links, images or HTML in an operator's browser."""
    return "".join(f"\\{char}" if char in "\\`*_[]()<>!#|" else char for char in text)


def status(ticket: Ticket, state: TicketState, approval: Approval | None) -> Status:
    return Status(
        ticket_id=ticket.id,
        title=ticket.title,
        phase=state.phase,
        round=state.round,
        kind=state.triage.kind if state.triage else None,
        severity=state.triage.severity if state.triage else None,
        component=state.triage.component if state.triage else ticket.component,
        waiting_for=waiting_for(state.phase, approval),
        approval=approval,
        outcome=state.outcome,
    )


def waiting_for(phase: Phase, approval: Approval | None) -> str:
    if approval:
        return f"a decision by {', '.join(approval.approvers)}"
    if phase is Phase.ASKING:
        return "an answer of the reporter"
    if phase is Phase.WATCH:
        return "the end of the verification window"
    return ""


def triage_attributes(state: TicketState) -> list[SearchAttributeUpdate[Any]]:
    assert state.triage is not None
    updates: list[SearchAttributeUpdate[Any]] = [
        names.KIND.value_set(state.triage.kind.value),
        names.SEVERITY.value_set(state.triage.severity.value),
        names.PHASE.value_set(state.phase.value),
    ]
    if state.triage.component:
        updates.append(names.COMPONENT.value_set(state.triage.component[:100]))
    return updates


def approval_attributes(phase: Phase, waiting: bool) -> list[SearchAttributeUpdate[Any]]:
    return [names.PHASE.value_set(phase.value), names.NEEDS_APPROVAL.value_set(waiting)]


def phase_attributes(phase: Phase) -> list[SearchAttributeUpdate[Any]]:
    return [names.PHASE.value_set(phase.value)]
