"""Remedies that a host has registered. There is no way to run a workflow that is not here."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mendwheel.agents.agent import ToolCard
from mendwheel.domain.ids import arguments_digest
from mendwheel.domain.remedy import Check, Invocation, Remedy, Risk


class UnknownTool(LookupError):
    """The name is not registered; the message lists those that are."""


class BadArguments(ValueError):
    """The arguments do not fit the tool; the message names the field."""


class RemedySpec(BaseModel):
    """One remedy as its host registers it.

    `sources` says where the extractive planner may take an argument from: `component` (the
    diagnosed one) or `changes.FIELD` (the latest recorded change of that component).
    """

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    arguments: type[BaseModel]
    risk: Risk
    workflow: Invocation
    check: Check | None = None
    undo: Invocation | None = None
    expected: str = ""
    sources: dict[str, str] = Field(default={})
    component_argument: str = "service"
    always_asked: bool = False
    """A person is asked whatever the policy says; the policy may still forbid it."""


class Registry:
    """Looks remedies up by name and validates their arguments."""

    def __init__(self, specs: Iterable[RemedySpec] = ()) -> None:
        self._specs: dict[str, RemedySpec] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: RemedySpec) -> None:
        """Raises ValueError: one of this name is there already."""
        if spec.name in self._specs:
            raise ValueError(f"the remedy {spec.name} is registered twice: rename one")
        # Another one: whoever goes through them in another thread goes on with those of before.
        self._specs = {**self._specs, spec.name: spec}

    def __contains__(self, name: str) -> bool:
        return name in self._specs

    def get(self, name: str) -> RemedySpec:
        """Raises UnknownTool."""
        try:
            return self._specs[name]
        except KeyError:
            known = ", ".join(sorted(self._specs)) or "none"
            raise UnknownTool(f"no remedy {name} is registered; registered: {known}") from None

    def specs(self) -> list[RemedySpec]:
        return list(self._specs.values())

    def cards(self) -> list[ToolCard]:
        """What an agent is told about the remedies."""
        return [
            ToolCard(
                name=spec.name,
                description=spec.description,
                risk=spec.risk,
                schema_=spec.arguments.model_json_schema(),
            )
            for spec in self._specs.values()
        ]

    def resolve(self, name: str, arguments: dict[str, Any], *, expected: str = "") -> Remedy:
        """A remedy that may be proposed: registered, with arguments of the right types.

        Raises:
            UnknownTool, BadArguments
        """
        spec = self.get(name)
        try:
            exact = spec.arguments.model_validate(arguments).model_dump(mode="json")
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "arguments"
            raise BadArguments(f"{name}: `{where}`: {first['msg']}") from error
        component = exact.get(spec.component_argument)
        return Remedy(
            tool=name,
            arguments=exact,
            arguments_sha256=arguments_digest(name, exact),
            risk=spec.risk,
            expected=(expected or spec.expected or spec.description)[:300],
            workflow=spec.workflow,
            check=spec.check,
            undo=spec.undo,
            component=component if isinstance(component, str) else None,
            always_asked=spec.always_asked,
        )
