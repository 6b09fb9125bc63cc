"""Puts the command groups together and turns every error into one line and an exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from mendwheel.cli.exits import MEANINGS, Exit, explained
from mendwheel.cli.terminal import note, safe

_GROUPS = (
    "init",
    "up",
    "listen",
    "submit",
    "watch",
    "list",
    "show",
    "why",
    "calls",
    "decide",
    "forget",
    "audit",
    "redecide",
    "messages",
    "effects",
    "learn",
    "label",
    "backtest",
    "mcp",
    "keys",
    "policy",
    "doctor",
    "conformance",
)
_LATER = {
    "resolve": "Example: `mendwheel resolve --tickets in.jsonl --knowledge docs/ --out out.jsonl`"
}

_EPILOG = "\n\n".join(
    [
        "Start: `mendwheel up`, then in a second terminal `mendwheel submit 'Exports fail'`.",
        "Exit codes: " + " · ".join(f"{code.value} {text}" for code, text in MEANINGS.items()),
    ]
)


def build() -> typer.Typer:
    """The program with all its commands."""
    app = typer.Typer(
        name="mendwheel",
        help="Resolve tickets with durable workflows, agents and people.",
        epilog=_EPILOG,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in _GROUPS:
        import_module(f"mendwheel.cli.{name}").register(app)
    for name, example in _LATER.items():
        if find_spec(f"mendwheel.cli.{name}"):
            import_module(f"mendwheel.cli.{name}").register(app)
            command = app.registered_commands[-1]
            command.epilog = command.epilog or example
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. Errors that people can act on are one line."""
    from typer.main import get_command

    try:
        code = get_command(build()).main(
            args=list(arguments) or ["--help"], prog_name="mendwheel", standalone_mode=False
        )
        return code if isinstance(code, int) else Exit.OK
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "mendwheel"
        # Choices come on lines of their own, and pydantic names the type of its error.
        said = " ".join(error.format_message().split()).replace("Value error, ", "")
        _complain(f"{said.rstrip('.')}: see `{path} --help`")
        return error.exit_code
    except typer.Abort:
        return Exit.INTERRUPTED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.OK
    except Exception as error:
        known = explained(error)
        if known is None:
            raise
        _complain(known[0])
        return known[1]


def _complain(message: str) -> None:
    for each in safe(message).splitlines():
        note(f"mendwheel: {each}")


def _show_version(wanted: bool) -> None:
    if wanted:
        from mendwheel import __version__

        sys.stdout.write(f"mendwheel {__version__}\n")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass
