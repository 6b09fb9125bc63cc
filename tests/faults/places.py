"""A local Slack and a local Jira that fail on order, and the suite pointed at both."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mendwheel.settings import Settings
from mendwheel.testing import JiraSide, SlackMessage, SlackSide


class Sides:
    """Channels and issues are made as they are named, so that tickets do not meet."""

    def __init__(self, slack: SlackSide, jira: JiraSide) -> None:
        self.slack = slack
        self.jira = jira

    def channel(self, name: str) -> str:
        """The id of a new channel that the app is in."""
        made = f"C{name.upper().replace('_', '')}"
        self.slack.space.add_channel(made, name.replace("_", "-"))
        return made

    def issue(self, summary: str, description: str | None = None, **fields: Any) -> str:
        """The key of a new issue."""
        return self.jira.add_issue(summary, description, **fields).key

    def cards(self, channel: str) -> list[SlackMessage]:
        """What the app has posted into the channel itself."""
        found = self.slack.messages(channel, by_app=True)
        return [each for each in found if each.thread_ts in (None, "", each.ts)]

    def replies(self, channel: str) -> list[SlackMessage]:
        """What the app has posted into threads of the channel."""
        found = self.slack.messages(channel, by_app=True)
        return [each for each in found if each.thread_ts and each.thread_ts != each.ts]


@contextmanager
def sides() -> Iterator[Sides]:
    with SlackSide() as slack, JiraSide() as jira:
        yield Sides(slack, jira)


def pointed_at(settings: Settings, there: Sides, **more: Any) -> Settings:
    """`settings` with both edges set up."""
    given = settings.model_dump(exclude_unset=True) | {
        "slack_base_url": there.slack.base_url,
        "slack_bot_token": there.slack.token,
        "slack_signing_secret": there.slack.signing_secret,
        "jira_base_url": there.jira.base_url,
        "jira_user": there.jira.user,
        "jira_token": there.jira.token,
        "jira_webhook_secret": there.jira.webhook_secret,
    }
    return Settings.model_validate(given | more)
