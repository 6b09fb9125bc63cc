"""Settings of what people meet: Slack, Jira, whoever is on call, and who follows what where."""

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from mendwheel.domain.place import PlaceRule, rule_for
from mendwheel.domain.web import web_address


class EdgeSettings(BaseSettings):
    """Part of `Settings`, in a file of its own for its length."""

    slack_base_url: str = Field(
        "https://slack.com/api/", description="Slack's Web API; another one for tests"
    )
    slack_bot_token: SecretStr | None = Field(
        None, description="xoxb-…; default: Slack is not used"
    )
    slack_app_token: SecretStr | None = Field(
        None, description="xapp-… with connections:write, for Socket Mode"
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="verifies that requests come from Slack, for HTTP"
    )
    slack_mode: Literal["http", "socket"] = Field(
        "http", description="http: Slack calls /slack/events; socket: we call Slack"
    )
    slack_command: str = Field("/resolve", pattern=r"^/\S+$", description="the slash command")
    jira_base_url: str | None = Field(
        None, description="https://SITE.atlassian.net or a Data Center address; default: no Jira"
    )
    jira_user: str | None = Field(None, description="Cloud: e-mail of the account of the token")
    jira_token: SecretStr | None = Field(
        None, description="Cloud: API token; Data Center: personal access token"
    )
    jira_webhook_secret: SecretStr | None = Field(
        None, min_length=16, description="signs webhooks, or is the shared secret they carry"
    )
    jira_deployment: Literal["cloud", "datacenter"] = Field(
        "cloud", description="cloud: REST v3 with ADF; datacenter: REST v2 with wiki markup"
    )
    jira_projects: list[str] = Field(
        [], description="project keys whose issues become tickets; empty: all that are sent"
    )
    jira_jql: str = Field("", description="which issues a poll takes in, besides the projects")
    jira_poll_seconds: float = Field(
        0.0, ge=0, description="how often issues are looked for; 0: only webhooks"
    )
    jira_internal: bool = Field(True, description="comments in service desks are internal notes")
    jira_label: str = Field("mendwheel", pattern=r"^\S*$", description="label added; empty: none")
    jira_transitions: dict[str, str] = Field(
        {"fixed": "done"},
        description="outcome → status name or category (new, indeterminate, done)",
    )
    jira_transition_fields: dict[str, str] = Field(
        {"resolution": "Done"}, description="values of fields that a transition requires"
    )
    places: list[PlaceRule] = Field(
        [], description="what holds in single Slack channels and Jira projects"
    )
    alerts_show_in: list[str] = Field(
        [], description="places that follow tickets of alerts, as in slack:C0123"
    )
    link_hosts: list[str] = Field(
        [],
        description="hosts, as in docs.example.net, that answers may link to besides those of "
        "the documents and systems that a ticket was looked up in; other links are shown as text",
    )
    oncall_url: str | None = Field(
        None,
        description="PagerDuty- or Opsgenie-shaped; called when a human has to go on with a ticket "
        "of severity high or critical, in quiet hours with a critical one only",
    )
    oncall_key: SecretStr | None = Field(None, description="routing key or API key for it")
    oncall_format: Literal["pagerduty", "opsgenie"] = Field(
        "pagerduty", description="shape of the request to `oncall_url`"
    )
    remedy_secrets: dict[str, SecretStr] = Field(
        {}, description="name → secret, for headers of remedies over HTTP that name it"
    )

    @property
    def slack(self) -> bool:
        """Whether Slack is used."""
        return self.slack_bot_token is not None

    @property
    def jira(self) -> bool:
        """Whether Jira is used."""
        return self.jira_base_url is not None and self.jira_token is not None

    def rule(self, place: str) -> PlaceRule | None:
        """What holds at `place`; None where nothing is set."""
        return rule_for(self.places, place)

    @field_validator("slack_base_url", "jira_base_url", "oncall_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        return None if value is None else web_address(value)

    @field_validator("slack_base_url")
    @classmethod
    def _slash(cls, value: str) -> str:
        return value.rstrip("/") + "/"

    @field_validator("jira_base_url")
    @classmethod
    def _no_slash(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _slack_is_whole(self) -> Self:
        if not self.slack:
            return self
        if self.slack_mode == "socket" and self.slack_app_token is None:
            raise ValueError("slack_mode is socket: set slack_app_token too")
        if self.slack_mode == "http" and self.slack_signing_secret is None:
            raise ValueError("slack_bot_token is set: set slack_signing_secret too")
        return self

    @model_validator(mode="after")
    def _on_call_is_whole(self) -> Self:
        if self.oncall_url is not None and self.oncall_key is None:
            raise ValueError("oncall_url is set: set oncall_key too")
        return self

    @model_validator(mode="after")
    def _jira_is_whole(self) -> Self:
        if (self.jira_base_url is None) != (self.jira_token is None):
            raise ValueError("jira_base_url and jira_token go together: set both, or neither")
        if self.jira and self.jira_deployment == "cloud" and not self.jira_user:
            raise ValueError("jira_user is missing: Jira Cloud needs the e-mail of the token")
        return self
