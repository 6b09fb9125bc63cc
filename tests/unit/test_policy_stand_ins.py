"""Delegations and groups of other systems: who counts for whom, until when, and who never does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mendwheel.domain.approval import Amendment, Approval, Authorisation, Decision
from mendwheel.domain.outside import AGAIN, Outside
from mendwheel.policy.evaluate import authorise
from mendwheel.policy.file import Policy, PolicyError, parse
from mendwheel.policy.people import delegates, identities, members, outside_groups
from tests import cards

NOW = datetime(2026, 12, 20, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(days=3)


def policy(**fields: Any) -> Policy:
    return Policy.model_validate(
        {
            "approvers": {"default": ["ada", "grace", "slack-group:S1"]},
            "people": {"edsger": ["slack:U0EDS", "jira:5"]},
            "delegations": [{"from": "ada", "to": "linus", "until": UNTIL}],
        }
        | fields
    )


def asked(**more: Any) -> Approval:
    plain = {
        "approvers": ["ada", "grace", "slack-group:S1"],
        "requester": "mary",
        "tool": "restart",
    }
    return cards.asked(**(plain | more))


def says(subject: str, *, approved: bool = True) -> Decision:
    return Decision(
        request_id="q-1",
        approved=approved,
        arguments_sha256="0" * 64,
        channel="cli",
        subject=subject,
        decision_id="d",
    )


def judged(
    subject: str,
    question: Approval | None = None,
    rules: Policy | None = None,
    *,
    outside: Outside | None = None,
    now: datetime | None = NOW,
    approved: bool = True,
) -> Authorisation:
    return authorise(
        rules or policy(),
        question or asked(),
        says(subject, approved=approved),
        attested=True,
        owner="owner",
        outside=outside or Outside(members={"slack-group:S1": ["slack:U0EDS"]}),
        now=now,
    )


def test_a_delegate_decides_in_the_stead_of_who_sent_them_as_long_as_it_lasts() -> None:
    answer = judged("linus")
    assert (answer.allowed, answer.subject, answer.stands_for) == (True, "linus", ["ada"])
    assert judged("linus", now=UNTIL - timedelta(seconds=1)).allowed
    assert not judged("linus", now=UNTIL).allowed
    assert not judged("linus", now=None).allowed, "without a time none is in force"


def test_a_delegation_holds_for_its_components_and_tools_only() -> None:
    narrow = {"from": "ada", "to": "linus", "until": UNTIL, "component": ["billing"]}
    rules = policy(delegations=[narrow | {"tool": ["restart*"]}])
    assert judged("linus", asked(component="billing"), rules).allowed
    assert not judged("linus", asked(component="search"), rules).allowed
    assert not judged("linus", asked(component="billing", tool="roll_back"), rules).allowed


def test_a_delegation_is_not_passed_on_and_gives_no_more_than_its_giver_has() -> None:
    chain = [
        {"from": "ada", "to": "linus", "until": UNTIL},
        {"from": "linus", "to": "mallory", "until": UNTIL},
        {"from": "nobody", "to": "mallory", "until": UNTIL},
    ]
    assert not judged("mallory", rules=policy(delegations=chain)).allowed


def test_whoever_was_no_approver_when_it_was_asked_has_nothing_to_delegate() -> None:
    assert not judged("linus", asked(approvers=["grace"])).allowed
    assert not judged("linus", rules=policy(approvers={"default": ["grace"]})).allowed


@pytest.mark.parametrize(
    ("requester", "authors", "by", "why"),
    [
        ("linus", [], "linus", "linus reported it and cannot approve it alone"),
        ("ada", [], "linus", "linus stands in for ada, who reported it"),
        ("mary", ["ada"], "linus", "linus stands in for ada, who edited it"),
        ("mary", ["linus"], "linus", "linus edited it"),
        ("slack:U0EDS", [], "jira:5", "edsger reported it"),
    ],
)
def test_delegating_does_not_get_round_the_rule_on_requester_and_author(
    requester: str, authors: list[str], by: str, why: str
) -> None:
    answer = judged(by, asked(requester=requester, authors=authors))
    assert not answer.allowed
    assert why in answer.reason
    assert judged(by, asked(requester=requester, authors=authors), approved=False).allowed
    among_two = judged(by, asked(requester=requester, authors=authors, needed=2))
    assert (among_two.allowed, among_two.independent) == (True, False)


def test_a_delegate_of_two_counts_for_the_one_who_has_no_part_in_it() -> None:
    both = [{"from": name, "to": "linus", "until": UNTIL} for name in ("ada", "grace")]
    answer = judged("linus", asked(requester="ada"), policy(delegations=both))
    assert (answer.allowed, answer.independent, answer.stands_for) == (True, True, ["grace"])


def test_delegating_to_oneself_by_another_name_gains_nothing() -> None:
    own = [{"from": "edsger", "to": "jira:5", "until": UNTIL}]
    answer = judged("jira:5", asked(requester="slack:U0EDS"), policy(delegations=own))
    assert not answer.allowed


def test_an_edit_may_be_made_by_a_delegate() -> None:
    edit = Amendment(
        request_id="q-1", arguments={}, channel="cli", subject="linus", decision_id="e"
    )
    answer = authorise(policy(), asked(), edit, attested=True, owner="o", now=NOW)
    assert (answer.allowed, answer.subject) == (True, "linus")


def test_members_of_a_group_of_slack_may_decide_under_each_of_their_names() -> None:
    assert judged("slack:U0EDS").subject == "edsger"
    assert judged("jira:5").allowed
    assert not judged("slack:U0EDS", outside=Outside(members={"slack-group:S1": []})).allowed


def test_nobody_decides_through_a_group_that_cannot_be_looked_up() -> None:
    dark = Outside(unknown={"slack-group:S1": "no answer"})
    refused = judged("slack:U0EDS", outside=dark)
    assert (refused.allowed, refused.again) == (False, True)
    assert refused.reason == f"who is in slack-group:S1 could not be looked up: {AGAIN}"
    assert judged("grace", outside=dark).allowed, "whom the policy names need not be looked up"


def test_a_group_of_the_policy_may_hold_groups_of_other_systems() -> None:
    rules = policy(groups={"ops": ["grace", "jira-role:OPS/Admins"]})
    assert outside_groups(rules, ["group:ops", "slack-group:S1"]) == [
        "jira-role:OPS/Admins",
        "slack-group:S1",
    ]
    found = Outside(members={"jira-role:OPS/Admins": ["jira:5"]})
    assert members(rules, ["group:ops"], "owner", found) == {"grace", "edsger"}


def test_a_group_is_called_as_a_group_where_it_lives_and_by_its_people_elsewhere() -> None:
    found = Outside(
        members={"slack-group:@oncall": ["slack:U0EDS"], "jira-role:OPS/Admins": ["jira:5"]},
        mention={"slack-group:@oncall": "slack:S9"},
    )
    names = ["slack-group:S1", "slack-group:@oncall", "jira-role:OPS/Admins", "slack:U0ADA"]
    assert identities(policy(), names, "slack", found) == [
        *("slack:S1", "slack:S9"),
        *("slack:U0EDS", "slack:U0ADA"),
    ]
    assert identities(policy(), names, "jira", found) == ["jira:5"]


def test_who_stands_in_is_called_with_those_they_stand_in_for() -> None:
    assert delegates(policy(), ["ada"], component="", tool="x", now=NOW) == ["linus"]
    assert delegates(policy(), ["grace"], component="", tool="x", now=NOW) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[approvers]\ndefault = ["slack-group:oncall"]', "write slack-group:S0123"),
        ('[groups]\nops = ["jira-role:OPS"]', "jira-role:PROJECT/ROLE"),
        ('[[delegations]]\nfrom = "a"\nto = "b"\nuntil = 2026-12-24T18:00:00', "timezone"),
        (
            '[[delegations]]\nfrom = "group:a"\nto = "b"\nuntil = 2026-12-24T18:00:00Z',
            "from one person to one person",
        ),
    ],
)
def test_a_group_or_delegation_that_nobody_could_use_is_refused(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        parse(text)
