"""A model is believed as far as evidence goes: what it leaves out or overstates is made good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.activities.believed import MOST_CLAIMS, ROOM, Believed, telling
from mendwheel.activities.grounding import beyond_rules, grounded, words_of_a_model
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


def believed(*claims: CitedClaim, made_up: bool = False) -> Believed:
    return Believed(claims, made_up=made_up)


def answered(
    said: Answer, by_code: Answer, held: Believed | None = None, *, trusted: bool = False
) -> Answer:
    """`held`: what evidence supports of it; all of it where nothing else is said."""
    found = grounded(
        said, by_code, REPORT, THRESHOLDS, held or believed(*said.claims), trusted=trusted
    )
    assert isinstance(found, Answer)
    return found


def named(
    said: Cause, by_code: Cause, held: Believed | None = None, *, trusted: bool = False
) -> Cause:
    found = grounded(
        said, by_code, REPORT, THRESHOLDS, held or believed(*said.claims), trusted=trusted
    )
    assert isinstance(found, Cause)
    return found


def told(found: Answer | Cause) -> list[str]:
    return [each.text for each in found.claims]


def test_a_figure_that_the_model_left_out_is_quoted_below_its_answer() -> None:
    said = answer("Yes, tokens expire.", confidence=0.9)
    found = answered(said, answer("A token lives for 36 hours by default.", confidence=0.7))
    assert told(found) == ["Yes, tokens expire.", "A token lives for 36 hours by default."]


def test_what_the_model_said_in_other_order_is_not_quoted_again() -> None:
    said = answer("By default a token lives for 36 hours.", confidence=0.9)
    found = answered(said, answer("A token lives for 36 hours by default.", confidence=0.7))
    assert told(found) == told(said)


def test_a_quote_with_another_figure_is_never_taken_for_said_already() -> None:
    said = answer("By default a token lives for 48 hours.", confidence=0.9)
    found = answered(said, answer("A token lives for 36 hours by default.", confidence=0.7))
    assert "A token lives for 36 hours by default." in told(found)


def test_what_rules_would_answer_is_in_the_answer_however_badly_a_model_words_it() -> None:
    by_code = answer("A token lives for 36 hours.", "It is renewed by a click.", confidence=0.7)
    assert answered(answer("Zebras graze.", confidence=0.9), by_code, believed()) is by_code
    rambling = answer(*(f"point{n} " * 100 for n in range(6)), confidence=0.9)
    assert told(answered(rambling, by_code)) == told(by_code)
    found = answered(answer("Yes, it does.", confidence=0.1), by_code)
    assert (told(found), found.confidence) == (["Yes, it does.", *told(by_code)], 0.7)


def test_a_model_is_no_surer_than_the_evidence_unless_it_is_trusted() -> None:
    said = answer("Yes.", confidence=0.95)
    for by_code in (
        answer("Perhaps.", confidence=0.2, stance=Stance.UNKNOWN),
        answer("It is 36 hours.", confidence=0.7),
    ):
        found = answered(said, by_code)
        assert (found.stance, found.confidence) == (by_code.stance, by_code.confidence)
        assert answered(said, by_code, trusted=True).confidence == 0.95


def test_a_model_that_cannot_tell_lowers_the_odds_and_is_no_veto() -> None:
    said = answer(confidence=0.0, stance=Stance.UNKNOWN)
    by_code = answer("It is 36 hours.", confidence=0.8)
    found = answered(said, by_code)
    assert (told(found), found.stance) == (told(by_code), Stance.ANSWER)
    assert found.confidence == pytest.approx(0.727, abs=0.01)
    assert answered(said, by_code, trusted=True) == said
    hardly = answer("It is 36 hours.", confidence=0.44)
    assert answered(said, hardly).confidence < THRESHOLDS.to_answer(by_words=True)


def test_where_model_and_source_say_yes_and_no_the_source_stands_less_surely() -> None:
    by_code = answer("No. It does not expire.", confidence=0.8)
    found = answered(answer("Yes, it expires after 36 hours.", confidence=1), by_code)
    assert told(found) == told(by_code)
    assert found.confidence < 0.8
    beside = answered(answer("It is kept for ever.", confidence=1), by_code)
    assert told(beside) == ["No. It does not expire.", "It is kept for ever."]
    assert beside.confidence == 0.8


def test_where_rules_are_unsure_a_human_gets_what_both_have_found() -> None:
    by_code = answer("It is 36 hours.", confidence=0.2, stance=Stance.UNKNOWN)
    found = answered(answer("Tokens are renewed.", confidence=1), by_code)
    assert (told(found), found.stance) == (
        ["Tokens are renewed.", "It is 36 hours."],
        by_code.stance,
    )
    assert answered(answer("Zebras graze.", confidence=1), by_code, believed()) is by_code
    vague = answer(confidence=0.1, stance=Stance.CLARIFY)
    assert answered(answer("Tokens are renewed.", confidence=1), vague) is vague


def test_words_that_only_repeat_the_report_are_no_answer() -> None:
    claims = [claim("Checkout is slow."), claim("Memory of cart is full."), claim("Yes.")]
    kept = telling([*claims, *claims], "Since noon the checkout is very slow")
    assert [each.text for each in kept] == ["Memory of cart is full.", "Yes."]
    figure = claim("A token works for 36 hours.")
    assert telling([figure], "For how many hours is it that a token works?") == [figure]


def test_a_trusted_model_is_quoted_for_from_what_it_cites_in_its_language_and_shortly() -> None:
    said = Answer(stance=Stance.ANSWER, claims=[claim("Yes.", "K9")], confidence=0.9)
    assert answered(said, answer("It is 36 hours.", confidence=0.7), trusted=True) == said
    german = answer(
        "Das Token ist nach dem Ablauf nicht mehr gültig und wird erneuert.", confidence=1
    )
    english = "The token is not valid any more when it has expired and it will be renewed."
    assert answered(german, answer(english, confidence=0.7), trusted=True) == german
    unsupported = answered(german, answer("36", confidence=0.7), believed(), trusted=True)
    assert unsupported == german
    long = [f"word{n} " + f"filler{n} " * 30 for n in range(6)]
    found = answered(answer("Yes.", confidence=0.9), answer(*long, confidence=0.7), trusted=True)
    assert len(told(said)) < len(told(found)) <= MOST_CLAIMS
    assert sum(map(len, told(found))) <= ROOM


def test_what_a_model_leaves_open_is_filled_in_by_what_was_computed() -> None:
    found = named(cause(None, None, 0.9, text="Memory of cart is full."), cause("cart", "oom", 0.8))
    assert (found.component, found.fault, found.confidence) == ("cart", "oom", 0.8)
    assert told(found) == ["Memory of cart is full.", "It ran out of memory."]


def test_a_model_that_cannot_tell_takes_nothing_from_clear_facts() -> None:
    by_code, silent = cause("cart", "oom", 0.8), cause(None, None, 0.0, Stance.UNKNOWN, text="")
    assert named(silent, by_code) is by_code
    found = named(silent, cause("cart", "oom", 0.3))
    assert (found.stance, found.component) == (Stance.UNKNOWN, "cart")
    assert named(silent, cause("cart", "oom", 0.3), trusted=True) == silent


def test_what_does_not_stand_in_the_evidence_is_dropped_and_what_was_computed_stands() -> None:
    by_code = cause("cart", "oom", 0.8)
    assert named(cause("cart", None, 0.9, text="Zebras."), by_code, believed()) is by_code
    elsewhere = named(cause("shop", "oom", 0.9, text="Zebras."), by_code, believed())
    assert (elsewhere.component, told(elsewhere)) == ("cart", told(by_code))
    assert THRESHOLDS.cause <= elsewhere.confidence < 0.8


def test_nothing_is_done_where_a_model_makes_evidence_up() -> None:
    by_code = cause("cart", "oom", 0.99)
    for said in (cause("cart", "oom", 1), cause("shop", None, 1), cause(None, None, 1)):
        found = named(said, by_code, believed(made_up=True))
        assert (found.stance, found.component) == (Stance.UNKNOWN, "cart")
        assert told(found) == told(by_code)


def test_an_objection_with_evidence_weighs_more_and_leaves_what_is_hardly_sure_to_people() -> None:
    objects = cause("shop", "oom", 0.99, text="Shop was rolled out.")
    clear = named(objects, cause("cart", "oom", 0.95))
    assert (clear.stance, clear.component) == (Stance.CAUSE, "cart")
    assert THRESHOLDS.cause < clear.confidence < 0.95
    assert told(clear) == ["It ran out of memory.", "Shop was rolled out."]
    hardly = named(objects, cause("cart", "oom", 0.7))
    assert (hardly.stance, hardly.component) == (Stance.UNKNOWN, "cart")
    assert "Shop was rolled out." in told(hardly)
    healthy = named(cause(None, None, 0.99, Stance.NO_ACTION), cause("cart", "oom", 0.7))
    assert healthy.stance is Stance.UNKNOWN
    assert named(objects, cause("cart", "oom", 0.95), trusted=True) == objects


def test_a_cause_read_in_the_runbook_that_fits_is_no_objection_to_it() -> None:
    by_code = cause(None, None, 0.6, Stance.RUNBOOK, text="Disk full: 1. Delete old logs.")
    found = named(cause("disk", "full", 0.9, text="The disk fills up."), by_code)
    assert (found.stance, found.confidence) == (Stance.RUNBOOK, 0.6)
    assert told(found) == ["The disk fills up.", "Disk full: 1. Delete old logs."]
    other = Cause(stance=Stance.CAUSE, claims=[claim("The node is down.", "F7")], confidence=0.9)
    assert named(other, by_code).confidence < 0.6


def test_names_mixed_up_added_or_in_other_words_are_no_objection() -> None:
    by_code = cause("cart", "oom", 0.8)
    for said in (cause("oom", "cart", 0.9), cause("cart", "memory ran full", 0.9)):
        assert named(said, by_code).confidence == 0.8
    unnamed = cause(None, "oom", 0.8)
    assert named(cause("shop", "oom", 0.9), unnamed).component is None
    assert named(cause("shop", "oom", 0.9), unnamed).confidence == 0.8
    listed = REPORT.model_copy(update={"candidates": CHOICES})
    said = cause("cart", "cpu", 0.9)
    found = grounded(said, by_code, listed, THRESHOLDS, believed(*said.claims), trusted=False)
    assert isinstance(found, Cause)
    assert found.confidence < 0.8


def test_a_sentence_in_place_of_a_name_is_no_name() -> None:
    said = cause("the cart service", "memory rose from 1 to 9 GB", 0.9, text="Cart is full.")
    report = REPORT.model_copy(update={"candidates": CHOICES})
    held = believed(*said.claims)
    found = grounded(said, cause("cart", "oom", 0.8), report, THRESHOLDS, held, trusted=False)
    assert isinstance(found, Cause)
    assert (found.component, found.fault, found.confidence) == ("cart", "oom", 0.8)
    assert grounded(
        said, cause("cart", "oom", 0.3), report, THRESHOLDS, held, trusted=True
    ) == said.model_copy(update={"component": None, "fault": None})


def test_where_facts_are_unclear_the_model_chooses_what_people_see_first() -> None:
    said = cause("shop", "oom", 0.9, text="Shop was rolled out.")
    found = named(said, cause("cart", "oom", 0.3))
    assert (found.component, found.confidence) == ("shop", 0.3)
    assert (found.stance, told(found)[0]) == (Stance.UNKNOWN, "Shop was rolled out.")
    assert named(said, cause("cart", "oom", 0.3), trusted=True).confidence > 0.8


@given(
    st.sampled_from(list(Stance)),
    st.sampled_from(["cart", "shop", None]),
    st.floats(0, 1),
    st.sampled_from(list(Stance)),
    st.floats(0, 1),
    st.booleans(),
    st.booleans(),
)
def test_no_untrusted_model_makes_a_cause_surer_or_names_another_that_is_acted_on(
    says: Stance,
    component: str | None,
    sure: float,
    computed: Stance,
    confidence: float,
    stands: bool,
    made_up: bool,
) -> None:
    said = cause(component, "cpu", sure, says, text="Shop was rolled out.")
    by_code = cause("cart", "oom", confidence, computed)
    held = believed(*said.claims) if stands else believed(made_up=made_up)
    found = named(said, by_code, held)
    assert found.confidence <= by_code.confidence + 0.001
    assert found.stance in (by_code.stance, Stance.UNKNOWN)
    if found.stance is not Stance.UNKNOWN:
        assert (found.component, found.fault) == ("cart", "oom")


def test_other_agents_outputs_pass_as_they_are() -> None:
    said, other = Review(verdict=ReviewVerdict.REVISE), Review(verdict=ReviewVerdict.ACCEPT)
    assert grounded(said, other, REPORT, THRESHOLDS, believed(), trusted=False) is said


def test_a_diagnosis_is_named_after_a_model_only_where_words_of_it_are_left() -> None:
    by_code = answer("It is 36 hours.", confidence=0.7)
    assert not words_of_a_model(
        answered(answer("Zebras.", confidence=1), by_code, believed()), by_code
    )
    assert words_of_a_model(answered(answer("Yes.", confidence=1), by_code), by_code)
    assert words_of_a_model(answer(confidence=0, stance=Stance.UNKNOWN), by_code)


def test_the_language_of_a_ticket_makes_no_model_surer_of_what_is_acted_on() -> None:
    text = "Der Dienst antwortet seit heute nicht mehr, und das ist für alle ein Problem."
    read = "The service does not answer any more since it was rolled out, and this is known to us."
    source = Evidence(id="K1", kind=EvidenceKind.PASSAGE, title="", source="d", text=read)
    brief = Brief(report=Report(title=text, body=""), evidence=[source])
    assert beyond_rules(answer("Ja.", confidence=0.9), brief)
    assert not beyond_rules(cause("shop", "oom", 0.9), brief)
