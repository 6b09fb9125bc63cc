"""Sources that contradict each other are both cited; of two editions the newer one is used."""

import pytest

from mendwheel.agents.agent import Brief
from mendwheel.agents.citations import check
from mendwheel.agents.outputs import Answer
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.conflicts import disagreement
from mendwheel.gateway.extractive.consult import consult
from mendwheel.gateway.extractive.stale import freshest

QUESTION = "How long does the download link of an export work before it expires?"


def passage(number: int, text: str, title: str = "", **fields: object) -> Evidence:
    given = {
        "id": f"K{number}",
        "kind": EvidenceKind.PASSAGE,
        "title": title or f"Guide {'abc'[number]}",
        "source": f"doc-{number}",
        "text": text,
        "score": 12.0 - number,
        "confidence": 0.9,
    }
    return Evidence.model_validate(given | fields)


def said(*texts: str, question: str = QUESTION) -> bool:
    passages = [passage(number, text) for number, text in enumerate(texts)]
    return disagreement(question, passages) is not None


def answered(*passages: Evidence, question: str = QUESTION) -> Answer:
    return consult(Brief(report=Report(title=question, body=""), evidence=list(passages)), 0.2)


A = "A download link of an export works for 72 hours, then it expires."


@pytest.mark.parametrize(
    "other",
    [
        "A download link of an export works for 24 hours, then it expires.",
        "The download link of an export works for 7 days before it expires.",
        "A download link of an export does not expire and works for good.",
    ],
)
def test_two_sources_with_different_values_or_a_denial_disagree(other: str) -> None:
    assert said(A, other)
    assert said(other, A)


@pytest.mark.parametrize(
    "other",
    [
        A,
        "A download link of an export works for 3 days, then it expires.",
        "On the premium plan a download link of an export works for 96 hours before it expires.",
        "An invitation works for 24 hours, then it expires.",
        "## How long a download link of an export works: 24 hours",
        "| download link of an export | 24 hours |",
        "Does the download link of an export expire after 24 hours?",
    ],
)
def test_what_says_the_same_or_speaks_of_something_else_does_not_disagree(other: str) -> None:
    standard = A.replace("A download", "On the standard plan a download")
    assert not said(standard if "premium" in other else A, other)


def test_one_document_does_not_contradict_itself() -> None:
    one = passage(0, A)
    other = passage(1, A.replace("72", "24"), source=one.source)
    assert disagreement(QUESTION, [one, other]) is None


def test_an_answer_quotes_both_sides_by_name_and_its_claim_stands_the_citation_check() -> None:
    one, other = passage(1, A), passage(2, A.replace("72", "24"))
    answer = answered(one, other)
    first = answer.claims[0]
    assert answer.stance is Stance.ANSWER
    assert first.text.startswith("Sources disagree: ")
    assert "72 hours" in first.text
    assert "24 hours" in first.text
    assert sorted(first.evidence_ids) == ["K1", "K2"]
    claims = [Claim(text=each.text, evidence_ids=each.evidence_ids) for each in answer.claims]
    diagnosis = Diagnosis(stance=Stance.ANSWER, claims=claims)
    assert check(diagnosis, Dossier(evidence=[one, other]))[1] == []


def test_sources_that_disagree_leave_a_conversation_the_room_of_its_answer() -> None:
    more = " ".join(
        f"The download link of export {number} is sent by letter." for number in range(9)
    )
    found = [passage(0, A), passage(1, A.replace("72", "24")), passage(2, more)]
    body = f"Customer: I made an export.\n\nSupport: It is ready.\n\nCustomer: {QUESTION}"
    lengths = [
        sum(len(claim.text) for claim in consult(Brief(report=report, evidence=found), 0.0).claims)
        for report in (Report(title=QUESTION, body=""), Report(title=QUESTION, body=body))
    ]
    assert lengths[0] <= 600 < lengths[1] <= 1_440


def test_a_document_that_says_it_is_deprecated_gives_way_to_its_newer_edition() -> None:
    old = passage(
        1, f"This page is deprecated. {A.replace('72', '24')}", "Export links (version 1.9)"
    )
    new = passage(2, A, "Export links (version 1.10)")
    answer = answered(old, new)
    text = "\n".join(claim.text for claim in answer.claims)
    assert "72 hours" in text
    assert "24 hours" not in text
    assert "“Export links (version 1.10)” is newer than “Export links (version 1.9)”" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("Export links 2023", A), ("Export links 2025", A)),
        (("Export links v2.9", A), ("Export links v2.10", A)),
        (
            ("Export links", f"Last updated: 2023-04-01. {A}"),
            ("Export links", f"Last updated: 2024-01-15. {A}"),
        ),
        (("Export links [archived]", A), ("Export links", A)),
    ],
)
def test_the_newer_of_two_editions_is_used_in_whatever_order_they_were_found(
    old: tuple[str, str], new: tuple[str, str]
) -> None:
    stale, current = passage(1, old[1], old[0]), passage(2, new[1], new[0])
    for order in ([stale, current], [current, stale]):
        fresh = freshest(order, QUESTION)
        assert fresh.evidence == [current]
        assert fresh.replaced == (stale, current)


def test_the_edition_that_the_question_names_is_kept_however_old() -> None:
    old, new = passage(1, A, "Export links v2.9"), passage(2, A, "Export links v3.0")
    assert old in freshest([old, new], f"{QUESTION} We run v2.9.").evidence


def test_documents_without_an_age_or_of_another_title_are_left_alone() -> None:
    found = [passage(1, A, "Export links"), passage(2, A, "Import links 2025"), passage(0, A)]
    fresh = freshest(found, QUESTION)
    assert (fresh.evidence, fresh.replaced, fresh.outdated) == (found, None, None)


def test_the_only_source_is_quoted_although_it_is_out_of_date_and_that_is_said() -> None:
    answer = answered(passage(1, f"This guide is no longer maintained. {A}", "Export links"))
    assert "“Export links” says that it is out of date." in answer.claims[0].text
    assert "72 hours" in answer.claims[0].text
