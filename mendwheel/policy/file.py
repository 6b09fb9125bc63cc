"""The policy file: its shape, and what makes a text a valid policy."""

import re
import tomllib
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from mendwheel.domain.approval import Course
from mendwheel.domain.ids import digest
from mendwheel.domain.outside import is_outside
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Severity

_OUTSIDE = re.compile(r"slack-group:(S[A-Z0-9]+|@[^\s:/]+)|jira-role:[^\s:/]+/\S.*")


class PolicyError(ValueError):
    """The policy file cannot be used; the message names the place and the way out."""


def _well_named(names: list[str]) -> list[str]:
    """A group that nobody could look up would be a question that nobody may answer."""
    for name in names:
        if is_outside(name) and not _OUTSIDE.fullmatch(name):
            raise ValueError(
                f"{name!r}: write slack-group:S0123, slack-group:@HANDLE or jira-role:PROJECT/ROLE"
            )
    return names


Names = Annotated[list[str], AfterValidator(_well_named)]
"""People, subjects, `group:NAME`s, user groups of Slack and roles of Jira."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class When(_Part):
    """Conditions of a rule; all that are given must hold."""

    tool: list[str] = []
    risk: list[Risk] = []
    severity: list[Severity] = []
    component: list[str] = []
    tenant: list[str] = []
    suspicious: bool | None = None
    confidence_below: float | None = None


class Rule(_Part):
    name: str
    course: Course
    reason: str = ""
    needed: int | None = Field(None, ge=1)
    when: When = When()


class Asking(_Part):
    """How a question is put."""

    needed: int = Field(1, ge=1)
    expires_minutes: float = Field(1440, gt=0)
    remind_minutes: float = Field(240, gt=0)
    escalate_minutes: float | None = None
    escalate_to: Names = []


class Delegation(_Part):
    """Somebody decides in somebody else's stead for a while."""

    giver: str = Field(alias="from")
    to: str
    until: AwareDatetime
    component: list[str] = []
    tool: list[str] = []

    @field_validator("giver", "to")
    @classmethod
    def _a_person(cls, name: str) -> str:
        if is_outside(name) or name.startswith("group:"):
            raise ValueError(f"{name} is a group: a delegation is from one person to one person")
        return name


class Given(_Part):
    """What policy is asked about."""

    tool: str
    risk: Risk
    severity: Severity = Severity.MEDIUM
    component: str = ""
    tenant: str = "default"
    place: str = ""
    suspicious: bool = False
    confidence: float = 1.0


class PolicyTest(_Part):
    name: str
    given: Given
    expect: Course


class DecisionTest(_Part):
    """Whether a person's word would count for what policy asks about."""

    name: str
    given: Given
    by: str = Field(description="who decides")
    expect: str = Field(min_length=1, description="`allowed`, or words of the reason why not")
    requester: str = "somebody else"
    authors: list[str] = []
    approved: bool = True
    vouched: bool = True
    at: AwareDatetime | None = Field(None, description="without it no delegation is in force")
    delegations: list[Delegation] = Field([], description="besides those of the file")
    groups: dict[str, list[str]] = Field({}, description="who is in groups of Slack and Jira")


class Policy(_Part):
    """One version of who may do what."""

    version: str = ""
    kill_switch: bool = False
    mode: str = Field("shadow", pattern="^(shadow|live)$")
    allowed_tools: list[str] = ["*"]
    never_tools: list[str] = []
    operator_decides: bool = False
    approval: Asking = Asking()
    approvers: dict[str, Names] = {}
    people: dict[str, list[str]] = {}
    groups: dict[str, Names] = {}
    delegations: list[Delegation] = []
    rules: list[Rule] = []
    tests: list[PolicyTest] = []
    decision_tests: list[DecisionTest] = []

    @field_validator("people")
    @classmethod
    def _one_person_each(cls, people: dict[str, list[str]]) -> dict[str, list[str]]:
        """Whoever were two people could agree with themselves."""
        taken: dict[str, str] = {person: person for person in people}
        for person, names in people.items():
            for name in names:
                if taken.setdefault(name, person) != person:
                    raise ValueError(f"{name} is {taken[name]} and {person}: leave it with one")
        return people


def parse(text: str, *, name: str = "policy") -> Policy:
    """A policy from TOML; its version is the digest of what it says.

    Raises:
        PolicyError: not TOML, or not of this shape.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(text)
        policy = Policy.model_validate(raw)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{name} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        wrong = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            wrong = "no such key: docs/reference/policy.md names them all"
        raise PolicyError(f"{name}: `{where}`: {wrong}") from error
    return policy.model_copy(update={"version": digest(raw)[:12]})
