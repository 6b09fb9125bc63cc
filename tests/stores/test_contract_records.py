"""Promises of every backend about what is kept: Artifacts, Outcomes, Questions."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mendwheel.domain.approval import Approval, Decision
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.outcome import FactKind, Outcome, OutcomeFact, OutcomeKind, Standing
from tests.cards import asked

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def approval(request_id: str, ticket_id: str = "t1") -> Approval:
    return asked(request_id=request_id, ticket_id=ticket_id, arguments_sha256="a" * 64)


def decision(decision_id: str, request_id: str = "q1", approved: bool = True) -> Decision:
    return Decision(
        request_id=request_id,
        approved=approved,
        arguments_sha256="a" * 64,
        channel="cli",
        subject="bob",
        decision_id=decision_id,
    )


def outcome(round: int, kind: OutcomeKind = OutcomeKind.ANSWERED) -> Outcome:
    return Outcome(ticket_id="t1", round=round, kind=kind, decided_by=["bob"], started_at=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NUL\x00inside\x00",
        "emoji 🛠️👩🏽‍🚒",
        "lone \ud800 and \udfff",
        "\r\n\u2028\ufeff",
        "x" * 300_000,
    ],
    ids=["empty", "nul", "emoji", "surrogates", "separators", "long"],
)
def test_artifact_comes_back_as_it_was(backend, text):
    ref = backend.artifacts.put("default", text)
    backend.restart()
    assert backend.artifacts.get(ref) == text
    raw = text.encode("utf-8", "surrogatepass")
    assert (ref.size, ref.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(text=st.text(st.characters(codec=None)))
def test_any_artifact_comes_back_as_it_was(backend, text):
    assert backend.artifacts.get(backend.artifacts.put("default", text)) == text


def test_same_artifact_has_the_same_reference(backend):
    assert backend.artifacts.put("default", "log") == backend.artifacts.put("default", "log")


def test_artifact_of_another_tenant_is_unknown(backend):
    ref = backend.artifacts.put("red", "secret")
    with pytest.raises(LookupError, match="blue"):
        backend.artifacts.get(ref.model_copy(update={"tenant": "blue"}))


def test_unknown_artifact_is_named(backend):
    with pytest.raises(LookupError, match="f" * 64):
        backend.artifacts.get(ArtifactRef(tenant="default", sha256="f" * 64, size=1))


def test_latest_outcome_is_the_highest_round_whatever_was_saved_last(backend):
    assert backend.outcomes.latest("t1") is None
    backend.outcomes.save(outcome(2, OutcomeKind.FIXED))
    backend.outcomes.save(outcome(1))
    backend.restart()
    assert backend.outcomes.latest("t1") == outcome(2, OutcomeKind.FIXED)


def test_saving_a_round_again_replaces_it(backend):
    backend.outcomes.save(outcome(1))
    backend.outcomes.save(outcome(1, OutcomeKind.HANDED_OVER))
    assert backend.outcomes.latest("t1").kind is OutcomeKind.HANDED_OVER


def test_settling_changes_the_standing_of_that_round_only(backend):
    backend.outcomes.save(outcome(1))
    backend.outcomes.save(outcome(2))
    backend.outcomes.settle("t1", 1, Standing.REVOKED)
    assert backend.outcomes.latest("t1").standing is Standing.PROVISIONAL
    backend.outcomes.settle("t1", 2, Standing.CONFIRMED)
    assert backend.outcomes.latest("t1").standing is Standing.CONFIRMED


def test_settling_an_unknown_round_is_refused(backend):
    with pytest.raises(LookupError, match="round 3 of ticket t1"):
        backend.outcomes.settle("t1", 3, Standing.CONFIRMED)


def test_fact_counts_once_however_often_it_is_delivered(backend):
    fact = OutcomeFact(id="d1", kind=FactKind.REOPENED, who="ann", at=NOW)
    up = OutcomeFact(id="d2", kind=FactKind.THUMBS_UP, who="ann", at=NOW)
    assert backend.outcomes.add_fact("t1", fact)
    assert backend.outcomes.add_fact("t1", up)
    assert not backend.outcomes.add_fact("t1", fact.model_copy(update={"who": "eve"}))
    assert backend.outcomes.add_fact("t2", fact)
    assert backend.outcomes.facts("t1") == [fact, up]


def test_question_is_open_until_it_is_closed(backend):
    assert backend.questions.open("t1") is None
    backend.questions.asked(approval("q1"))
    backend.restart()
    assert backend.questions.open("t1") == approval("q1")
    assert backend.questions.open("t2") is None
    backend.questions.closed("q1")
    backend.questions.closed("q1")
    assert backend.questions.open("t1") is None


def test_closed_question_is_not_reopened_by_a_retry(backend):
    backend.questions.asked(approval("q1"))
    backend.questions.closed("q1")
    backend.questions.asked(approval("q1"))
    assert backend.questions.open("t1") is None


def test_newer_question_takes_the_place_of_the_older(backend):
    backend.questions.asked(approval("q1"))
    backend.questions.asked(approval("q2"))
    backend.questions.asked(approval("q1"))
    assert backend.questions.open("t1").request_id == "q2"
    backend.questions.closed("q2")
    assert backend.questions.open("t1") is None


def test_asking_about_one_ticket_leaves_the_others_open(backend):
    backend.questions.asked(approval("q1", "t1"))
    backend.questions.asked(approval("q2", "t2"))
    assert backend.questions.open("t1").request_id == "q1"


def test_every_decision_is_kept_once_with_what_came_of_it(backend):
    late, good = decision("d1", approved=False), decision("d2")
    backend.questions.decided("q1", late, False, "too late")
    backend.questions.decided("q1", good, True, "")
    backend.questions.decided("q1", good, True, "")
    assert backend.questions.decisions("q1") == [(late, False, "too late"), (good, True, "")]
    assert backend.questions.decisions("q2") == []


def test_accepted_decision_is_not_overwritten_by_its_late_copy(backend):
    backend.questions.decided("q1", decision("d1"), False, "not asked yet")
    backend.questions.decided("q1", decision("d1"), True, "")
    backend.questions.decided("q1", decision("d1"), False, "already decided")
    assert backend.questions.decisions("q1") == [(decision("d1"), True, "")]
