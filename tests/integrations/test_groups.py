"""User groups of Slack and roles of Jira as approvers, over real HTTP: who is in them right now."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mendwheel.cli.jira_checks import jira
from mendwheel.cli.slack_checks import slack
from mendwheel.integrations.groups import KEEP, WITHIN, Groups
from mendwheel.settings import Settings
from mendwheel.testing import JiraSide, SlackSide

ONCALL, HANDLE = "slack-group:S0ONCALL", "slack-group:@oncall"
ADMINS = "jira-role:PROJ/Administrators"


class Watch:
    """A clock that a test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def one_workspace() -> Iterator[SlackSide]:
    with SlackSide() as side:
        yield side


@pytest.fixture
def workspace(one_workspace: SlackSide) -> SlackSide:
    one_workspace.space.groups.clear()
    one_workspace.space.add_group("S0ONCALL", "oncall", {"U0ALICE", "U0BOB"})
    one_workspace.calls.clear()
    return one_workspace


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def site(request: pytest.FixtureRequest) -> Iterator[JiraSide]:
    with JiraSide(request.param) as side:
        yield side


def of_slack(side: SlackSide, **more: Any) -> Settings:
    secret = "0123456789abcdef" * 2
    return Settings(
        slack_base_url=side.base_url,
        slack_bot_token=side.token,
        slack_signing_secret=secret,
        **more,
    )


def of_jira(side: JiraSide, **more: Any) -> Settings:
    return Settings(
        jira_base_url=side.base_url,
        jira_user=side.user,
        jira_token=side.token,
        jira_deployment=side.deployment,
        jira_webhook_secret=side.webhook_secret,
        **more,
    )


def test_a_user_group_is_known_by_its_id_and_by_its_handle(workspace: SlackSide) -> None:
    found = Groups(of_slack(workspace)).look([ONCALL, HANDLE])
    both = ["slack:U0ALICE", "slack:U0BOB"]
    assert found.members == {ONCALL: both, HANDLE: both}
    assert found.mention == dict.fromkeys([ONCALL, HANDLE], "slack:S0ONCALL")
    assert found.unknown == {}


def test_who_has_left_a_group_is_in_it_for_a_minute_at_most(workspace: SlackSide) -> None:
    watch = Watch()
    groups = Groups(of_slack(workspace), watch)
    assert len(groups.look([ONCALL]).members[ONCALL]) == 2
    workspace.space.add_group("S0ONCALL", "oncall", {"U0BOB"})
    watch.now += KEEP - 0.1
    assert len(groups.look([ONCALL]).members[ONCALL]) == 2
    assert len(workspace.calls_of("usergroups.users.list")) == 1
    watch.now += 0.1
    assert groups.look([ONCALL]).members[ONCALL] == ["slack:U0BOB"]


def test_a_group_that_is_not_told_is_unknown_and_asked_for_again(workspace: SlackSide) -> None:
    groups = Groups(of_slack(workspace))
    for kind in ("rate_limited", "unavailable"):
        workspace.fault("usergroups.users.list", kind)
        dark = groups.look([ONCALL])
        assert (dark.members, list(dark.unknown)) == ({}, [ONCALL])
        assert "\n" not in dark.unknown[ONCALL]
    assert groups.look([ONCALL]).unknown == {}


def test_what_was_known_for_longer_than_a_minute_is_not_used_when_slack_is_away(
    workspace: SlackSide,
) -> None:
    watch = Watch()
    groups = Groups(of_slack(workspace), watch)
    groups.look([ONCALL])
    watch.now += KEEP
    workspace.fault("usergroups.users.list", "unavailable")
    assert list(groups.look([ONCALL]).unknown) == [ONCALL]


def test_no_group_is_looked_up_once_the_time_for_all_is_over(
    workspace: SlackSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()
    groups = Groups(of_slack(workspace), watch)
    ask = groups._asked

    def slowly(name: str, seconds: float) -> Any:
        watch.now += WITHIN
        return ask(name, seconds)

    monkeypatch.setattr(groups, "_asked", slowly)
    found = groups.look([ONCALL, HANDLE])
    assert (list(found.members), list(found.unknown)) == ([ONCALL], [HANDLE])


@pytest.mark.parametrize("group", ["slack-group:S0GONE", "slack-group:@nobody", ADMINS])
def test_a_group_that_is_not_there_is_unknown_with_the_way_out(
    workspace: SlackSide, group: str
) -> None:
    found = Groups(of_slack(workspace)).look([group])
    assert found.members == {}
    assert ": " in found.unknown[group]


def test_a_role_holds_people_and_the_people_of_groups(site: JiraSide) -> None:
    many = [site.site.add_person(f"{site.ann.id}{n}", f"A{n}").id for n in range(60)]
    site.site.groups["ops"] = [site.ben.id, *many]
    site.site.roles["PROJ", "Administrators"] = [site.ann.id, "ops", site.ben.id]
    groups = Groups(of_jira(site))
    found = groups.look([ADMINS, "jira-role:PROJ/administrators"])
    assert found.unknown == {}
    assert found.members[ADMINS] == [f"jira:{id}" for id in [site.ann.id, site.ben.id, *many]]
    assert found.members["jira-role:PROJ/administrators"] == found.members[ADMINS]
    assert found.mention == {}


def test_a_role_that_cannot_be_read_whole_is_unknown(site: JiraSide) -> None:
    site.site.groups["ops"] = [site.ben.id]
    site.site.roles["PROJ", "Administrators"] = [site.ann.id, "ops"]
    for operation in ("role.list", "role.read", "group.read"):
        site.fault(operation, "unavailable")
        assert list(Groups(of_jira(site)).look([ADMINS]).unknown) == [ADMINS], operation
    dark = Groups(of_jira(site)).look(["jira-role:PROJ/Owners", "jira-role:GONE/Owners"]).unknown
    assert "its roles are Administrators" in dark["jira-role:PROJ/Owners"]
    assert "GONE" in dark["jira-role:GONE/Owners"]


def policy(folder: Path, *names: str) -> dict[str, Path]:
    path = folder / "policy.toml"
    listed = ", ".join(f'"{name}"' for name in names)
    path.write_text(f"[approvers]\ndefault = [{listed}]\n", "utf-8")
    return {"policy": path}


def test_the_doctor_looks_the_policys_user_groups_up(workspace: SlackSide, tmp_path: Path) -> None:
    workspace.space.add_group("S0EMPTY", "empty", set())
    given = policy(tmp_path, ONCALL, "slack-group:S0EMPTY", "slack-group:S0GONE", ADMINS)
    found = {each.name: each for each in slack(of_slack(workspace, **given))}
    assert found[ONCALL].state == "ok"
    assert found["slack-group:S0EMPTY"].state == "warn"
    gone = found["slack-group:S0GONE"]
    assert (gone.state, "no_such_subteam" in gone.detail) == ("fail", True)
    assert ADMINS not in found


def test_the_doctor_finds_groups_of_a_system_that_is_not_set_up(tmp_path: Path) -> None:
    settings = Settings(**policy(tmp_path, ONCALL, ADMINS))
    for found, name in ((slack(settings), ONCALL), (jira(settings), ADMINS)):
        [check] = [each for each in found if each.state != "ok"]
        assert (check.name, check.state) == (name, "fail")
        assert check.way_out.startswith("set ")


def test_the_doctor_looks_the_policys_roles_up(site: JiraSide, tmp_path: Path) -> None:
    site.site.roles["PROJ", "Administrators"] = [site.ann.id]
    given = policy(tmp_path, ADMINS, "jira-role:PROJ/Owners", ONCALL)
    found = {each.name: each for each in jira(of_jira(site, **given))}
    assert (found[ADMINS].state, found["jira-role:PROJ/Owners"].state) == ("ok", "fail")
    assert ONCALL not in found
