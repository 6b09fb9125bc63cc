"""A model is believed as far as evidence goes: what it leaves out or overstates is made good."""

from mendwheel.activities.grounding import MOST_CLAIMS, ROOM, beyond_rules, grounded
from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer, Cause, CitedClaim, Review
from mendwheel.domain.diagnosis import ReviewVerdict, Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report

THRESHOLDS = Thresholds()
REPORT = Report(title="Checkout is slow", body="")
CHOICES = {"services": ["cart", "shop"], "types": ["oom", "cpu"]}


def claim(text: str, *ids: str) -> CitedClaim:
    return CitedClaim(text=text, evidence_ids=list(ids) or ["K1"])


def answer(*texts: str, confidence: float, stance: Stance = Stance.ANSWER) -> Answer:
    return Answer(stance=stance, claims=[claim(text) for text in texts], confidence=confidence)


def cause(
    component: str | None,
    fault: str | None,
    confidence: float,
    stance: Stance = Stance.CAUSE,
    text: str = "It ran out of memory.",
) -> Cause:
    return Cause(
        stance=stance,
        component=component,
        fault=fault,
        claims=[claim(text, "F1")] if text else [],
        confidence=confidence,
    )


def answered(said: Answer, by_code: Answer, *, trusted: bool = False) -> Answer:
    found = grounded(said, by_code, REPORT, THRESHOLDS, stands=True, trusted=trusted)
    assert isinstance(found, Answer)
    return found


def named(said: Cause, by_code: Cause, *, trusted: bool = False) -> Cause:
    found = grounded(said, by_code, REPORT, THRESHOLDS, stands=True, trusted=trusted)
    assert isinstance(found, Cause)
    return found


def test_a_figure_that_the_model_left_out_is_quoted_below_its_answer() -> None:
    said = answer("Yes, tokens expire.", confidence=0.9)
    found = answered(said, answer("A token lives for 36 hours by default.", confidence=0.7))
    assert [each.text for each in found.claims] == [
        "Yes, tokens expire.",
        "A token lives for 36 hours by default.",
    ]


def test_what_the_model_said_in_other_order_is_not_quoted_again() -> None:
    said = answer("By default a token lives for 36 hours.", confidence=0.9)
    found = answered(said, answer("A token lives for 36 hours by default.", confidence=0.7))
    assert found.claims == said.claims


def test_only_sources_that_the_model_cites_are_quoted_and_only_in_its_language() -> None:
    said = Answer(stance=Stance.ANSWER, claims=[claim("Yes.", "K9")], confidence=0.9)
    assert answered(said, answer("It is 36 hours.", confidence=0.7)).claims == said.claims
    german = answer(
        "Das Token ist nach dem Ablauf nicht mehr gültig und wird erneuert.", confidence=1
    )
    english = "The token is not valid any more when it has expired and it will be renewed."
    assert answered(german, answer(english, confidence=0.7)).claims == german.claims


def test_quotes_never_stand_in_for_what_the_evidence_does_not_support() -> None:
    said, by_code = (
        answer("Zebras graze.", confidence=0.9),
        answer("It is 36 hours.", confidence=0.8),
    )
    found = grounded(said, by_code, REPORT, THRESHOLDS, stands=False, trusted=False)
    assert isinstance(found, Answer)
    assert found.claims == said.claims


def test_quotes_keep_an_answer_short() -> None:
    long = [f"word{n} " + f"filler{n} " * 30 for n in range(9)]
    found = answered(answer("Yes.", confidence=0.9), answer(*long[:6], confidence=0.7))
    assert sum(len(each.text) for each in found.claims) <= ROOM
    many = answered(
        answer(*(f"point{n}" for n in range(5)), confidence=0.9),
        answer(*(f"other{n}" for n in range(5)), confidence=0.7),
    )
    assert len(many.claims) == MOST_CLAIMS


def test_a_model_is_no_surer_than_the_evidence_unless_it_is_trusted() -> None:
    said, by_code = answer("Yes.", confidence=0.95), answer("Perhaps.", confidence=0.2)
    assert answered(said, by_code).confidence == 0.2
    assert answered(said, by_code, trusted=True).confidence == 0.95
    assert answered(answer("Yes.", confidence=0.1), by_code).confidence == 0.1


