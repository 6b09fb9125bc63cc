"""Arguments that are described by a JSON schema instead of a model of ours."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, create_model, model_validator

_PARSED = {"integer", "number", "boolean", "array", "object", "null"}


class SchemaArguments(BaseModel):
    """Holds whatever fits `described`, a JSON schema of an object."""

    model_config = ConfigDict(extra="allow")

    described: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return dict(cls.described)

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            raise ValueError("an object is needed")
        known = cls.described.get("properties") or {}
        if unknown := sorted(values.keys() - known.keys()):
            # Also where the schema would let it through: what nobody described, nobody judged.
            raise ValueError(f"`{unknown[0]}` is not an argument of it")
        exact = {name: _typed(value, known[name]) for name, value in values.items()}
        if problem := _problem(cls.described, exact):
            raise ValueError(problem)
        return exact


def schema_model(name: str, schema: Mapping[str, Any]) -> type[SchemaArguments]:
    """A model that takes what `schema` allows. Nothing that it refers to elsewhere is fetched.

    Raises:
        ValueError: it is no JSON schema of an object.
    """
    from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]  # no stubs
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]

    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"its arguments are no JSON schema: {error.message[:200]}") from None
    if schema.get("type") != "object":
        raise ValueError("its arguments are no object")
    model = create_model(name, __base__=SchemaArguments)
    model.described = schema
    return model


def _typed(value: Any, schema: Any) -> Any:
    """Planners write every argument as text: one that is to be a number is read as one."""
    wanted = schema.get("type") if isinstance(schema, dict) else None
    kinds = set(wanted) if isinstance(wanted, list) else {wanted}
    if not isinstance(value, str) or "string" in kinds or not kinds & _PARSED:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _problem(schema: Mapping[str, Any], values: dict[str, Any]) -> str:
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        # An empty registry: without one the library would fetch addresses that a server names.
        found = best_match(validator_for(schema)(schema, registry=Registry()).iter_errors(values))
    except Unresolvable:
        return "its schema refers to another one, which is not fetched"
    if found is None:
        return ""
    where = ".".join(str(part) for part in found.absolute_path)
    return f"{where}: {found.message}"[:300] if where else found.message[:300]
