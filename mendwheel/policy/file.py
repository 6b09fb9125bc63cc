"""The policy file: its shape, and what makes a text a valid policy."""

import tomllib
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mendwheel.domain.approval import Course
from mendwheel.domain.ids import digest
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Severity


class PolicyError(ValueError):
    """The policy file cannot be used; the message names the place and the way out."""


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
    escalate_to: list[str] = []


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


class Policy(_Part):
    """One version of who may do what."""

    version: str = ""
    kill_switch: bool = False
    mode: str = Field("shadow", pattern="^(shadow|live)$")
    allowed_tools: list[str] = ["*"]
    never_tools: list[str] = []
    operator_decides: bool = False
    approval: Asking = Asking()
    approvers: dict[str, list[str]] = {}
    people: dict[str, list[str]] = {}
    groups: dict[str, list[str]] = {}
    rules: list[Rule] = []
    tests: list[PolicyTest] = []

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
        raise PolicyError(f"{name}: `{where}`: {first['msg']}") from error
    return policy.model_copy(update={"version": digest(raw)[:12]})