def test_a_model_that_cannot_tell_is_not_talked_into_an_answer() -> None:
    said = answer(confidence=0.0, stance=Stance.UNKNOWN)
    assert answered(said, answer("It is 36 hours.", confidence=0.9)) == said


def test_what_a_model_leaves_open_is_filled_in_by_what_was_computed() -> None:
    found = named(cause(None, None, 0.9, text="Memory of cart is full."), cause("cart", "oom", 0.8))
    assert (found.component, found.fault, found.confidence) == ("cart", "oom", 0.8)
    assert found.claims[0].text == "Memory of cart is full."


def test_a_model_that_cannot_tell_takes_nothing_from_clear_facts() -> None:
    by_code, silent = cause("cart", "oom", 0.8), cause(None, None, 0.0, Stance.UNKNOWN, text="")
    assert named(silent, by_code) is by_code
    assert named(silent, cause("cart", "oom", 0.3)) == silent


def test_a_model_that_contradicts_clear_facts_is_not_believed_and_neither_are_they() -> None:
    by_code = cause("cart", "oom", 0.8)
    for said in (cause("shop", "oom", 0.99), cause(None, None, 0.99, Stance.NO_ACTION)):
        found = named(said, by_code)
        assert (found.stance, found.component) == (said.stance, said.component)
        assert found.confidence < min(THRESHOLDS.cause, THRESHOLDS.no_action)
        assert named(said, by_code, trusted=True) == said


def test_a_sentence_in_place_of_a_name_is_no_name() -> None:
    said = cause("the cart service", "memory rose from 1 to 9 GB", 0.9)
    report = REPORT.model_copy(update={"candidates": CHOICES})
    found = grounded(
        said, cause("cart", "oom", 0.8), report, THRESHOLDS, stands=True, trusted=False
    )
    assert isinstance(found, Cause)
    assert (found.component, found.fault, found.confidence) == ("cart", "oom", 0.8)
    assert grounded(
        said, cause("cart", "oom", 0.3), report, THRESHOLDS, stands=True, trusted=True
    ) == (said.model_copy(update={"component": None, "fault": None}))


def test_computed_facts_follow_a_cause_that_rests_on_the_same_evidence() -> None:
    by_code = cause("cart", "oom", 0.8, text="Memory of cart rose from 1 to 9 GB at 12:04.")
    found = named(cause("cart", "oom", 0.9), by_code)
    assert [each.text for each in found.claims] == [
        "It ran out of memory.",
        "Memory of cart rose from 1 to 9 GB at 12:04.",
    ]
    elsewhere = Cause(stance=Stance.CAUSE, claims=[claim("It ran out.", "F99")], confidence=0.9)
    assert len(named(elsewhere, by_code).claims) == 1


def test_where_facts_are_unclear_the_model_chooses_but_is_no_surer() -> None:
    found = named(cause("shop", "oom", 0.9), cause("cart", "oom", 0.3))
    assert (found.component, found.confidence) == ("shop", 0.3)
    assert (
        named(cause("shop", "oom", 0.9), cause("cart", "oom", 0.3), trusted=True).confidence > 0.8
    )


def test_other_agents_outputs_pass_as_they_are() -> None:
    said = Review(verdict=ReviewVerdict.REVISE)
    assert (
        grounded(
            said,
            Review(verdict=ReviewVerdict.ACCEPT),
            REPORT,
            THRESHOLDS,
            stands=True,
            trusted=False,
        )
        is said
    )


def test_the_language_of_a_ticket_makes_no_model_surer_of_what_is_acted_on() -> None:
    text = "Der Dienst antwortet seit heute nicht mehr, und das ist für alle ein Problem."
    read = "The service does not answer any more since it was rolled out, and this is known to us."
    source = Evidence(id="K1", kind=EvidenceKind.PASSAGE, title="", source="d", text=read)
    brief = Brief(report=Report(title=text, body=""), evidence=[source])
    assert beyond_rules(answer("Ja.", confidence=0.9), brief)
    assert not beyond_rules(cause("shop", "oom", 0.9), brief)
