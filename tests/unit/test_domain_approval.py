"""The pure part of an approval: what cannot count, and what votes amount to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.approval import (
    Authorisation,
    Decision,
    RulingKind,
    Vote,
    missing,
    objection,
    rule,
    vote_of,
)
from mendwheel.domain.ids import arguments_digest
from mendwheel.tools.registry import Registry, RemedySpec
from tests.cards import asked

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
ASKED = asked(
    request_id="r2",
    arguments_sha256="a" * 64,
    approvers=["ada"],
    asked_at=NOW,
    expires_at=NOW + timedelta(hours=1),
)
YES = Decision(
    request_id="r2",
    approved=True,
    arguments_sha256="a" * 64,
    channel="cli",
    subject="ada",
    decision_id="d",
)


def votes(*given: bool) -> list[Vote]:
    return [
        Vote(decision_id=f"d{number}", subject=f"p{number}", approved=approved, note=f"n{number}")
        for number, approved in enumerate(given)
    ]


def test_a_decision_for_the_open_question_can_count() -> None:
    assert objection(ASKED, YES, NOW) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"request_id": "r1"}, "for an older question; the open one is r2"),
        ({"arguments_sha256": "b" * 64}, "for other arguments"),
    ],
)
def test_a_decision_for_something_else_cannot(change: dict[str, str], why: str) -> None:
    assert why in (objection(ASKED, YES.model_copy(update=change), NOW) or "")


def test_nothing_counts_without_a_question_or_from_its_last_moment_on() -> None:
    assert objection(None, YES, NOW) == "nothing waits for a decision on this ticket"
    assert objection(ASKED, YES, ASKED.expires_at - timedelta(microseconds=1)) is None
    assert "expired at 2026-05-04 10:00 UTC" in (objection(ASKED, YES, ASKED.expires_at) or "")


@given(st.lists(st.booleans(), max_size=6), st.integers(1, 4))
def test_it_is_approved_only_by_enough_people_and_without_any_no(
    given_votes: list[bool], needed: int
) -> None:
    ruling = rule(ASKED.model_copy(update={"needed": needed}), votes(*given_votes))
    if False in given_votes:
        assert ruling is not None
        assert ruling.kind is RulingKind.REJECTED
        first = given_votes.index(False)
        assert (ruling.by, ruling.note) == ([f"p{first}"], f"n{first}")
    elif len(given_votes) >= needed:
        assert ruling is not None
        assert (ruling.kind, len(ruling.by)) == (RulingKind.APPROVED, len(given_votes))
    else:
        assert ruling is None


def test_one_person_is_one_voice() -> None:
    twice = [vote.model_copy(update={"subject": "ada"}) for vote in votes(True, True)]
    assert rule(ASKED.model_copy(update={"needed": 2}), twice) is None


def test_an_attestation_covers_everything_but_itself() -> None:
    covered = YES.signed_part()
    assert set(covered) == set(Decision.model_fields) - {"attestation"}


def test_a_remedy_matches_only_the_hash_of_its_exact_arguments() -> None:
    from lanternpost.host.remedies import REMEDIES

    spec: RemedySpec = REMEDIES[0]
    remedy = Registry([spec]).resolve(spec.name, {"service": "billing"})
    assert remedy.matches(arguments_digest(spec.name, {"service": "billing"}))
    assert not remedy.matches(arguments_digest(spec.name, {"service": "tracker"}))
    assert not remedy.matches(arguments_digest("another_tool", {"service": "billing"}))
    edited = remedy.model_copy(update={"arguments": {"service": "tracker"}})
    assert not edited.matches(edited.arguments_sha256)


def agreed(subject: str, *, stands_for: str = "", independent: bool = True) -> Vote:
    return Vote(
        decision_id=f"d-{subject}",
        subject=subject,
        approved=True,
        stands_for=stands_for,
        independent=independent,
    )


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_however_many_are_needed_they_cannot_all_have_reported_or_edited_it(needed: int) -> None:
    question = ASKED.model_copy(update={"needed": needed})
    involved = [agreed(f"p{number}", independent=False) for number in range(needed)]
    assert rule(question, involved) is None
    assert missing(question, involved) == 1
    ruling = rule(question, [*involved, agreed("grace")])
    assert ruling is not None
    assert ruling.kind is RulingKind.APPROVED


def test_a_delegate_and_who_sent_them_are_one_of_two() -> None:
    two = ASKED.model_copy(update={"needed": 2})
    votes = [agreed("linus", stands_for="ada"), agreed("ada")]
    assert rule(two, votes) is None
    assert rule(two, [*votes, agreed("grace")]) is not None


def may(subject: str, *stands_for: str) -> Authorisation:
    return Authorisation(
        allowed=True, subject=subject, role="approver", stands_for=list(stands_for)
    )


def test_a_voice_that_was_heard_is_not_heard_again() -> None:
    heard = [agreed("linus", stands_for="ada")]
    assert vote_of(may("ada"), YES, heard) == "linus has decided already in the stead of ada"
    assert vote_of(may("linus", "grace"), YES, heard) == "linus has decided already"
    assert vote_of(may("edsger", "ada"), YES, [agreed("ada")]) == (
        "ada has decided already, for whom edsger stands in"
    )


def test_a_delegate_of_two_is_heard_for_the_one_who_has_not_spoken() -> None:
    vote = vote_of(may("edsger", "ada", "grace"), YES, [agreed("ada")])
    assert isinstance(vote, Vote)
    assert (vote.subject, vote.voice) == ("edsger", "grace")
