"""Writes `docs/reference/cli.md` from the commands themselves, so that it cannot go stale.

`python -m mendwheel.cli.reference > docs/reference/cli.md`
"""

import sys
from collections.abc import Iterator
from typing import Any

from mendwheel.cli.exits import MEANINGS

_HEAD = """\
# The command line

`mendwheel COMMAND --help` says the same as this page. It is written by
`python -m mendwheel.cli.reference > docs/reference/cli.md`.

Results go to stdout, everything said beside them to stderr. With `--json` stdout holds exactly
one JSON document. Texts of tickets are shown without control characters and escape sequences.

**Which Temporal?** The address that is set (`MENDWHEEL_TEMPORAL_ADDRESS` or the settings file);
else the one of a `mendwheel up` that runs in the same home (`up.json` there names it); else
`127.0.0.1:7233`. A server that does not answer is given up after three seconds.

**Who is speaking?** The setting `user`, by default the login name. The command line vouches for
that person with the attestation key in the home folder: whoever can read the key can decide as
anybody, so guard it like a password.

## Exit codes
"""


def markdown() -> str:
    """The whole page."""
    from typer.main import get_command

    from mendwheel.cli.app import build

    commands: dict[str, Any] = get_command(build()).commands  # type: ignore[attr-defined]
    lines = [_HEAD, "| code | meaning |", "| ---: | --- |"]
    lines += [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    lines += ["", "An error is one line, `mendwheel: what: the way out`, on stderr."]
    for name, command in commands.items():
        lines += ["", *_section(name, command)]
        for part, under in getattr(command, "commands", {}).items():
            lines += ["", *_section(f"{name} {part}", under)]
    return "\n".join(lines) + "\n"


def _section(name: str, command: Any) -> Iterator[str]:
    shown = [parameter for parameter in command.params if parameter.name != "help"]
    arguments = [each for each in shown if each.param_type_name == "argument"]
    options = [each for each in shown if each.param_type_name == "option"]
    words = "".join(f" {_argument(each)}" for each in arguments)
    words += " COMMAND" if hasattr(command, "commands") else ""
    yield f"## mendwheel {name}"
    yield ""
    yield f"`mendwheel {name}{words}{' [OPTIONS]' if options else ''}`"
    yield ""
    yield (command.help or "").strip()
    if shown:
        yield ""
        yield "| | |"
        yield "| --- | --- |"
    for each in arguments:
        yield f"| `{_argument(each)}` | {each.help or ''} |"
    for each in options:
        names = ", ".join(f"`{text}`" for text in (*each.opts, *each.secondary_opts))
        yield f"| {names}{_value(each)} | {each.help or ''}{_default(each)} |"
    if command.epilog:
        yield ""
        yield command.epilog


def _argument(each: Any) -> str:
    name = f"{each.metavar or each.name.upper()}{'…' if each.nargs == -1 else ''}"
    return name if each.required else f"[{name}]"


def _value(each: Any) -> str:
    if each.is_flag:
        return ""
    return f" {each.metavar or each.name.upper().replace('_', '-')}"


def _default(each: Any) -> str:
    if each.required:
        return " Required."
    if each.is_flag or each.default in (None, "", ()):
        return ""
    return f" Default: `{each.default}`."


if __name__ == "__main__":
    sys.stdout.write(markdown())
