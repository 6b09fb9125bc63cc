"""What people are told about tickets: where one stands, which there are, why one ended so."""

import asyncio

from pydantic import BaseModel, ValidationError

from mendwheel.contracts.messages import Status
from mendwheel.domain.approval import Approval
from mendwheel.domain.diagnosis import Diagnosis
from mendwheel.domain.evidence import Dossier
from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.domain.state import Step
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.reach import IntakeError, TicketNotFound
from mendwheel.integrations.slack.escape import inline_code, link, literal, plain
from mendwheel.integrations.slack.limits import clip
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.listeners.shown_here import ended_here, shown_here
from mendwheel.integrations.slack.people import with_people
from mendwheel.integrations.slack.telling import Told
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.workflows.view import waiting_for

_ASK_WITHIN = 1.2
"""Seconds a ticket's workflow has to answer; the store answers for it when it does not."""

_LISTED, _CLAIMS, _STEPS = 15, 6, 12


async def status(reception: Reception, ticket: str, place: str) -> Told:
    """Where a ticket stands, from its workflow or else from the store."""
    stores = reception.edge.stores
    case = await reception.ask(stores.cases.get, ticket)
    if case is not None and not case.open:
        # Nothing moves any more, and a closed workflow would be replayed whole to say the same.
        outcome = await reception.ask(ended_here, reception.edge, ticket, place)
        return Told(text=_remembered(ticket, case, outcome, None))
    asked = await reception.ask(_undecided, stores, ticket)
    if case is not None and asked is not None:
        # It was kept before anybody was asked, and a busy worker need not be waited for.
        return Told(text=_standing(_asking(case, asked)))
    try:
        async with asyncio.timeout(_ASK_WITHIN):
            now = await reception.edge.reach.status(ticket)
        if now.outcome is not None:
            seen = await reception.ask(shown_here, reception.edge, now.outcome, place)
            now = now.model_copy(update={"outcome": seen})
        return Told(text=_standing(now))
    except (IntakeError, TimeoutError) as error:
        outcome = await reception.ask(ended_here, reception.edge, ticket, place)
        if case is None and outcome is None:
            raise (
                error
                if isinstance(error, TicketNotFound)
                else TicketNotFound(f"{ticket} does not answer, and the store does not know it")
            ) from None
        asked = await reception.ask(stores.questions.open, ticket)
        return Told(text=_remembered(ticket, case, outcome, asked))


def _undecided(stores: Stores, ticket: str) -> Approval | None:
    """The question that waits, as long as nobody's answer to it counts."""
    asked = stores.questions.open(ticket)
    if asked is None:
        return None
    said = stores.questions.decisions(asked.request_id)
    return None if any(accepted for _, accepted, _ in said) else asked


def _asking(case: Case, asked: Approval) -> Status:
    return Status(
        ticket_id=case.ticket_id,
        title=case.title,
        phase=Phase.APPROVAL,
        round=asked.round,
        severity=asked.severity,
        component=asked.component,
        waiting_for=waiting_for(Phase.APPROVAL, asked),
        approval=asked,
    )


def _standing(now: Status) -> str:
    lines = [f"*{plain(now.title)}* {inline_code(now.ticket_id)}"]
    facts = [
        now.phase.value.replace("_", " "),
        now.kind.value if now.kind else "",
        f"severity {now.severity.value}" if now.severity else "",
        plain(now.component or ""),
        f"round {now.round}" if now.round > 1 else "",
    ]
    lines.append(" · ".join(filter(None, facts)))
    if now.waiting_for:
        lines.append(f"Waits for {with_people(now.waiting_for)}")
    if now.approval:
        lines.append(f"{plain(now.approval.question)} Code {inline_code(now.approval.code)}")
    return "\n".join([*lines, *_ended(now.outcome)])


def _remembered(
    ticket: str, case: Case | None, outcome: Outcome | None, asked: Approval | None
) -> str:
    lines = [f"*{plain(case.title)}* {inline_code(ticket)}" if case else inline_code(ticket)]
    if asked:
        lines.append(f"{plain(asked.question)} Code {inline_code(asked.code)}")
    if case and case.open:
        lines.append("It is open; no worker answers for it at the moment, it goes on later.")
    return "\n".join([*lines, *_ended(outcome)])


