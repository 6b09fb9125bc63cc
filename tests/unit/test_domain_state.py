"""What a ticket carries from run to run, and what an old one still means to new code."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.evidence import ArtifactRef, Dossier, Evidence, EvidenceKind
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.state import Step, TicketInput, TicketState
from mendwheel.domain.ticket import Information, Phase

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
REF = ArtifactRef(tenant="default", sha256="0" * 64, size=1)


@given(st.lists(st.sampled_from("abcdef"), max_size=30))
def test_each_delivery_is_taken_in_once(ids: list[str]) -> None:
    state, taken = TicketState(), list[str]()
    for delivery in ids:
        if state.take(delivery):
            taken.append(delivery)
    assert taken == list(dict.fromkeys(ids))


def test_what_was_seen_is_bounded_and_the_latest_stays() -> None:
    state = TicketState()
    for number in range(2000):
        state.take(str(number))
    assert len(state.seen) == 500
    assert not state.take("1999")


def test_the_next_round_knows_what_was_said_and_forgets_what_was_decided() -> None:
    said = Information(delivery_id="d", author="mary", text=REF, at=NOW)
    step = Step(at=NOW, phase=Phase.REVIEW, text="x")
    outcome = Outcome(ticket_id="t", round=3, kind=OutcomeKind.ANSWERED)
    state = TicketState(
        round=3, phase=Phase.WATCH, information=[said], considered=1, linked=["dup"], asked=True,
        cancelled_by="mary", reopened_by="tom", seen=["d"], outcome=outcome, dossier=REF,
        watch_until=NOW, timeline=[step] * 60,
    )  # fmt: skip
    after = state.next_round()
    assert (after.round, after.phase, after.outcome, after.dossier) == (4, Phase.INTAKE, None, None)
    assert (after.information, after.linked, after.seen) == ([said], ["dup"], ["d"])
    assert (after.considered, after.asked, after.watch_until) == (0, False, None)
    assert (after.cancelled_by, after.reopened_by) == ("mary", "")
    assert len(after.timeline) == 20


def test_a_ticket_of_the_first_version_is_still_understood() -> None:
    """Started last month with these fields and no others; a renamed one would be lost here."""
    ticket = {
        "id": "t", "tenant": "default", "system": "cli", "key": "k", "title": "T",
        "reporter": "mary", "report": {"tenant": "default", "sha256": "0", "size": 1},
        "opened_at": "2026-05-04T09:00:00Z", "delivery_id": "d",
    }  # fmt: skip
    state = {
        "phase": "watch", "round": 2, "considered": 1, "linked": ["a"], "asked": True,
        "seen": ["d"], "watch_until": "2026-05-11T09:00:00Z", "started_at": "2026-05-04T09:00:00Z",
        "information": [
            {
                "delivery_id": "d2", "author": "tom", "at": "2026-05-04T09:00:00Z",
                "text": {"tenant": "default", "sha256": "0", "size": 1},
            }
        ],
        "triage": {"kind": "anomaly", "severity": "high", "component": "c", "missing": []},
        "playbook": {"version": "v", "routes": {"triage": "m"}, "limits": {"watch_window": 5}},
        "outcome": {"ticket_id": "t", "round": 2, "kind": "fixed", "standing": "provisional"},
        "timeline": [{"at": "2026-05-04T09:00:00Z", "phase": "act", "text": "x"}],
    }  # fmt: skip
    start = TicketInput.model_validate(
        {"ticket": ticket, "state": state, "dry_run": True, "recall": False, "index": False}
    )
    kept = start.model_dump(mode="json")
    assert kept["ticket"].items() >= ticket.items()
    for name in ("phase", "round", "considered", "linked", "asked", "seen", "timeline"):
        assert kept["state"][name] == state[name]
    assert start.state.playbook is not None
    assert start.state.playbook.limits.watch_window == 5
    assert start.state.outcome is not None
    assert (start.dry_run, start.recall, start.index) == (True, False, False)


def test_evidence_is_numbered_by_kind_and_added_once() -> None:
    passage = Evidence(kind=EvidenceKind.PASSAGE, title="A", source="a", text="x")
    finding = Evidence(kind=EvidenceKind.FINDING, title="F", source="s", text="y")
    dossier = Dossier()
    dossier.add([passage, finding, passage.model_copy(update={"text": "z"})])
    dossier.add([passage, finding.model_copy(update={"text": "new"})])
    assert [item.id for item in dossier.evidence] == ["K1", "F1", "K2", "F2"]
    assert [item.id for item in dossier.of(EvidenceKind.FINDING)] == ["F1", "F2"]
