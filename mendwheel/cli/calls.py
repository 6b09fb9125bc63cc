"""`mendwheel calls`: what was asked of models, at what cost, and how it went. No texts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mendwheel.cli.terminal import document, say, table

if TYPE_CHECKING:
    from mendwheel.domain.model_call import ModelCall

_EXAMPLE = "Example: `mendwheel calls mendwheel-default-cli-3f9a1c2b7d10`"
_HEADINGS = ("ended", "ticket", "agent", "route", "tokens", "cost", "seconds", "result")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(calls)


def calls(
    ticket: Annotated[
        str | None, typer.Argument(help="Ticket id, as `list` prints it; default: all tickets.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 50,
    all_tenants: Annotated[
        bool, typer.Option("--all-tenants", help="Of every tenant, not of the one in the settings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List requests to models, newest first, and what they come to.

    A request that was spared counts as `kept`: the same had been asked before.
    """
    from mendwheel.cli import configured
    from mendwheel.stores.bundle import Stores

    settings = configured.load()
    tenant = None if ticket or all_tenants else settings.tenant
    with Stores(settings.store_path) as stores:
        found = stores.calls.list(ticket_id=ticket, tenant=tenant, limit=limit)
    if as_json:
        document({"calls": [each.model_dump(mode="json") for each in found], "sum": _sum(found)})
    elif found:
        table(_HEADINGS, [_cells(each) for each in found], shrink="ticket")
        total = _sum(found)
        say(
            f"{total['calls']} requests, {total['kept']} kept, {total['failed']} failed: "
            f"{total['prompt_tokens']} + {total['completion_tokens']} tokens, "
            f"cost {total['cost']:.4f}"
        )
    else:
        say("no model was asked" + (f" about {ticket}" if ticket else " yet"))


def _sum(found: "list[ModelCall]") -> dict[str, Any]:
    return {
        "calls": len(found),
        "kept": sum(each.cached for each in found),
        "failed": sum(bool(each.failure) for each in found),
        "prompt_tokens": sum(each.prompt_tokens for each in found),
        "completion_tokens": sum(each.completion_tokens for each in found),
        "cost": sum(each.cost for each in found),
    }


def _cells(each: "ModelCall") -> tuple[str, ...]:
    return (
        f"{each.at.astimezone():%F %H:%M:%S}",
        each.ticket_id,
        each.agent,
        each.route,
        f"{each.prompt_tokens}+{each.completion_tokens}",
        f"{each.cost:.4f}",
        f"{each.seconds:.1f}",
        each.failure or ("kept" if each.cached else "ok"),
    )
