"""What helped in one incident is said when the next one like it comes without evidence."""

from datetime import UTC, datetime

from mendwheel.domain.outcome import FactKind, OutcomeFact, OutcomeKind, Standing
from mendwheel.domain.ticket import Phase
from tests.workflows.stage import Stage
from tests.workflows.tickets import incident


async def _fixed(stage: Stage) -> str:
    ticket = await stage.submit(incident("leak"))
    await stage.question(ticket)
    await stage.decisions.decide(ticket, True, subject="ada")
    return ticket


async def test_a_second_incident_is_told_what_helped_the_first(stage: Stage) -> None:
    first = await _fixed(stage)
    assert (await stage.result(first)).kind is OutcomeKind.FIXED
    second = await stage.submit(incident("leak", files=[]))
    outcome = await stage.result(second)
    assert (outcome.kind, outcome.remedy) == (OutcomeKind.RUNBOOK, None)
    said = stage.said(second)[-1]
    assert "where this helped: Carried out: restart_service" in said
    assert "[C1]" in said


async def test_what_did_not_hold_is_not_said_to_have_helped(watching: Stage) -> None:
    first = await _fixed(watching)
    await watching.until(first, Phase.WATCH)
    fact = OutcomeFact(id="f-1", kind=FactKind.REASSIGNED, who="tom", at=datetime.now(UTC))
    await watching.handle(first).signal("observe", fact)
    assert (await watching.result(first)).standing is Standing.REVOKED
    second = await watching.submit(incident("leak", files=[]))
    await watching.until(second, Phase.WATCH)
    assert "where this helped" not in watching.said(second)[-1]
