"""Five investigators work side by side; one that fails costs its line, and why names the rest."""

import json
import threading
from collections.abc import Iterator

import pytest

from mendwheel.activities import investigating
from mendwheel.agents.agent import Brief
from mendwheel.cli.reasons import reasons
from mendwheel.cli.why import show
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.integrations.drafts import Draft
from mendwheel.workflows.hearing import INVESTIGATORS
from tests.workflows.stage import Stage
from tests.workflows.tickets import broken, incident

establish = investigating.investigated


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a hanging investigator waits for; set at the end, so that its thread ends too."""
    event = threading.Event()
    yield event
    event.set()


async def ended(stage: Stage, draft: Draft) -> Outcome:
    """Rejected by whoever is asked, so that nothing depends on what the platform does."""
    ticket = await stage.submit(draft)
    await stage.question(ticket)
    await stage.decisions.decide(ticket, False, subject="ada")
    return await stage.result(ticket)


def dossier(stage: Stage, outcome: Outcome) -> Dossier:
    assert outcome.dossier is not None
    return Dossier.model_validate_json(stage.stores.artifacts.get(outcome.dossier))


async def test_five_investigators_work_side_by_side_and_each_is_named_for_what_it_proposes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(len(INVESTIGATORS), timeout=20)

    def investigated(name: str, brief: Brief) -> Dossier:
        together.wait()  # breaks unless all five are under way at once
        return establish(name, brief)

    monkeypatch.setattr(investigating, "investigated", investigated)
    found = dossier(stage, await ended(stage, incident("leak")))
    assert found.of(EvidenceKind.READING) == []
    proposed = {name for each in found.hypotheses for name in each.proposed_by}
    assert {"metrics", "graph", "changes", "logs"} <= proposed <= set(INVESTIGATORS)


async def test_why_shows_a_rejected_cause_with_what_speaks_against_it(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = incident("leak")
    name, _ = broken()
    other = _calm_leaf(draft, name)
    lines = f"2026-01-01T00:00:00Z {other} WARN request timed out after 5000 ms\n"
    for file in draft.files:
        if file.media == "logs":
            file.text += lines
    outcome = await ended(stage, draft)
    found = reasons(stage.settings, outcome.ticket_id)
    assert outcome.component == name
    [rejected] = [each for each in found.rejected if each.cause == f"added latency at {other}"]
    assert rejected.proposed_by == ["logs"]
    [against] = rejected.against
    assert f"of {other} held its level" in against.text
    assert [cited.known for cited in against.evidence] == [True]
    show(found)
    shown = capsys.readouterr().out
    assert f"rejected: added latency at {other} (proposed by logs" in shown
    assert f"against: {against.text}" in shown
    assert f"[{against.evidence[0].id}]" in shown


def _calm_leaf(draft: Draft, name: str) -> str:
    """A service that calls nobody, so that it feels nothing of the broken one."""
    [graph] = [file.text for file in draft.files if file.media == "topology"]
    edges = [line.split(" -> ") for line in graph.splitlines() if " -> " in line]
    callers = {caller for caller, _ in edges}
    return min(callee for _, callee in edges if callee not in callers | {name})


async def test_an_investigator_that_raises_or_hangs_costs_its_line_and_not_the_ticket(
    stage: Stage, never: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def investigated(name: str, brief: Brief) -> Dossier:
        if name == "logs":
            raise ValueError("token=hunter2")
        if name == "changes":
            never.wait()
        return establish(name, brief)

    monkeypatch.setattr(investigating, "WITHIN", 1.0)
    monkeypatch.setattr(investigating, "investigated", investigated)
    outcome = await ended(stage, incident("leak"))
    assert (outcome.kind, outcome.component) == (OutcomeKind.HANDED_OVER, broken()[0])
    found = dossier(stage, outcome)
    assert [(item.source, item.text) for item in found.of(EvidenceKind.READING)] == [
        ("changes", "did not answer within 1 s"),
        ("logs", "failed (ValueError)"),
    ]
    assert "hunter2" not in json.dumps(found.model_dump(mode="json"))


async def test_an_investigator_whose_step_fails_altogether_costs_its_line_and_not_the_ticket(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_brief(self: object, request: object) -> Brief:
        if getattr(request, "investigator", "") == "metrics":
            raise ValueError("no such report")
        return original(self, request)  # type: ignore[arg-type]

    original = investigating.Investigating._brief
    monkeypatch.setattr(investigating.Investigating, "_brief", broken_brief)
    outcome = await ended(stage, incident("leak"))
    assert outcome.component == broken()[0]
    [line] = dossier(stage, outcome).of(EvidenceKind.READING)
    assert line.title == "the investigator of metrics could not be heard"


async def test_a_confrontation_that_fails_leaves_the_proposals_and_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def against(found: Dossier, brief: Brief) -> list[Evidence]:
        raise RecursionError

    monkeypatch.setattr(investigating, "against", against)
    outcome = await ended(stage, incident("leak"))
    assert outcome.component == broken()[0]
    found = dossier(stage, outcome)
    assert found.hypotheses
    assert [item.source for item in found.of(EvidenceKind.READING)] == ["confrontation"]
