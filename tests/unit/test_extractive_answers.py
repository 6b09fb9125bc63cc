"""The engine without a model quotes faithfully, says yes or no only on evidence, and abstains."""

from hypothesis import given
from hypothesis import strategies as st

from mendwheel.agents.agent import Brief
from mendwheel.agents.citations import check
from mendwheel.agents.outputs import Answer
from mendwheel.domain.diagnosis import Claim, Diagnosis, Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.answers import answer, retrieval_query
from mendwheel.gateway.extractive.runbooks import rank_runbooks, steps

QUEUE = (
    "The relay keeps messages in a queue. The queue holds 500 messages by default. "
    "When the queue is full, the relay refuses new messages."
)
LOGS = "The relay writes a log. Old log files are removed after 30 days."


def _passage(
    identity: str, text: str, title: str = "Mail relay", score: float = 6.0, **more: object
) -> Evidence:
    values = {"id": identity, "kind": EvidenceKind.PASSAGE, "title": title, "text": text}
    return Evidence.model_validate(values | {"source": f"doc-{identity}", "score": score} | more)


def _ask(question: str, *evidence: Evidence, minimum: float = 0.0, body: str = "") -> Answer:
    report = Report(title=question, body=body or question)
    return answer(Brief(report=report, evidence=list(evidence)), minimum)


def _text(given: Answer) -> str:
    return "\n\n".join(claim.text for claim in given.claims)


def test_answer_holds_the_sentence_that_answers_and_cites_where_it_stands() -> None:
    given = _ask(
        "How many messages does the relay queue hold?",
        _passage("K1", QUEUE),
        _passage("K2", LOGS, score=2.0),
    )
    assert given.stance is Stance.ANSWER
    assert "The queue holds 500 messages by default." in given.claims[0].text
    assert given.claims[0].evidence_ids == ["K1"]


def test_every_claim_stands_word_for_word_in_the_evidence_it_cites() -> None:
    evidence = [_passage(f"K{n}", f"{QUEUE} Part {n}. {LOGS}") for n in range(1, 7)]
    given = _ask("How many messages does the relay queue hold?", *evidence)
    texts = {item.id: item.text for item in evidence}
    for claim in given.claims:
        assert all(line in texts[claim.evidence_ids[0]] for line in claim.text.splitlines() if line)
    diagnosis = Diagnosis(
        stance=given.stance,
        claims=[Claim(text=claim.text, evidence_ids=claim.evidence_ids) for claim in given.claims],
    )
    kept, objections = check(diagnosis, Dossier(evidence=evidence))
    assert (len(kept), objections) == (len(given.claims), [])


def test_answer_is_never_longer_than_a_message_may_be() -> None:
    long = " ".join(f"The relay queue holds messages of kind {kind}." for kind in range(200))
    code = "```\n" + "relay --queue hold messages " * 200 + "\n```"
    evidence = [_passage("K1", long), _passage("K2", code), _passage("K3", "x" * 9_000)]
    alone = _ask("Does the relay queue hold messages?", *evidence)
    talk = "Customer: What is a relay?\nSupport: It passes mail on.\nCustomer: Does its queue hold?"
    talked = _ask("Queue", *evidence, body=talk)
    assert 0 < len(_text(alone)) <= 600
    assert 600 < len(_text(talked)) <= 1_450
    assert len(alone.claims) <= 6


def test_sentence_that_says_yes_or_no_stands_first() -> None:
    scattered = _passage("K1", "Mailboxes, sites and moves: an overview of mailbox sites. " * 12)
    says = _passage("K2", "You cannot move a mailbox between two sites.", score=2.0)
    given = _ask("Can I move a mailbox between two sites?", scattered, says)
    assert given.claims[0].text.startswith("No. You cannot move a mailbox")
    assert given.claims[0].evidence_ids == ["K2"]


def test_yes_and_no_follow_what_the_quoted_sentence_says() -> None:
    allowed = _passage("K1", "You can move a mailbox between two sites. It takes an hour.")
    refused = _passage("K1", "You cannot move a mailbox between two sites. It takes an hour.")
    question = "Can I move a mailbox between two sites?"
    assert _text(_ask(question, allowed)).startswith("Yes. ")
    assert _text(_ask(question, refused)).startswith("No. ")


def test_not_in_the_next_sentence_says_nothing_about_this_one() -> None:
    item = "- You can move a mailbox between two sites. You cannot move a calendar."
    given = _ask("Can I move a mailbox between two sites?", _passage("K1", item))
    assert _text(given).startswith("Yes. ")


def test_neither_yes_nor_no_without_a_sentence_about_it() -> None:
    elsewhere = _passage("K1", "A mailbox has a name. Names are unique.")
    assert not _text(_ask("Can I move a mailbox between two sites?", elsewhere)).startswith(
        ("Yes.", "No.")
    )
    open_question = _ask("How do I move a mailbox?", _passage("K1", "You can move a mailbox."))
    assert not _text(open_question).startswith(("Yes.", "No."))


