"""`mendwheel redecide`: what today's playbook and policy would make of a past ticket."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say, spinner, table

if TYPE_CHECKING:
    from mendwheel.backtest.then import Decided
    from mendwheel.tools.registry import RemedySpec

_EXAMPLE = "Example: `mendwheel redecide mendwheel-default-cli-3f9a1c2b7d10`"
_MADE_WITH = ("policy", "engine", "playbook", "prompts")
_SHOWN = 160
"""Characters of an answer or a reason in the table."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(redecide)


def redecide(
    ticket: Annotated[str, typer.Argument(help="Ticket id, as `submit` and `list` print it.")],
    remedies: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:NAME",
            help="Where your remedies are registered, as in lanternpost.host.remedies:REMEDIES; "
            "without it a ticket that had one is only told what to do.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Decide a past ticket again, dry, and show the difference.

    On the evidence of then, with the prompts, models, thresholds, policy and code of today.
    Nothing is recorded, told or done; models that are set up are asked, and cost what they cost.
    Needs `pip install 'mendwheel[embedded]'`.
    """
    from mendwheel.backtest.again import again
    from mendwheel.backtest.then import NothingLeft, then
    from mendwheel.cli import configured
    from mendwheel.embedded import EmbeddedUnavailable
    from mendwheel.stores.bundle import Stores

    settings, registered = configured.load(), _registered(remedies)
    with Stores(settings.store_path) as stores:
        try:
            past = then(stores, ticket)
            with spinner(f"Deciding {ticket} again"):
                now = asyncio.run(again(past, stores, settings, registered))
        except NothingLeft as error:
            raise CommandError(str(error), Exit.NOT_FOUND) from error
        except EmbeddedUnavailable as error:
            raise CommandError(str(error), Exit.UNREACHABLE) from error
    changed = _changed(past.decided, now)
    if as_json:
        return document(
            {
                "ticket_id": ticket,
                "then": past.decided.model_dump(mode="json"),
                "today": now.model_dump(mode="json"),
                "changed": changed,
                "missing": past.missing,
            }
        )
    for each in past.missing:
        note(each)
    _show(past.decided, now, changed)
    return None


def _registered(where: str | None) -> "list[RemedySpec]":
    from importlib import import_module

    from mendwheel.tools.registry import RemedySpec

    if where is None:
        return []
    module, _, name = where.partition(":")
    try:
        found = list(getattr(import_module(module), name))
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise CommandError(f"--remedies {where}: {error}: write MODULE:NAME of a list") from error
    if not all(isinstance(each, RemedySpec) for each in found):
        raise CommandError(f"--remedies {where} is no list of RemedySpec")
    return found


def _changed(then: "Decided", now: "Decided") -> list[str]:
    """Names of what differs. A dry run ends where a remedy would be asked about or run."""
    before, after = then.model_dump(), now.model_dump()
    if after["arguments_sha256"] == before["arguments_sha256"]:
        before["arguments"] = after["arguments"]
        if then.remedy and now.outcome == "proposed":
            before["outcome"], before["reason"] = after["outcome"], after["reason"]
    return [name for name in before if before[name] != after[name]]


def _show(then: "Decided", now: "Decided", changed: list[str]) -> None:
    rows = []
    for name in type(then).model_fields:
        before, after = getattr(then, name), getattr(now, name)
        if before or after:
            mark = "≠" if name in changed else ""
            rows.append((mark, name.replace("_", " "), _cell(before), _cell(after)))
    table(("", "", "then", "today"), rows, shrink="then")
    if then.remedy and then.outcome != now.outcome == "proposed":
        note("a dry run ends where a remedy would be asked about or run: `proposed` says which")
    differs = [name for name in changed if name not in _MADE_WITH]
    by = f", with another {', '.join(changed)}" if changed and not differs else ""
    say(f"today differs: {', '.join(differs)}" if differs else f"the same would be decided{by}")


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False, default=str)
    else:
        text = f"{value:.2f}" if isinstance(value, float) else line(str(value))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
