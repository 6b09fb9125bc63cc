"""What is known of a customer stands beside an answer where it was asked for, and nowhere else."""

import pytest

from mendwheel.agents.agent import Brief
from mendwheel.agents.citations import check
from mendwheel.agents.outputs import Answer, CitedClaim
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.evidence import CUSTOMER, Dossier, Evidence, EvidenceKind
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.customer import ROOM, with_record

RECORD = "account: Initech\nplan.name: Team\nentitlements: single sign-on, audit log\nseats: 25"
SAID = Answer(
    stance=Stance.ANSWER,
    claims=[
        CitedClaim(text="Yes. It is part of Team and above.", evidence_ids=["K1"]),
        CitedClaim(text="Ask an owner to turn it on.", evidence_ids=["K1"]),
    ],
    confidence=0.8,
)


def record(text: str = RECORD) -> Evidence:
    return Evidence(
        id="X1",
        kind=EvidenceKind.EXHIBIT,
        title="customer of the reporter",
        source="customer",
        media=CUSTOMER,
        text=text,
    )


def asked(question: str, *evidence: Evidence) -> Answer:
    report = Report(title=question, body="")
    return with_record(SAID, Brief(report=report, evidence=list(evidence)))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Is the audit log included in our plan?", ["plan.name: Team", "entitlements: single"]),
        ("Do we have access to single sign-on?", ["entitlements: single sign-on, audit log"]),
        ("What does our subscription hold?", ["plan.name: Team", "entitlements", "seats: 25"]),
        ("How many seats can I give away?", ["seats: 25"]),
        ("Which account is this?", ["account: Initech"]),
    ],
)
def test_what_a_question_asks_of_the_record_is_quoted_behind_the_first_claim_and_cited(
    question: str, told: list[str]
) -> None:
    first, quoted, last = asked(question, record()).claims
    assert [first, last] == SAID.claims
    assert quoted.evidence_ids == ["X1"]
    assert [each for each in told if each not in quoted.text] == []


@pytest.mark.parametrize(
    "question",
    [
        "How do I invite a member to a team?",
        "Why does the export hang?",
        "How do I turn on the audit log?",
    ],
)
def test_a_question_about_something_else_gets_nothing_of_it(question: str) -> None:
    assert asked(question, record()) == SAID


def test_without_a_record_or_with_one_that_is_empty_the_answer_stays() -> None:
    question = "Is the audit log included in our plan?"
    assert asked(question) == SAID
    assert asked(question, record("The reporter is not known as a customer.")) == SAID
    assert asked(question, record().model_copy(update={"media": "missing"})) == SAID


def test_only_what_was_asked_is_quoted_and_a_long_record_takes_no_more_than_its_room() -> None:
    [_, quoted, _] = asked("How many seats can I give away?", record()).claims
    assert "Initech" not in quoted.text
    long = "\n".join(f"plan.part{n}: {'x' * 90}" for n in range(9))
    [_, quoted, _] = asked("Which plan is ours?", record(long)).claims
    assert 90 < len(quoted.text) <= ROOM


def test_the_quote_stands_up_to_the_citation_check() -> None:
    claims = [Claim(**each.model_dump()) for each in asked("Which plan is ours?", record()).claims]
    [kept], objections = check(
        Diagnosis(stance=Stance.ANSWER, claims=claims[1:2], engine=EXTRACTIVE),
        Dossier(evidence=[record()]),
    )
    assert (kept.evidence_ids, objections) == (["X1"], [])
