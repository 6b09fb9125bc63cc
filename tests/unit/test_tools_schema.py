"""Arguments that a JSON schema describes: what does not fit is refused before anybody is asked."""

from typing import Any

import pytest

from mendwheel.domain.remedy import Invocation, Risk
from mendwheel.tools.registry import BadArguments, Registry, RemedySpec
from mendwheel.tools.schema import schema_model

SCALE = {
    "type": "object",
    "properties": {
        "service": {"type": "string", "pattern": "^[a-z]+$"},
        "copies": {"type": "integer", "minimum": 1},
        "zones": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["service", "copies"],
}


def _registry(schema: dict[str, Any]) -> Registry:
    spec = RemedySpec(
        name="scale",
        description="Scale.",
        arguments=schema_model("Arguments", schema),
        risk=Risk.HIGH,
        workflow=Invocation(name="w", task_queue="q"),
    )
    return Registry([spec])


def test_texts_of_a_planner_become_the_types_that_the_schema_asks_for() -> None:
    said = {"service": "shop", "copies": "3", "zones": '["a"]'}
    remedy = _registry(SCALE).resolve("scale", said)
    assert remedy.arguments == {"service": "shop", "copies": 3, "zones": ["a"]}
    assert remedy.component == "shop"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"service": "shop"}, "'copies' is a required property"),
        ({"service": "shop", "copies": "many"}, "copies: 'many' is not of type 'integer'"),
        ({"service": "shop", "copies": 0}, "copies: 0 is less than the minimum of 1"),
        ({"service": "a;b", "copies": 1}, "service: 'a;b' does not match"),
        ({"service": "shop", "copies": 1, "force": "true"}, "`force` is not an argument of it"),
    ],
)
def test_what_does_not_fit_is_named(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(BadArguments, match=told):
        _registry(SCALE).resolve("scale", arguments)


def test_a_planner_is_shown_the_schema_of_the_server() -> None:
    assert _registry(SCALE).cards()[0].schema_ == SCALE


def test_a_schema_elsewhere_is_not_fetched() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:1/s.json"}}}
    with pytest.raises(BadArguments, match="refers to another one, which is not fetched"):
        _registry(schema).resolve("scale", {"a": "1"})


@pytest.mark.parametrize("schema", [{"type": "array"}, {}, {"type": "object", "properties": 3}])
def test_what_is_no_schema_of_arguments_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its arguments are no"):
        schema_model("Arguments", schema)
