"""`mendwheel why`: what the suite claimed about a ticket, and what each claim rests on."""

from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.terminal import document, line, say

if TYPE_CHECKING:
    from mendwheel.cli.reasons import Cited, Reasons

_EXAMPLE = "Example: `mendwheel why mendwheel-default-cli-3f9a1c2b7d10`"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(why)


def why(
    ticket: Annotated[str, typer.Argument(help="Ticket id, as `submit` and `list` print it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the claims behind an outcome with their evidence, and which engine made them."""
    from mendwheel.cli import configured
    from mendwheel.cli.reasons import reasons

    found = reasons(configured.load(), ticket)
    if as_json:
        document(found)
    else:
        show(found)


def show(found: "Reasons") -> None:
    outcome = found.outcome
    say(f"{found.ticket_id}: {outcome.kind.value}, {outcome.standing.value}")
    say(f"reason: {line(outcome.reason)}")
    if not found.engine:
        say("engine: none was asked")
    elif found.language_model:
        say(f"engine: {line(found.engine)}, confidence {found.confidence:.2f}")
    else:
        say(f"engine: {found.engine} (resolved without a language model), "
            f"confidence {found.confidence:.2f}")  # fmt: skip
    for missing in found.missing:
        say(f"missing: {line(missing)}")
    for number, claim in enumerate(found.claims, 1):
        say(f"\n{number}. {claim.text.strip()}")
        if not claim.evidence:
            say("   [no evidence is cited]")
        for cited in claim.evidence:
            _cite(cited)
    for doubt in found.doubts:
        say(f"\nspeaks against it: {line(doubt.text)}")
        for cited in doubt.evidence:
            _cite(cited, briefly=True)
    for rejected in found.rejected:
        by = ", ".join(rejected.proposed_by)
        say(
            f"\nrejected: {line(rejected.cause)} (proposed by {by}, {rejected.clearness:.2f} clear)"
        )
        for against in rejected.against:
            say(f"   against: {line(against.text)}")
            for cited in against.evidence:
                _cite(cited, briefly=True)
    for objection in found.objections:
        say(f"\nobjection of the reviewer: {line(objection)}")


def _cite(cited: "Cited", *, briefly: bool = False) -> None:
    if not cited.known:
        say(f"   [{line(cited.id)}] is not in the dossier")
        return
    where = f"{line(cited.source)}" + (f" <{line(cited.url)}>" if cited.url else "")
    where += f", {cited.window.told()}" if cited.window else ""
    say(f"   [{line(cited.id)}] {line(cited.title)} — {where}")
    if cited.excerpt and not briefly:
        say(f"       “{line(cited.excerpt)}”")
