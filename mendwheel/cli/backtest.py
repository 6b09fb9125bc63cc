"""`mendwheel backtest`: past issues through the suite, held against what people did."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.stopping import resumable, run_until_stopped
from mendwheel.cli.terminal import document, line, note, say

if TYPE_CHECKING:
    from mendwheel.backtest.judge import Judged
    from mendwheel.backtest.page import Made
    from mendwheel.backtest.past import PastIssue
    from mendwheel.backtest.replay import Past
    from mendwheel.backtest.totals import Totals
    from mendwheel.settings import Settings

_EXAMPLE = """\
Example: `mendwheel backtest --jql 'project = LP and resolved >= -180d' --knowledge docs/`

Example: `mendwheel backtest --tickets past.jsonl --knowledge docs/ --minutes 25`

A line of `--tickets` is a JSON object: `id`, `title`, `body` and `created` (a time with an offset,
as all times), and if known `product`, `component`, `evidence`, `reporter`, `resolved`,
`resolution`, `resolved_by`, `url` and `comments`, a list of `{text, author, created}`. Others are
dropped."""


def register(app: typer.Typer) -> None:
    app.command(epilog=_EXAMPLE)(backtest)


def backtest(
    jql: Annotated[str | None, typer.Option(help="Resolved issues that Jira finds.")] = None,
    tickets: Annotated[Path | None, typer.Option(help="Past issues, as JSON lines.")] = None,
    last: Annotated[int, typer.Option(min=1, help="At most so many, the newest ones.")] = 200,
    knowledge: Annotated[
        list[Path] | None,
        typer.Option(help="Folder or file of documents; give it again for more."),
    ] = None,
    all_documents: Annotated[
        bool, typer.Option("--all-documents", help="Show documents younger than an issue, too.")
    ] = False,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Minutes of work an issue takes your people.")
    ] = None,
    agrees: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of people's words that counts as agreeing: 0.4."),
    ] = None,
    out: Annotated[
        Path, typer.Option(dir_okay=False, help="The page; an HTML file is put beside it.")
    ] = Path("backtest.md"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Work on past issues as if they came in today, and compare with what people did.

    Nothing is asked, written back or done: every run is a dry run in a folder of its own. An issue
    is seen as it was when it was created, with documents and ends of other issues that are older.
    The same command again goes on where it stopped, after Ctrl-C or any crash.
    """
    from mendwheel.backtest.judge import AGREES
    from mendwheel.cli import configured

    settings, share = configured.load(), AGREES if agrees is None else agrees
    with resumable():
        issues, source, left_out = _issues(settings, jql, tickets, last)
        job = _prepare(settings, issues, knowledge or [], all_documents)
    left_out += [str(problem) for problem in job.past.documents.problems]
    for each in left_out:
        note(f"left out: {line(each)}")
    made = replace(job.made, source=source, agrees=share, left_out=left_out, rewound=bool(jql))
    with resumable():
        judged = _run(job, share)
    _write(judged, made, minutes, out, as_json)
    if left_out:
        raise typer.Exit(Exit.PARTIAL)


@dataclass(frozen=True)
class _Job:
    past: "Past"
    folder: Path
    settings: "Settings"
    made: "Made"


def _issues(
    settings: "Settings", jql: str | None, tickets: Path | None, last: int
) -> tuple[list["PastIssue"], str, list[str]]:
    """In the order in which they came in, where they are from, and what was left out."""
    from mendwheel.backtest.past import PastIssue, in_order
    from mendwheel.knowledge.lines import first_of, read_lines

    if (jql is None) == (tickets is None):
        raise CommandError("give past issues: either --jql or --tickets")
    if tickets is not None:
        found, problems = read_lines(tickets, PastIssue)
        source, left_out = str(tickets), [str(problem) for problem in problems]
        if not found:
            raise CommandError(f"{source} holds no past issue: {first_of(problems)}")
    else:
        assert jql is not None
        found, source, left_out = _of_jira(settings, jql, last), f"JQL {jql}", []
        if not found:
            raise CommandError(f"{source} finds no past issue to work on: widen it")
    return in_order(found, last), source, left_out