def test_what_knowledge_does_not_cover_is_unknown_and_hands_over_what_was_found() -> None:
    question = "Which tariff number applies to carved wooden spoons?"
    given = _ask(question, _passage("K1", LOGS, score=0.8), minimum=0.3)
    assert given.stance is Stance.UNKNOWN
    assert given.confidence < 0.3
    assert given.claims
    assert _ask(question, minimum=0.0).stance is Stance.UNKNOWN


def test_covered_question_is_more_certain_than_an_uncovered_one() -> None:
    passages = [_passage("K1", QUEUE), _passage("K2", LOGS, score=2.0)]
    sure = _ask("How many messages does the relay queue hold?", *passages)
    unsure = _ask("How many stamps does the customs form need?", *passages)
    assert sure.confidence > unsure.confidence + 0.2


def test_rivals_that_match_as_well_make_it_less_certain() -> None:
    question = "How many messages does the relay queue hold?"
    alone = _ask(
        question, _passage("K1", QUEUE), *(_passage(f"K{n}", LOGS, score=1.0) for n in (2, 3, 4))
    )
    crowded = _ask(question, *(_passage(f"K{n}", QUEUE) for n in (1, 2, 3, 4)))
    assert crowded.confidence < alone.confidence


def test_document_as_near_in_meaning_is_a_rival_though_it_shares_fewer_words() -> None:
    def crowd(cosine: float) -> list[Evidence]:
        others = [_passage(f"K{n}", LOGS, score=1.0, cosine=cosine) for n in (2, 3, 4)]
        return [_passage("K1", QUEUE, cosine=0.7), *others]

    question = "How many messages does the relay queue hold?"
    assert _ask(question, *crowd(0.95)).confidence < _ask(question, *crowd(0.2)).confidence


def test_passage_the_ranking_put_last_does_not_lead_for_its_words_alone() -> None:
    near = "The relay queue may hold 500 messages."
    worded = "The relay queue may hold 900 messages."
    topics = ("Lamps glow", "Doors close", "Carts roll", "Pens write", "Cups fill", "Bells ring")
    fill = [
        _passage(f"K{n}", f"{topic} at number {n}.", score=1.0, cosine=0.6)
        for n, topic in enumerate(topics, 2)
    ]
    found = [_passage("K1", near, score=5.5, cosine=0.7), *fill, _passage("K8", worded, cosine=0.3)]
    by_words = [item.model_copy(update={"cosine": None}) for item in found]
    talk = (
        "Customer: What does the relay do?\nSupport: It passes messages on.\n"
        "Customer: How many messages does the relay queue hold?"
    )
    assert _ask("Relay", *by_words, body=talk).claims[0].evidence_ids == ["K8"]
    assert _ask("Relay", *found, body=talk).claims[0].evidence_ids == ["K1"]


def test_yes_or_no_about_the_askers_own_case_is_less_certain() -> None:
    talk = "Customer: {}\nSupport: The relay keeps messages in a queue.\nCustomer: {}"
    before = "What does the relay do?"
    open_ = talk.format(before, "How many messages does the relay queue hold?")
    closed = talk.format(before, "Does the relay queue hold many messages?")
    sure = _ask("Relay", _passage("K1", QUEUE), body=open_)
    assert _ask("Relay", _passage("K1", QUEUE), body=closed).confidence < sure.confidence - 0.1


def test_vague_question_is_asked_back_with_what_it_may_mean() -> None:
    given = _ask(
        "Is it free?",
        _passage("K1", LOGS, title="Mail relay › Logs", score=1.0),
        _passage("K2", LOGS, title="Drop box", score=1.0),
        minimum=0.9,
    )
    assert given.stance is Stance.CLARIFY
    assert "Mail relay; Drop box" in given.questions[0]


def test_question_of_a_long_report_is_answered_not_its_story() -> None:
    story = (
        "We have run the same mail relay for nine years and never had to think about it at all. "
        "How many messages does the queue hold? Our logs were moved to another disk last spring."
    )
    given = _ask("Queue of the mail relay", _passage("K1", QUEUE), body=story)
    assert "500 messages" in _text(given)
    assert given.confidence >= 0.5


def test_past_answer_is_quoted_first_only_when_the_same_was_asked() -> None:
    def case(score: float) -> Evidence:
        return _passage("C1", "The queue of the relay holds 70 messages.", score=score).model_copy(
            update={"kind": EvidenceKind.CASE}
        )

    question = "How many messages does the relay queue hold?"
    same = _ask(question, _passage("K1", LOGS), case(0.95))
    other = _ask(question, _passage("K1", QUEUE), case(0.5))
    assert same.claims[0].evidence_ids == ["C1"]
    assert same.confidence > _ask(question, _passage("K1", LOGS), case(0.5)).confidence
    assert other.claims[0].evidence_ids == ["K1"]


