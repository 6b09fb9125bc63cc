"""Groups that other systems keep: who is in them is asked there, each time it matters."""

from collections.abc import Iterable

from pydantic import BaseModel, Field

SLACK_GROUP = "slack-group:"
"""A user group of Slack by id or handle: `slack-group:S0123`, `slack-group:@oncall`."""

JIRA_ROLE = "jira-role:"
"""A role in a project of Jira: `jira-role:OPS/Administrators`."""

AGAIN = "send it again"
"""How a refusal ends that says nothing about the person: the same again may well count."""


def is_outside(name: str) -> bool:
    return name.startswith((SLACK_GROUP, JIRA_ROLE))


class Outside(BaseModel):
    """Who is in groups of other systems, as just looked up. In neither map: nobody is in it."""

    members: dict[str, list[str]] = Field({}, description="subjects, as `slack:U1`, by group")
    unknown: dict[str, str] = Field({}, description="why a group could not be looked up")
    mention: dict[str, str] = Field({}, description="how a group is called, as `slack:S1`")


class NoDirectory:
    """`ports.Directory` where nothing is set up to ask: everybody's membership is unknown."""

    def look(self, groups: Iterable[str]) -> Outside:
        return Outside(unknown=dict.fromkeys(groups, "neither Slack nor Jira is set up here"))