def _ended(outcome: Outcome | None) -> list[str]:
    if outcome is None:
        return []
    kind = outcome.kind.value.replace("_", " ")
    return [f"{kind} ({outcome.standing.value}): {with_people(outcome.reason)}"]


def listing(cases: list[Case], waiting: list[Approval]) -> Told:
    """Open tickets, newest first, and which of them wait for a decision."""
    if not cases:
        return Told(text="No open tickets here.")
    codes = {asked.ticket_id: asked.code for asked in waiting}
    lines = []
    for case in cases[:_LISTED]:
        code = codes.get(case.ticket_id)
        waits = f" · waits for a decision, code {inline_code(code)}" if code else ""
        lines.append(f"• {clip(plain(case.title), 120)} {inline_code(case.ticket_id)}{waits}")
    if len(cases) > _LISTED:
        lines.append(f"… and {len(cases) - _LISTED} more: `mendwheel list --open`")
    return Told(text="\n".join(lines))


async def why(reception: Reception, ticket: str, place: str) -> Told:
    """How it ended, what was claimed, what that rests on, and what happened when."""
    stores = reception.edge.stores
    outcome = await reception.ask(ended_here, reception.edge, ticket, place)
    steps = await _timeline(reception, ticket)
    if outcome is None and not steps:
        raise TicketNotFound(f"{ticket} has no outcome yet, and does not answer")
    lines = [inline_code(ticket), *(_ended(outcome) or ["It has not ended yet."])]
    if outcome is not None:
        lines += await reception.ask(_claims, stores, outcome)
    lines += [f"{step.at:%H:%M} {with_people(step.text)}" for step in steps[-_STEPS:]]
    return Told(text="\n".join(lines))


async def _timeline(reception: Reception, ticket: str) -> list[Step]:
    try:
        async with asyncio.timeout(_ASK_WITHIN):
            return (await reception.edge.reach.timeline(ticket)).steps
    except (IntakeError, TimeoutError):
        return []  # ended long ago, or no worker: the outcome says enough


class _Found(BaseModel):
    """What an outcome refers to, as far as it was not forgotten."""

    diagnosis: Diagnosis | None = None
    dossier: Dossier = Dossier()


def _claims(stores: Stores, outcome: Outcome) -> list[str]:
    found = _read(stores, outcome)
    engine = "no language model" if outcome.engine == EXTRACTIVE else plain(outcome.engine)
    lines = [f"Engine: {engine or 'none'}, confidence {outcome.confidence:.0%}"]
    if found.diagnosis is None:
        return lines
    evidence = {item.id: item for item in found.dossier.evidence}
    for number, claim in enumerate(found.diagnosis.claims[:_CLAIMS], 1):
        lines.append(f"{number}. {clip(literal(claim.text.strip()), 400)}")
        for name in claim.evidence_ids:
            item = evidence.get(name)
            title = (link(item.url, item.title) if item.url else plain(item.title)) if item else ""
            lines.append(f"    [{plain(name)}] {clip(title, 400) or 'is not in the dossier'}")
    if len(found.diagnosis.claims) > _CLAIMS:
        lines.append(f"… `mendwheel why {plain(outcome.ticket_id)}` shows the rest")
    return lines


def _read(stores: Stores, outcome: Outcome) -> _Found:
    found = _Found()
    try:
        if outcome.diagnosis:
            text = stores.artifacts.get(outcome.diagnosis)
            found.diagnosis = Diagnosis.model_validate_json(text)
        if outcome.dossier:
            found.dossier = Dossier.model_validate_json(stores.artifacts.get(outcome.dossier))
    except (LookupError, ValidationError):
        return found  # what can be read is shown
    return found


def usage(settings: Settings) -> Told:
    """What can be said."""
    say = plain(settings.slack_command)
    lines = [
        f"`{say} the checkout shows error 500 since 10:00` starts a ticket",
        *([f"`{say} PROJ-123` takes the Jira issue"] if settings.jira else []),
        f"`{say} status [id]` · `{say} why [id]` · `{say} list`",
        f"`{say} approve [id or CODE]` · `{say} reject [id or CODE] the reason`",
        "Or mention me, write to me directly, or use the shortcut *Resolve this* on a message. "
        "What you reply in a ticket's thread is news for it.",
        "Without an id the latest ticket here is meant. An id may be any part of it that is "
        "unique, from its beginning or its end.",
    ]
    return Told(text="\n".join(lines))