def test_query_of_a_conversation_puts_the_open_question_foremost() -> None:
    body = (
        "Customer: What is a drop box?\n\nSupport: A place to leave parcels.\n\n"
        "Customer: Is it free of charge?"
    )
    query = retrieval_query(Report(title="Is it free of charge?", body=body), [])
    assert query.count("free of charge") > query.count("drop box") == 1
    later = retrieval_query(Report(title="Parcel", body="Lost."), ["It was number 12."])
    assert "number 12" in later
    assert "Lost." in later


def _runbook(identity: str, title: str, score: float, text: str = "Look at it.") -> Evidence:
    return _passage(identity, text, title=title, score=score).model_copy(
        update={"kind": EvidenceKind.RUNBOOK, "source": title}
    )


def test_runbook_whose_name_the_alert_says_comes_first() -> None:
    report = Report(title="Disk is almost full", body="Disk sda1 on mail-1 has 3 % left.")
    evidence = [_runbook("K1", "MemoryLow", 5.0), _runbook("K2", "DiskAlmostFull", 4.8)]
    assert [name for name, _ in rank_runbooks(Brief(report=report, evidence=evidence))] == [
        "DiskAlmostFull",
        "MemoryLow",
    ]


def test_alert_label_that_names_a_runbook_decides() -> None:
    report = Report(title="Something fires", body="It has been firing for a while.")
    labels = Evidence(
        id="X1",
        kind=EvidenceKind.EXHIBIT,
        title="labels",
        source="labels",
        media="alert",
        text='{"alertname": "RelayQueueFull", "severity": "warning"}',
    )
    evidence = [_runbook("K1", "DiskFull", 5.0), _runbook("K2", "RelayQueueFull", 3.0), labels]
    ranked = rank_runbooks(Brief(report=report, evidence=evidence))
    assert ranked[0][0] == "RelayQueueFull"
    assert ranked[0][1] > ranked[1][1]


def test_runbooks_need_evidence_and_state_their_confidence() -> None:
    report = Report(title="Disk full", body="Disk full")
    assert rank_runbooks(Brief(report=report)) == []
    ahead = [_runbook("K1", "DiskFull", 9.0), _runbook("K2", "MemoryLow", 2.0)]
    level = [_runbook("K1", "DiskLow", 5.0), _runbook("K2", "DiskSlow", 5.0)]
    (_, sure), *_ = rank_runbooks(Brief(report=report, evidence=ahead))
    (_, unsure), *_ = rank_runbooks(Brief(report=report, evidence=level))
    assert 0 <= unsure < sure <= 1


def test_steps_keep_their_code_and_leave_the_rest() -> None:
    text = (
        "# Disk full\n\nIt happens.\n\n## Steps\n\n1. Look at it:\n   ```\n   df -h\n   ```\n"
        "2. Delete what is\nold.\n   - but not mail\n\n## Check\n\nIs there room?\n"
    )
    assert steps(text) == [
        "Look at it:\n   ```\n   df -h\n   ```",
        "Delete what is\nold.\n- but not mail",
    ]


def test_steps_are_found_under_numbered_headings_and_in_lists_that_say_what_to_do() -> None:
    headed = "## Step 1: look\nAt the disk.\n## Step 2: delete\nOld files.\n## Notes\nNone."
    assert steps(headed) == ["Step 1: look\nAt the disk.", "Step 2: delete\nOld files."]
    listed = "## Meaning\n- It is full\n## Mitigation\n- Delete old files\n- Restart"
    assert steps(listed) == ["Delete old files", "Restart"]
    assert steps("Nothing to do.") == []


@given(
    question=st.text(max_size=60),
    texts=st.lists(st.text(max_size=300), max_size=4),
    score=st.floats(0, 20),
)
def test_any_text_gets_an_honest_answer(question: str, texts: list[str], score: float) -> None:
    evidence = [_passage(f"K{n}", text, score=score) for n, text in enumerate(texts)]
    given_ = _ask(question, *evidence, minimum=0.5)
    assert 0 <= given_.confidence <= 1
    assert (given_.stance is Stance.ANSWER) == (given_.confidence >= 0.5)
    assert bool(given_.questions) == (given_.stance is Stance.CLARIFY)
    assert {name for claim in given_.claims for name in claim.evidence_ids} <= {
        item.id for item in evidence
    }


def test_answer_is_surer_the_nearer_in_meaning_the_best_passage_is() -> None:
    sure = [
        _ask(
            "How many messages does the relay queue hold?",
            _passage("K1", QUEUE).model_copy(update={"cosine": cosine}),
        ).confidence
        for cosine in (0.2, 0.5, 0.8)
    ]
    assert sure == sorted(set(sure))
