"""Query, ranking, polarity and likeness: pure rules that search and duplicates rest on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.ticket import Report
from mendwheel.knowledge.alike import alike, traits
from mendwheel.knowledge.conversation import read
from mendwheel.knowledge.polarity import asks_yes_or_no, is_negated
from mendwheel.knowledge.query import MOST_TERMS, counted, match, pairs, telling, weigh
from mendwheel.knowledge.rank import Candidate, is_of_product, rank


def _candidate(key: int, document: int, body: str, title: str = "", **more: bool) -> Candidate:
    return Candidate(key, document, body, "", title, "", **more)


def test_only_the_rarest_known_terms_are_searched_for() -> None:
    counts = counted(" ".join(f"word{number}" for number in range(30)))
    frequencies = {term: place + 1 for place, term in enumerate(counts)}
    del frequencies["word3"]
    wanted = telling(weigh(counts, frequencies, 1000), frequencies)
    assert len(wanted) == MOST_TERMS
    assert wanted[:4] == ["word0", "word1", "word2", "word4"]


def test_repeated_term_weighs_more_and_never_below_nothing() -> None:
    weights = weigh({"once": 1, "thrice": 3, "everywhere": 1}, {"everywhere": 50}, 10)
    assert weights["thrice"] > weights["once"] > weights["everywhere"] > 0


@given(st.text())
def test_no_text_becomes_query_syntax(text: str) -> None:
    quoted = match([text])
    assert quoted[0] == quoted[-1] == '"'
    assert '"' not in quoted[1:-1].replace('""', "")


def test_passage_that_covers_the_question_beats_one_that_repeats_a_word() -> None:
    weights = {"rotat": 3.0, "key": 2.0, "worker": 2.0}
    repeated = _candidate(1, 1, "rotat " * 8)
    covering = _candidate(2, 2, "rotat key worker other words")
    assert [found.key for found in rank(weights, set(), [repeated, covering], 5)] == [2, 1]


def test_words_side_by_side_beat_the_same_words_apart() -> None:
    weights = {"read": 2.0, "replica": 2.0}
    apart = _candidate(1, 1, "replica of what was read")
    together = _candidate(2, 2, "what of was read replica")
    assert rank(weights, pairs("read replica"), [apart, together], 5)[0].key == 2


def test_best_passage_of_each_document_comes_before_second_ones() -> None:
    weights = {"disk": 2.0, "full": 2.0}
    candidates = [_candidate(key, 1, "disk full") for key in (1, 2, 3)]
    candidates.append(_candidate(4, 2, "disk other words"))
    assert [found.document for found in rank(weights, set(), candidates, 3)] == [1, 2, 1]


def test_coverage_is_the_share_of_weight_found() -> None:
    (found,) = rank({"here": 3.0, "absent": 1.0}, set(), [_candidate(1, 1, "here")], 5)
    assert found.coverage == 0.75


def test_product_lifts_its_own_documents() -> None:
    same = [_candidate(1, 1, "limit"), _candidate(2, 2, "limit", of_product=True)]
    assert rank({"limit": 1.0}, set(), same, 5)[0].key == 2
    assert is_of_product("Mail", "docs:mail/limits.md", None)
    assert not is_of_product("mail", "docs/mail.md", None)
    assert not is_of_product("mail", "docs:mail/limits.md", "calendar")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Can I move a mailbox?", True),
        ("Thanks. Is that free of charge?", True),
        ("Does it work offline or only online?", False),
        ("When I stop the relay, does it keep its queue?", True),
        ("When does it keep its queue?", False),
        ("How can I move a mailbox?", False),
        ("Tell me which is best", False),
        ("", False),
    ],
)
def test_yes_or_no_is_only_said_where_it_was_asked_for(question: str, asked: bool) -> None:
    assert asks_yes_or_no(question) is asked


def test_negation_is_seen_in_its_usual_forms() -> None:
    assert all(map(is_negated, ["You can't stop it.", "It is not free.", "Works without keys"]))
    assert not any(map(is_negated, ["Notable knots.", "You can stop it."]))


def test_last_customer_turn_is_the_question_and_the_rest_its_background() -> None:
    body = "Customer: What is a drop box?\n\nSupport: For parcels.\n\nCustomer: Is it free?"
    conversation = read(Report(title="Is it free?", body=body))
    assert conversation.question == "Is it free?"
    assert [turn.by_asker for turn in conversation.background] == [False, True]
    assert conversation.points


def test_report_that_quotes_somebody_is_not_a_conversation() -> None:
    body = "Our page is broken.\nUser: admin\nSupport: none"
    assert read(Report(title="Page broken", body=body)).background == []


def test_later_information_belongs_to_the_open_question() -> None:
    conversation = read(Report(title="Parcel lost", body="Where is it?"), ["It is number 12."])
    assert "Where is it?" in conversation.question
    assert "number 12" in conversation.question
    assert conversation.background == []


def test_conversation_that_ends_with_our_reply_still_has_its_question() -> None:
    body = "Customer: What is a drop box?\n\nSupport: A place to leave parcels."
    conversation = read(Report(title="Drop box", body=body))
    assert conversation.question == "What is a drop box?"
    assert conversation.background == []


def test_long_report_is_asked_by_its_title_and_its_questions() -> None:
    body = (
        "We have run the same mail relay for nine years and never had to think about it at all. "
        "How large may a message be? We would like to tell our customers before the spring."
    )
    assert read(Report(title="Largest message", body=body)).questions == [
        "Largest message",
        "How large may a message be?",
    ]


def _likeness(one: tuple[str, str, str | None], other: tuple[str, str, str | None]) -> float:
    return alike(traits(*one), traits(*other), {}, 0)


SAME_INCIDENT = [
    (
        ("Paying fails", "Since ten o'clock customers get HTTP 503 from pay-api.", "pay"),
        ("Is the till broken?", "Nobody can buy: the browser shows 503, pay-api is named.", "pay"),
    ),
    (
        ("Night export dies", "Job ends with ORA-00942 on STAGING_ORDERS.", "export"),
        ("No reports today", "The log says ORA-00942, STAGING_ORDERS does not exist.", "export"),
    ),
    (
        ("Sign-in broken", "ConnectionRefusedError when login calls redis-01", "login"),
        ("Blank page for staff", "We see ConnectionRefusedError to redis-01 everywhere.", "login"),
    ),
    (
        ("Pods restart", "The indexer is OOMKilled every few minutes.", "indexer"),
        ("Search is stale", "New items are not found; its pod was OOMKilled again.", "indexer"),
    ),
]
OTHER_MATTERS = [
    (  # same place, another error
        ("Paying fails", "Customers get HTTP 503 from pay-api.", "pay"),
        ("Pay pods restart", "pay-api is OOMKilled after the release.", "pay"),
    ),
    (  # same error, another place
        ("Paying fails", "HTTP 503 from pay-api", "pay"),
        ("Search fails", "HTTP 503 from search-api", "search"),
    ),
    (  # two alerts of one rule about different machines
        ("Pod not ready", "Pod shop/cart-7c9d has not been ready for 15 minutes.", None),
        ("Pod not ready", "Pod shop/mail-66f1 has not been ready for 15 minutes.", None),
    ),
    (  # two questions about one setting
        ("Default of max_retry_count?", "What is the default of max_retry_count?", None),
        ("Change max_retry_count", "How do I override max_retry_count for one job?", None),
    ),
    (  # two questions about one topic
        ("Rotate a key", "How do I rotate my API key without downtime?", None),
        ("Find a key", "Where do I find the API key of my account?", None),
    ),
    (  # a level in both logs is no signature
        ("Export slow", "2024 ERROR nothing works in export", "export"),
        ("Import odd", "2024 ERROR umlauts are wrong", "export"),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME_INCIDENT, ids=lambda report: report[0])
def test_two_reports_of_one_incident_are_alike_however_worded(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert _likeness(one, other) >= 0.75
    assert _likeness(one, other) == _likeness(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER_MATTERS, ids=lambda report: report[0])
def test_other_incidents_and_other_questions_are_clearly_less_alike(
    one: tuple[str, str, str | None], other: tuple[str, str, str | None]
) -> None:
    assert _likeness(one, other) <= 0.6


def test_same_report_is_wholly_alike() -> None:
    report = ("Paying fails", "HTTP 503 from pay-api", "pay")
    assert _likeness(report, report) == 1.0
