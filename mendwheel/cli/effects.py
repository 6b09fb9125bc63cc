"""`mendwheel effects`: what could not be done outside, to repeat it or to put it aside."""

import asyncio
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say, spinner

if TYPE_CHECKING:
    from mendwheel.contracts.letters import Retried
    from mendwheel.domain.ids import EffectKey
    from mendwheel.domain.letter import DeadLetter

_HELP = "See effects that were given up (messages, cards, calls); repeat or discard them."
_LIST = "Example: `mendwheel effects list --all`"
_RETRY = "Example: `mendwheel effects retry TICKET/1/publish-final/slack:C123`"
_DISCARD = "Example: `mendwheel effects discard TICKET/1/publish-final/slack:C123 --note told them`"

_Key = Annotated[str, typer.Argument(help="The effect's key, as `effects list` prints it.")]
_Keys = Annotated[
    list[str], typer.Argument(metavar="KEY", help="Keys of effects, as `effects list` prints them.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help=_HELP, rich_markup_mode="markdown")
    group.command("list", epilog=_LIST)(list_effects)
    group.command("retry", epilog=_RETRY)(retry)
    group.command("discard", epilog=_DISCARD)(discard)
    app.add_typer(group, name="effects", epilog=_LIST)


def list_effects(
    every: Annotated[
        bool, typer.Option("--all", help="Also those that were done since or discarded.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1000,
    as_json: _Json = False,
) -> None:
    """List what was given up, oldest first: key, what it was, why. Needs no Temporal."""
    from mendwheel.cli import configured
    from mendwheel.stores.bundle import Stores

    with Stores(configured.load().store_path) as stores:
        found = stores.letters.list(every=every, limit=limit)
    if as_json:
        shown = [each.model_dump(mode="json") | {"key": str(each.key)} for each in found]
        document({"effects": shown})
        return
    for each in found:
        # On a line of its own, never cut: it is copied from here.
        say(shlex.quote(line(str(each.key))), style="bold")
        say(f"      {_told(each)}")
    if not found:
        say("nothing was given up")


def retry(
    keys: _Keys,
    looked: Annotated[
        bool,
        typer.Option(
            "--looked",
            help="You have looked at the target, and it is not there. Needed where nothing else "
            "can tell; if it is there after all, it is done twice.",
        ),
    ] = False,
    as_json: _Json = False,
) -> None:
    """Do what was given up after all, through the same ledger: what is there already is found.

    Needs Temporal and a worker. Safe to repeat and to interrupt: two at once are one. Exit code 5
    where repeating is refused, 3 where it was given up again. A key that is not in the list ends it
    before anything is done.
    """
    results = asyncio.run(_retried([_key(each) for each in keys], looked=looked))
    if as_json:
        shown = [each.model_dump() | {"key": str(key)} for key, each in results]
        document({"retried": shown})
    else:
        for key, each in results:
            (say if each.done else note)(f"{line(str(key))}: {line(each.said)}")
    if any(each.refused for _, each in results):
        raise typer.Exit(Exit.REFUSED)
    if not all(each.done for _, each in results):
        raise typer.Exit(Exit.PARTIAL)


def discard(
    key: _Key,
    remark: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; it is kept.")],
) -> None:
    """Put one aside: it is seen to, or not wanted any more. Needs no Temporal."""
    from mendwheel.cli import configured
    from mendwheel.domain.letter import LetterStanding
    from mendwheel.integrations.drafts import clean
    from mendwheel.security.redaction import redact
    from mendwheel.stores.bundle import Stores

    settings, effect = configured.load(), _key(key)
    with Stores(settings.store_path) as stores:
        remark = redact(clean(remark))[:500]
        if stores.letters.end(effect, LetterStanding.DISCARDED, settings.user, remark):
            detail = {"effect": str(effect)}
            stores.audit.append(effect.ticket_id, "effect discarded", settings.user, detail)
            say(f"discarded {line(str(effect))}")
            return
        known = stores.letters.get(effect)
    if known is None:
        raise _unknown(effect)
    say(f"{line(str(effect))} was {known.standing.value} already, by {line(known.ended_by)}")


def _unknown(key: "EffectKey") -> CommandError:
    text = f"{line(str(key))} was never given up: `mendwheel effects list --all` shows what was"
    return CommandError(text, Exit.NOT_FOUND)


def _key(text: str) -> "EffectKey":
    from mendwheel.domain.ids import EffectKey

    try:
        return EffectKey.parse(text)
    except ValueError as error:
        raise CommandError(line(str(error))) from None


async def _retried(keys: "list[EffectKey]", *, looked: bool) -> "list[tuple[EffectKey, Retried]]":
    from mendwheel.cli import configured
    from mendwheel.cli.session import connect
    from mendwheel.integrations.retries import Retries
    from mendwheel.stores.bundle import Stores

    settings = configured.load()
    with Stores(settings.store_path) as stores:
        for key in keys:
            if stores.letters.get(key) is None:
                raise _unknown(key)
    retries = Retries(await connect(settings), settings)
    results = []
    for key in keys:
        with spinner(f"{key}, for up to two minutes"):
            results.append((key, await retries.retry(key, who=settings.user, looked=looked)))
    return results


def _told(letter: "DeadLetter") -> str:
    from mendwheel.domain.letter import LetterStanding

    told = f"{letter.kind.value}, given up {letter.at.astimezone():%F %H:%M}: {line(letter.reason)}"
    if letter.standing is not LetterStanding.OPEN:
        why = f" ({line(letter.note)})" if letter.note else ""
        return f"{told} [{letter.standing.value} by {line(letter.ended_by)}{why}]"
    return f"{told} [unknown: look before you retry]" if letter.unknown else told
