"""Says what is wrong with settings: one line a problem, with the key and the way out.

Values are never repeated, only their types, because any of them may be a secret in a wrong place.
"""

import difflib
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

PREFIX = "MENDWHEEL_"

# Kubernetes puts these into every pod of a namespace that has a Service called mendwheel….
_SERVICE_LINK = re.compile(
    r"MENDWHEEL_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)"
    r"|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)


_LISTED = 20
"""More names than that hide what is wrong."""


class SettingsError(ValueError):
    """Settings cannot be used; one line per problem."""


def read_toml(path: Path) -> dict[str, Any]:
    """The table in `path`.

    Raises:
        SettingsError: the file is missing, unreadable or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path}: {error.strerror or error}: correct or unset {PREFIX}SETTINGS"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None


def suggestion(name: str, allowed: Iterable[str]) -> str:
    """The closest allowed name and where all of them stand, ready to follow what is wrong."""
    names = list(allowed)
    close = difflib.get_close_matches(name, names, n=1)
    meant = f", did you mean {close[0]!r}?" if close else ";"
    if len(names) <= _LISTED:
        return f"{meant} allowed: {', '.join(names)}"
    return meant if close else "; `mendwheel init` writes a file that names them all"


def unknown_keys(model: type[BaseModel], table: Mapping[str, Any], *, where: str) -> list[str]:
    """One line per key of `table` that `model` does not have, nested tables included."""
    problems: list[str] = []
    for key, value in table.items():
        if key not in model.model_fields:
            kind = type(value).__name__
            hint = suggestion(key, model.model_fields)
            problems.append(f"{where}: unknown key {key!r} ({kind}){hint}")
            continue
        nested = _nested(model, key)
        if nested and isinstance(value, Mapping):
            problems += unknown_keys(nested, value, where=f"{where} [{key}]")
    return problems


def unknown_variables(
    model: type[BaseModel], environ: Mapping[str, str], *, besides: Collection[str]
) -> list[str]:
    """One line per variable with our prefix that sets nothing; `besides` are known otherwise."""
    allowed = list(besides)
    open_ended: list[str] = []
    for name in model.model_fields:
        variable = PREFIX + name.upper()
        allowed.append(variable)
        nested = _nested(model, name)
        if nested:
            allowed += [f"{variable}__{part.upper()}" for part in nested.model_fields]
        elif get_origin(model.model_fields[name].annotation) is dict:
            open_ended.append(f"{variable}__")
    return [
        f"unknown environment variable {name} (str){suggestion(name.upper(), allowed)}"
        for name in sorted(environ)
        if name.upper().startswith(PREFIX)
        and name.upper() not in allowed
        and not name.upper().startswith(tuple(open_ended))
        and not _SERVICE_LINK.fullmatch(name.upper())
    ]


def invalid(model: type[BaseModel], error: ValidationError) -> list[str]:
    """One line per value that pydantic refused."""
    return [_line(model, detail) for detail in error.errors(include_url=False)]


def _line(model: type[BaseModel], detail: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in detail["loc"])
    if not where:  # a rule over several settings
        return str(detail["msg"]).removeprefix("Value error, ")
    kind = type(detail["input"]).__name__
    name = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        known = _innermost(model, detail["loc"]).model_fields
        return f"unknown setting {where!r} ({kind}){suggestion(str(detail['loc'][-1]), known)}"
    annotation = model.model_fields[name].annotation
    if detail["type"] == "literal_error" and get_origin(annotation) is Literal:
        hint = suggestion(str(detail["input"]), get_args(annotation))
        return f"{where}: this {kind} is not allowed{hint}"
    text = str(detail["msg"]).removeprefix("Value error, ")
    return f"{where}: {text[:1].lower()}{text[1:]}, got {kind}"


def _nested(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    annotation = model.model_fields[name].annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _innermost(model: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel]:
    """The model that the last name of `path` was looked for in; lists and tables are gone into."""
    for name in path[:-1]:
        if name in model.model_fields:
            annotation = model.model_fields[str(name)].annotation
            parts = (annotation, *get_args(annotation))
            inner = [part for part in parts if isinstance(part, type)]
            model = next((part for part in inner if issubclass(part, BaseModel)), model)
    return model
