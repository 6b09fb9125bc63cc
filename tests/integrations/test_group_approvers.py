"""A user group of Slack and a role of Jira decide: who is in it may, who is not is told why."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.slack import names
from mendwheel.testing import JiraSide, SlackSide
from tests.integrations.jira_scene import Scene, jira_settings, playing
from tests.integrations.slack_site import CHANNEL, site, slack_settings
from tests.workflows.stage import Stage, eventually

pytestmark = pytest.mark.usefixtures("own_platform")
ALICE, BOB = "U0ALICE", "U0BOB"


def approvers(stage: Stage, *groups: str) -> None:
    """These alone may decide."""
    path = stage.settings.policy
    assert path is not None
    named = ", ".join(f'"{group}"' for group in groups)
    text = path.read_text("utf-8").replace('"ada", "grace", "edsger"', named)
    path.write_text(text, "utf-8")


def refusals(stage: Stage, ticket: str) -> list[str]:
    rows = stage.stores.audit.read(ticket)
    return [row["reason"] for row in rows if row["action"] == "decision refused"]


async def test_a_user_group_is_called_and_its_people_decide_once_it_can_be_looked_up(
    client: Client, tmp_path: Path, slack: SlackSide, request: pytest.FixtureRequest
) -> None:
    slack.space.add_group("S0ONCALL", "oncall", {BOB})
    settings = slack_settings(tmp_path, request.node.name, slack)
    async with site(client, settings, slack) as here:
        approvers(here.stage, "slack-group:@oncall")
        # Nobody can be looked up yet, when it is asked and when it is decided.
        slack.fault("usergroups.*", "unavailable", times=50)
        submitted, asked, card = await here.asked()
        ticket = submitted.ticket_id
        await slack.click(here.url, names.APPROVE, asked.request_id, BOB, card)
        told = (await here.told(BOB)).text
        assert told.endswith("who is in slack-group:@oncall could not be looked up: send it again")
        slack.faults.clear()
        await slack.click(here.url, names.APPROVE, asked.request_id, ALICE, card)
        assert "ada may not decide this" in (await here.told(ALICE)).text
        assert len(refusals(here.stage, ticket)) == 2
        await slack.click(here.url, names.APPROVE, asked.request_id, BOB, card)
        outcome = await here.stage.result(ticket)
        assert (outcome.kind, outcome.decided_by) == (OutcomeKind.FIXED, ["grace"])


async def test_a_user_group_is_mentioned_as_a_group_on_the_card_and_in_its_thread(
    client: Client, tmp_path: Path, slack: SlackSide, request: pytest.FixtureRequest
) -> None:
    slack.space.add_group("S0ONCALL", "oncall", {BOB})
    settings = slack_settings(tmp_path, request.node.name, slack)
    async with site(client, settings, slack) as here:
        approvers(here.stage, "slack-group:S0ONCALL")
        _, _, card = await here.asked()
        assert "<!subteam^S0ONCALL>" in json.dumps(card.blocks)
        said: list[str] = []

        async def called_in_the_thread() -> bool:
            said[:] = [json.dumps(each.blocks) for each in slack.messages(CHANNEL, by_app=True)]
            return sum("<!subteam^S0ONCALL>" in text for text in said) >= 2

        await eventually(called_in_the_thread)
        assert not any(f"<@{BOB}>" in text for text in said), "called once, by the group"


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[JiraSide]:
    with JiraSide(request.param) as side:
        yield side


@pytest.fixture
async def scene(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest, jira: JiraSide
) -> AsyncIterator[Scene]:
    settings = jira_settings(tmp_path, request.node.name, jira)
    async with playing(client, settings, jira) as scene:
        yield scene


async def test_whoever_has_the_role_in_jira_decides_and_nobody_else(scene: Scene) -> None:
    jira = scene.jira
    cara = jira.site.add_person(f"{jira.ann.id}-cara", "Cara", "cara@example.net")
    jira.site.groups["ops"] = [jira.ann.id]
    jira.site.roles[scene.project, "Administrators"] = ["ops"]
    approvers(scene.stage, f"jira-role:{scene.project}/Administrators")
    issue = await scene.incident()
    jira.human_comment(issue.key, f"/approve {scene.code(issue)}", cara)
    assert (await scene.take(issue, "comment_created")).became == "approve refused"
    [reply] = scene.replies(issue)
    assert "may not decide this" in reply
    wrong = "0" * 6 if scene.code(issue) != "0" * 6 else "1" * 6
    jira.human_comment(issue.key, f"/approve {wrong}")
    await scene.take(issue, "comment_created")
    [stranger, code] = refusals(scene.stage, scene.ticket(issue))
    assert "may not decide this" in stranger
    assert code == "that is not the code of the question that is open now; please look at it again"
    jira.human_comment(issue.key, f"/approve {scene.code(issue)}")
    assert (await scene.take(issue, "comment_created")).became == "approve"
    outcome = await scene.stage.result(scene.ticket(issue))
    assert outcome.decided_by == ["ada"]
