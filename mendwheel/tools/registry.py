"""Remedies that a host has registered. There is no way to run a workflow that is not here."""

from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mendwheel.agents.agent import ToolCard
from mendwheel.contracts.names import CALL_WORKFLOW
from mendwheel.contracts.writing import CHECK
from mendwheel.domain.ids import arguments_digest, digest
from mendwheel.domain.remedy import Check, Invocation, Remedy, Risk
from mendwheel.tools.http_calls import HttpCall, HttpCheck, HttpRemedy

_CHECK_SECONDS = 12.0


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
    workflow: Invocation | None = None
    http: HttpCall | None = None
    """Instead of a workflow."""
    check: Check | HttpCheck | None = None
    undo: Invocation | HttpCall | None = None
    expected: str = ""
    sources: dict[str, str] = Field(default={})
    component_argument: str = "service"
    always_asked: bool = False
    """A person is asked whatever the policy says; the policy may still forbid it."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.workflow is None) == (self.http is None):
            raise ValueError(f"{self.name}: give it a workflow or an HTTP call, one of the two")
        self.over_http.held_to(self.arguments)
        return self

    @property
    def over_http(self) -> HttpRemedy:
        """What of it is done over HTTP."""
        return HttpRemedy(
            call=self.http,
            undo=self.undo if isinstance(self.undo, HttpCall) else None,
            check=self.check if isinstance(self.check, HttpCheck) else None,
        )


class Registry:
    """Looks remedies up by name and validates their arguments.

    `queue` is where HTTP calls are carried out: the queue of the worker itself.
    """

    def __init__(self, specs: Iterable[RemedySpec] = (), queue: str = "mendwheel") -> None:
        self._queue = queue
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
            workflow=spec.workflow or self._caller(),
            check=self._check(spec),
            undo=self._caller() if isinstance(spec.undo, HttpCall) else spec.undo,
            registered=_registered(spec),
            component=component if isinstance(component, str) else None,
            always_asked=spec.always_asked,
        )

    def _caller(self) -> Invocation:
        return Invocation(name=CALL_WORKFLOW, task_queue=self._queue)

    def _check(self, spec: RemedySpec) -> Check | None:
        check = spec.check
        if not isinstance(check, HttpCheck):
            return check
        name = f"{CHECK}.{spec.name}"
        return Check(
            activity=Invocation(name=name, task_queue=self._queue, timeout_seconds=_CHECK_SECONDS),
            attempts=check.attempts,
            interval_seconds=check.interval_seconds,
        )


def _registered(spec: RemedySpec) -> str:
    """What was agreed to is not sent elsewhere because somebody edits the registration."""
    http = spec.over_http
    return digest(http.model_dump(mode="json")) if http.addresses() else ""
