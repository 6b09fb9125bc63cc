"""`mendwheel forget`: tickets that nobody is to read any more, by id, by reporter or by age."""

import asyncio
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say, spinner

if TYPE_CHECKING:
    from mendwheel.integrations.forgetting import Job, Report
    from mendwheel.settings import Settings
    from mendwheel.stores.bundle import Stores

_EXAMPLE = """\
Example: `mendwheel forget mendwheel-default-cli-3f9a1c2b7d10`

Example, not waiting for the worker to do it: `mendwheel forget --due --yes`"""
_AGE = re.compile(r"(\d+(?:\.\d+)?)([dw])")
_DAYS = {"d": 1, "w": 7}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(forget)


def forget(
    ticket: Annotated[str | None, typer.Argument(help="Ticket id, as `list` prints it.")] = None,
    reporter: Annotated[
        str | None,
        typer.Option(metavar="SUBJECT", help="Every ticket that SUBJECT reported, as in slack:U1."),
    ] = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="AGE", help="Tickets that ended so long ago: 365d, 8w.")
    ] = None,
    due: Annotated[
        bool,
        typer.Option("--due", help="Tickets past their `retention_days`, and what is left over."),
    ] = False,
    running: Annotated[
        bool, typer.Option("--running", help="Terminate what is running; else it is left alone.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Forget tickets for good: destroy their keys, delete their texts and Temporal histories.

    What stays holds no text: counts, digests and the audit chain. What cannot be reached (messages
    in Slack, comments in Jira, remedies of your own) is named. Safe to run again; without a ticket
    or an option it goes on with what an earlier run could not reach.
    """
    from mendwheel.cli import configured

    if sum((ticket is not None, reporter is not None, older_than is not None, due)) > 1:
        raise CommandError("give one of TICKET, --reporter, --older-than and --due")
    settings = configured.load()

    def chosen(stores: "Stores") -> list[str]:
        forgetting = stores.forgetting
        if ticket is not None:
            return [ticket]
        if reporter is not None:
            return forgetting.reported_by(reporter)
        if older_than is not None:
            return forgetting.closed_before(datetime.now(UTC) - _age(older_than), settings.tenant)
        return _due(stores, settings) if due else forgetting.waiting()

    asyncio.run(_run(settings, _Wish(chosen, running, dry_run, yes, as_json)))


@dataclass(frozen=True)
class _Wish:
    """What was asked for."""

    chosen: "Callable[[Stores], list[str]]"
    running: bool
    dry_run: bool
    yes: bool
    as_json: bool


def _age(text: str) -> timedelta:
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise CommandError(f"{text!r} is no age: write days or weeks, as in 365d or 8w")
    return timedelta(days=float(found[1]) * _DAYS[found[2]])


def _due(stores: "Stores", settings: "Settings") -> list[str]:
    from mendwheel.integrations.forgetting import due

    if not settings.retains:
        raise CommandError("nothing is ever due: set `retention_days` or `retention_days_of`")
    return due(stores, settings)


async def _run(settings: "Settings", wish: _Wish) -> None:
    from mendwheel.cli.forgetting import finish, opened, wait
    from mendwheel.cli.resolve import Counter
    from mendwheel.integrations.forgetting import forget, plan

    async with opened(settings, terminate=wish.running) as job:
        tickets = await asyncio.to_thread(wish.chosen, job.stores)
        if wish.dry_run or not tickets:
            return _told([await plan(job, each) for each in tickets], wish)
        if not wish.yes:
            _ask([await plan(job, each) for each in tickets[:1]], len(tickets))
        await _seal_old(job)
        counter = Counter(f"of {len(tickets)} tickets gone through")
        try:
            for number, each in enumerate(tickets, 1):
                await forget(job, each)
                counter(number)
        finally:
            if len(tickets) > 1:
                counter.end()
            whole = await finish(job)
        with spinner("Temporal deletes the histories, which takes up to a minute"):
            await wait(job)
    if not whole:
        note("a reader held the store's write-ahead log: it is cut off when that has ended")
    return _told(job.reports, wish)


async def _seal_old(job: "Job") -> None:
    """A store of before has texts that belong to nobody yet."""
    from mendwheel.cli.resolve import Counter
    from mendwheel.stores.resealing import reseal

    counter = Counter("tickets whose older texts were sealed")
    left = await asyncio.to_thread(reseal, job.stores.store, job.stores.artifacts, counter)
    counter.end()
    if left:
        note(
            f"{left} texts from before tickets had keys may still be needed by open tickets: "
            "forget again when these have ended"
        )


def _ask(first: "list[Report]", many: int) -> None:
    for report in first:
        for each in _lines(report):
            note(each)
    if not sys.stdin.isatty():
        raise CommandError("nobody is there to be asked: give --yes")
    typer.confirm(f"Forget {many} ticket{'s' if many > 1 else ''} for good?", abort=True, err=True)


def _told(reports: "list[Report]", wish: _Wish) -> None:
    left = [report for report in reports if report.left]
    if wish.as_json:
        document(
            {
                "dry_run": wish.dry_run,
                "tickets": [report.model_dump(mode="json") for report in reports],
            }
        )
    else:
        for report in reports:
            for each in _lines(report):
                say(each)
        verb = "would be forgotten" if wish.dry_run else "forgotten"
        say(f"{len(reports) - len(left)} of {len(reports)} tickets {verb}")
    for report in left:
        note(f"left: {report.ticket_id}: {line(report.left)}")
    if left and not wish.dry_run:
        raise typer.Exit(Exit.PARTIAL)


def _lines(report: "Report") -> list[str]:
    held = ", ".join(f"{count} {name}" for name, count in report.forgotten.items())
    lines = [f"{report.ticket_id}: {held or 'nothing in the store'}, {report.runs} runs"]
    lines += [f"   out of reach: {line(each)}" for each in report.elsewhere]
    lines += [f"   quoted in the evidence of {other}" for other in report.quoted_in]
    return lines
