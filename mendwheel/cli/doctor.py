"""`mendwheel doctor`: is everything in place, and if not, what to do."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import Exit
from mendwheel.cli.terminal import document, line, say

if TYPE_CHECKING:
    from mendwheel.cli.checks import Check
    from mendwheel.settings import Settings

_EXAMPLE = "Example: `mendwheel doctor --json`"
_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}

Rows = list[tuple[str, str, str]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check settings, store, policy, model, Slack, Jira, alerts, senses, Temporal and worker.

    Exit code 1 if a check fails. Changes nothing: of a model endpoint the list of models is asked
    for, of Slack and Jira who we are, what we may do and what the settings name.
    """
    from mendwheel.cli import checks, configured
    from mendwheel.settings import SettingsError

    rows: Rows = []
    try:
        settings = configured.load()
    except SettingsError as error:
        found = [checks.fail("settings", str(error), "correct the named keys")]
    else:
        rows = _settings(settings)
        found = asyncio.run(_checks(settings))
    failed = any(check.state == "fail" for check in found)
    if as_json:
        document(
            {
                "ok": not failed,
                "checks": [check.model_dump() for check in found],
                "settings": [
                    dict(zip(("name", "value", "from"), row, strict=True)) for row in rows
                ],
            }
        )
    else:
        _print(rows, found)
    if failed:
        raise typer.Exit(Exit.CHECK)


def _settings(settings: "Settings") -> Rows:
    """(name, value with secrets masked, where it came from)."""
    from mendwheel.cli.configured import origins

    came = origins(settings)
    return [(name, value, came[name.partition(".")[0]]) for name, value, _ in settings.describe()]


async def _checks(settings: "Settings") -> "list[Check]":
    from mendwheel.cli import checks, local_checks, model_check, secret_checks

    whole = local_checks.links()
    found = [whole, local_checks.key(settings), local_checks.payload_keys(settings)]
    found += [secret_checks.secret_files(settings), local_checks.policy(settings)]
    found += await asyncio.to_thread(lambda: list(local_checks.store(settings)))
    found += await asyncio.to_thread(model_check.models, settings)
    if whole.state == "fail":  # the code that asks Temporal lies in those rooms
        found.append(checks.warn("temporal", "not looked at", "mend the links first"))
        return found
    from mendwheel.cli import at_hand, sense_checks
    from mendwheel.cli.edge_checks import edges
    from mendwheel.cli.temporal_checks import temporal

    found += await edges(settings)
    looked, unused = await asyncio.gather(
        asyncio.to_thread(sense_checks.senses, settings),
        asyncio.to_thread(at_hand.at_hand, settings),
    )
    found += [*looked, *unused]
    return found + [check async for check in temporal(settings)]


def _print(rows: Rows, found: "list[Check]") -> None:
    for name, value, came in rows:
        if came != "default":
            say(f"{'set':<5} {name} = {line(value)}  ({came})")
    for check in found:
        say(f"{check.state:<5} {check.name}: {line(check.detail)}", style=_STYLES[check.state])
        if check.way_out:
            say(f"      → {line(check.way_out)}")