def _of_jira(settings: "Settings", jql: str, last: int) -> list["PastIssue"]:
    from mendwheel.backtest.jira import PastIssues
    from mendwheel.domain.ids import digest
    from mendwheel.integrations.jira.client import JiraClient
    from mendwheel.ports.world import PlaceError

    if not settings.jira:
        raise CommandError(
            "Jira is not set up: set MENDWHEEL_JIRA_BASE_URL and MENDWHEEL_JIRA_TOKEN, "
            "and for Cloud MENDWHEEL_JIRA_USER"
        )
    kept = settings.home / "backtest" / f"{digest([settings.jira_base_url])[:12]}.jsonl"
    client = JiraClient(settings)
    try:
        found = PastIssues(client, kept, tell=lambda text: note(line(text))).find(jql, last)
    except PlaceError as error:
        raise CommandError(f"{error}; what was read is kept, the same command goes on") from error
    finally:
        client.close()
    if found.unresolved:
        note(f"{found.unresolved} issues are not resolved: there is nothing to compare with")
    return found.issues


def _prepare(
    settings: "Settings", issues: list["PastIssue"], knowledge: list[Path], every: bool
) -> _Job:
    from mendwheel.backtest.dated import read_dated
    from mendwheel.backtest.page import Made
    from mendwheel.backtest.replay import Past, learned_cases
    from mendwheel.backtest.run import folder
    from mendwheel.stores.bundle import Stores

    dated = read_dated(knowledge)
    known = {issue.id: issue for issue in issues}
    with Stores(settings.store_path) as stores:
        cases = learned_cases(stores, settings.tenant, known)
    past = Past(known, dated, cases, every)
    young = sum(at >= issues[-1].created for at, _ in dated.documents)
    made = Made(
        source="",
        at=datetime.now(UTC),
        documents=len(dated.every()),
        hidden=young + len(dated.undated),
        cases=len(cases),
        every_document=every,
    )
    return _Job(past, folder(past, knowledge, settings), settings, made)


def _run(job: _Job, agrees: float) -> list["Judged"]:
    from mendwheel.backtest.run import backtest as run
    from mendwheel.backtest.run import waiting
    from mendwheel.cli.resolve import Counter
    from mendwheel.embedded import EmbeddedUnavailable

    left = waiting(job.folder, list(job.past.issues.values()))
    if left < len(job.past.issues):
        note(f"{len(job.past.issues) - left} issues have their result already")
    counter = Counter(f"of {left} issues worked on")
    try:
        return run_until_stopped(run(job.past, job.folder, job.settings, counter, agrees=agrees))
    except EmbeddedUnavailable as error:
        raise CommandError(str(error), Exit.UNREACHABLE) from error
    except Exception:
        note("stopped: the same command again goes on from there")
        raise
    finally:
        counter.end()


def _write(
    judged: list["Judged"], made: "Made", minutes: float | None, out: Path, as_json: bool
) -> None:
    from mendwheel.backtest.html import as_html
    from mendwheel.backtest.page import page
    from mendwheel.backtest.totals import totals

    found = totals(judged, minutes)
    text = page(judged, found, made)
    web = out.with_suffix(".html")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, "utf-8")
    web.write_text(as_html(text, "Backtest"), "utf-8")
    if as_json:
        return document(found)
    _show(found)
    say(f"the page: {out} and {web}")
    return None


def _show(found: "Totals") -> None:
    from mendwheel.backtest.page import hours

    parts = {
        "agree with what people wrote": found.resolved,
        "differ from it": found.wrong,
        "cannot be told": found.unknown,
        "handed over": found.handed_over,
    }
    for name, share in parts.items():
        say(f"{share.count} of {share.of} {name} ({share.low:.0%} to {share.high:.0%})")
    say(f"{hours(found.hours_saved)} hours saved, by {found.hours_by}")
