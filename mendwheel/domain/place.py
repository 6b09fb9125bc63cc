"""Where a ticket is followed: a Slack channel or thread, a Jira issue. Written `system:address`."""

import re
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

SLACK = "slack"
JIRA = "jira"
CHATS = frozenset({SLACK})
"""Systems that keep no status, labels or links of a ticket."""

_SUBJECT = re.compile(r"slack:[UWS][A-Z0-9]+|jira:\S+")


class Place(BaseModel):
    """`slack:C123`, `slack:C123/1700000000.000100` (a thread), `jira:PROJ-7`; empty: the desk."""

    model_config = ConfigDict(frozen=True)

    system: str
    address: str
    thread: str = ""

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError: not of the form `system:address`."""
        system, colon, rest = text.partition(":")
        address, _, thread = rest.partition("/")
        if not (system and colon and address):
            raise ValueError(f"{text!r} is no place: write slack:CHANNEL or jira:KEY")
        return cls(system=system, address=address, thread=thread)

    def __str__(self) -> str:
        return f"{self.system}:{self.address}" + (f"/{self.thread}" if self.thread else "")

    @property
    def group(self) -> str:
        """What rules are written for: the channel, or the project of the issue."""
        name = self.address.rpartition("-")[0] if self.system == JIRA else self.address
        return f"{self.system}:{name or self.address}"


class Verbosity(StrEnum):
    """How much a place is told."""

    FULL = "full"  # the card from the first moment, and everything in its thread
    BRIEF = "brief"  # the card, and only questions and the end in its thread
    QUIET = "quiet"  # nothing before the end, and then only above `quiet_above`


class PlaceRule(BaseModel):
    """What holds in one Slack channel (`slack:C123`) or Jira project (`jira:PROJ`)."""

    model_config = ConfigDict(extra="forbid")

    place: str = Field(description="slack:CHANNEL_ID or jira:PROJECT")
    tenant: str | None = Field(None, description="tenant of tickets from here")
    component: str | None = Field(None, description="component of tickets that name none")
    show_in: list[str] = Field([], description="further places that follow tickets from here")
    verbosity: Verbosity = Field(
        Verbosity.FULL, description="how much is told here: full, brief or quiet"
    )
    quiet_above: float = Field(0.8, ge=0, le=1, description="confidence that `quiet` speaks from")
    quiet_hours: str = Field("", description="HH:MM-HH:MM, when nobody is called or reminded")
    timezone: str = Field("UTC", description="IANA name that quiet hours are in")
    hand_over_to: list[str] = Field(
        [], description="who is named when a human has to go on: slack:USER, slack:USERGROUP"
    )

    labels: list[str] = Field(
        [], description="access labels of documents that everybody here may read"
    )

    @field_validator("place")
    @classmethod
    def _known(cls, value: str) -> str:
        place = Place.parse(value)
        if place.system not in (SLACK, JIRA) or place.thread:
            raise ValueError("write slack:CHANNEL_ID or jira:PROJECT")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is no IANA time zone, such as Europe/Berlin") from None
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        if value:
            _span(value)
        return value

    @field_validator("hand_over_to")
    @classmethod
    def _callable(cls, value: list[str]) -> list[str]:
        # Slack calls nobody by a name: who is written so would be told of nothing.
        for each in value:
            if not _SUBJECT.fullmatch(each):
                raise ValueError(f"{each!r} names nobody: write slack:U…, slack:S… or jira:ID")
        return value

    def quiet_at(self, moment: datetime) -> bool:
        """Whether `moment` (aware) lies in the quiet hours; a span over midnight is one span."""
        if not self.quiet_hours:
            return False
        begin, end = _span(self.quiet_hours)
        now = moment.astimezone(ZoneInfo(self.timezone)).time()
        return begin <= now < end if begin <= end else now >= begin or now < end


def rule_for(rules: list[PlaceRule], place: str) -> PlaceRule | None:
    """The rule of `place`, by its channel or project; None without one."""
    try:
        group = Place.parse(place).group
    except ValueError:
        return None
    return next((rule for rule in rules if rule.place == group), None)


def _span(text: str) -> tuple[time, time]:
    try:
        begin, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError("write HH:MM-HH:MM, as in 22:00-07:00") from None
    return begin, end
