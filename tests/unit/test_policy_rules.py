"""Who may do what unasked: the strictest rule wins; in doubt somebody is asked, or nobody acts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.approval import Course
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Severity
from mendwheel.policy.evaluate import forbidden, judge
from mendwheel.policy.examples import check
from mendwheel.policy.file import Given, Policy, PolicyError, PolicyTest, Rule, When, parse
from mendwheel.policy.people import members

ACT = Rule(name="act", course=Course.ACT)
ASK = Rule(name="ask", course=Course.ASK)
NEVER = Rule(name="never", course=Course.NEVER, reason="because")
RESTART = Given(tool="restart_service", risk=Risk.MEDIUM)


def policy(**fields: object) -> Policy:
    return Policy.model_validate({"mode": "live", "approvers": {"default": ["ada"]}} | fields)


def test_without_a_rule_somebody_is_asked() -> None:
    judged = judge(policy(), RESTART)
    assert (judged.course, judged.approvers, judged.needed) == (Course.ASK, ["ada"], 1)


@given(st.permutations([ACT, ASK, NEVER]))
def test_the_strictest_rule_wins_whatever_the_order(rules: list[Rule]) -> None:
    judged = judge(policy(rules=rules), RESTART)
    assert (judged.course, judged.rule, judged.reason) == (Course.NEVER, "never", "because")
    assert judge(policy(rules=[r for r in rules if r is not NEVER]), RESTART).course is Course.ASK


@given(st.lists(st.sampled_from([ACT, ASK, NEVER]), max_size=5))
def test_shadow_never_acts_unasked(rules: list[Rule]) -> None:
    assert judge(policy(rules=rules, mode="shadow"), RESTART).course is not Course.ACT


def test_live_mode_acts_where_a_rule_says_so() -> None:
    assert judge(policy(rules=[ACT]), RESTART).course is Course.ACT


@pytest.mark.parametrize(
    ("when", "hit", "miss"),
    [
        ({"tool": ["restart_*"]}, {}, {"tool": "roll_back"}),
        ({"risk": ["medium", "high"]}, {}, {"risk": Risk.LOW}),
        ({"severity": ["critical"]}, {"severity": Severity.CRITICAL}, {}),
        ({"component": ["billing"]}, {"component": "billing"}, {"component": "tracker"}),
        ({"tenant": ["acme"]}, {"tenant": "acme"}, {}),
        ({"suspicious": True}, {"suspicious": True}, {}),
        ({"confidence_below": 0.5}, {"confidence": 0.49}, {"confidence": 0.5}),
    ],
)
def test_each_condition_decides(
    when: dict[str, object], hit: dict[str, object], miss: dict[str, object]
) -> None:
    rule = Rule(name="r", course=Course.NEVER, when=When.model_validate(when))
    rules = policy(rules=[rule])
    assert judge(rules, RESTART.model_copy(update=hit)).course is Course.NEVER
    assert judge(rules, RESTART.model_copy(update=miss)).course is Course.ASK


def test_all_conditions_of_a_rule_must_hold() -> None:
    when = When(risk=[Risk.MEDIUM], tenant=["acme"])
    rules = policy(rules=[Rule(name="r", course=Course.NEVER, when=when)])
    assert judge(rules, RESTART).course is Course.ASK


def test_the_most_people_that_any_matching_rule_needs_are_needed() -> None:
    rules = [ASK.model_copy(update={"needed": 3}), ASK, ACT]
    assert judge(policy(rules=rules, approval={"needed": 2}), RESTART).needed == 3
    assert judge(policy(rules=[ASK], approval={"needed": 2}), RESTART).needed == 2


def test_a_question_that_nobody_may_answer_is_a_no() -> None:
    judged = judge(policy(approvers={}), RESTART)
    assert (judged.course, judged.reason) == (Course.NEVER, "the policy names no approvers")


def test_a_component_has_approvers_of_its_own() -> None:
    rules = policy(approvers={"default": ["ada"], "billing": ["grace"]})
    assert judge(rules, RESTART.model_copy(update={"component": "billing"})).approvers == ["grace"]
    assert judge(rules, RESTART).approvers == ["ada"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kill_switch": True}, "the kill switch is on"),
        ({"never_tools": ["restart_*"]}, "restart_service is on the never list"),
        ({"allowed_tools": ["roll_*"]}, "restart_service is not on the list of allowed tools"),
        ({"allowed_tools": []}, "restart_service is not on the list of allowed tools"),
    ],
)
def test_lists_and_the_kill_switch_beat_every_rule(fields: dict[str, object], reason: str) -> None:
    rules = policy(rules=[ACT], **fields)
    assert forbidden(rules, "restart_service") == reason
    assert (judge(rules, RESTART).course, judge(rules, RESTART).reason) == (Course.NEVER, reason)


def test_the_never_list_beats_the_allow_list() -> None:
    rules = policy(allowed_tools=["restart_service"], never_tools=["restart_service"])
    assert forbidden(rules, "restart_service") == "restart_service is on the never list"


def test_groups_and_the_owner_are_people() -> None:
    rules = policy(groups={"operators": ["$owner", "grace"]})
    assert members(rules, ["group:operators", "ada"], "linus") == {"linus", "grace", "ada"}
    assert members(rules, ["group:nobody", "operators"], "linus") == {"operators"}


def test_a_policy_that_fails_its_own_test_is_refused_by_the_tests_name() -> None:
    test = PolicyTest(name="restarts are free", given=RESTART, expect=Course.ACT)
    with pytest.raises(PolicyError, match='"restarts are free" fails: it says ask') as refusal:
        check(policy(tests=[test]))
    assert "\n" not in str(refusal.value)
    assert check(policy(tests=[test], rules=[ACT])).tests == [test]


def test_the_version_follows_from_what_the_policy_says_and_nothing_else() -> None:
    text = 'mode = "live"\nnever_tools = ["a"]\n'
    other = '# a comment\nnever_tools = [ "a" ]\nmode = "live"\n'
    assert parse(text).version == parse(other).version
    assert parse(text).version != parse(text.replace('"a"', '"b"')).version
    assert len(parse(text).version) == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mode = [", "p.toml is not TOML"),
        ('mode = "wild"', "p.toml: `mode`"),
        ("kil_switch = true", "p.toml: `kil_switch`: no such key"),
        ('[[rules]]\nname = "r"\ncourse = "maybe"', "p.toml: `rules.0.course`"),
        ('[[rules]]\nname = "r"\ncourse = "act"\nwhen = { rsk = ["low"] }', "rules.0.when.rsk"),
        ("[approval]\nneeded = 0", "p.toml: `approval.needed`"),
        ("[approval]\nexpires_minutes = 0", "p.toml: `approval.expires_minutes`"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        parse(text, name="p.toml")
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    "people",
    [
        'ada = ["slack:U1"]\ngrace = ["slack:U1", "jira:5"]',
        'ada = ["slack:U1"]\n"slack:U1" = ["jira:5"]',
        'ada = ["slack:U1"]\ngrace = ["ada"]',
    ],
)
def test_nobody_is_two_people(people: str) -> None:
    with pytest.raises(PolicyError, match=r"`people`: .* leave it with one"):
        parse(f"[people]\n{people}")
    assert parse('[people]\nada = ["ada", "slack:U1", "jira:5"]').people
