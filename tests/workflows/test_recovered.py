"""Monitoring says that it is over: news before anything was done, a good sign afterwards."""

from datetime import UTC, datetime

from mendwheel.domain.outcome import FactKind, OutcomeFact, OutcomeKind, Standing
from mendwheel.domain.ticket import Phase
from tests.workflows.stage import Stage, eventually
from tests.workflows.tickets import incident, question


def recovered(stage: Stage, fact_id: str = "f-1") -> OutcomeFact:
    return OutcomeFact(
        id=fact_id,
        kind=FactKind.RECOVERED,
        who="alertmanager",
        at=datetime.now(UTC),
        detail=stage.stores.artifacts.put("default", "Nothing of the group fires."),
    )


async def test_a_question_is_put_again_when_the_trouble_ended_before_the_answer(
    watching: Stage,
) -> None:
    ticket = await watching.submit(incident("leak"))
    first = (await watching.question(ticket)).approval
    for _ in range(2):
        await watching.intake.observe(ticket, recovered(watching))
    second = (await watching.question(ticket, round=2)).approval
    assert first is not None
    assert second is not None
    assert first.request_id != second.request_id


async def test_a_fix_that_is_watched_is_not_revoked_by_the_recovery(watching: Stage) -> None:
    ticket = await watching.submit(incident("leak"))
    await watching.question(ticket)
    await watching.decisions.decide(ticket, True, subject="ada")
    await watching.until(ticket, Phase.WATCH)
    for fact in (recovered(watching), recovered(watching, "f-2")):
        await watching.intake.observe(ticket, fact)
        await eventually(lambda fact=fact: noted(watching, ticket, fact))
    # A fact that revokes would have ended the watch with the first of them.
    status = await watching.reach.status(ticket)
    assert (status.round, status.phase) == (1, Phase.WATCH)
    assert status.outcome is not None
    assert (status.outcome.kind, status.outcome.standing) == (
        OutcomeKind.FIXED,
        Standing.PROVISIONAL,
    )


async def noted(stage: Stage, ticket: str, fact: OutcomeFact) -> bool:
    return fact in stage.stores.outcomes.facts(ticket)


async def test_an_answer_stands_when_the_trouble_ends_after_its_run(stage: Stage) -> None:
    ticket = await stage.submit(question())
    await stage.result(ticket)
    await stage.intake.observe(ticket, recovered(stage))
    [fact] = stage.stores.outcomes.facts(ticket)
    latest = stage.stores.outcomes.latest(ticket)
    assert latest is not None
    assert (fact.kind, latest.standing) == (FactKind.RECOVERED, Standing.PROVISIONAL)
