"""`mendwheel learn --jql`: resolved issues of Jira as cases that tickets are compared with."""

from typing import TYPE_CHECKING

import typer

from mendwheel.cli.exits import CommandError, Exit
from mendwheel.cli.terminal import document, line, note, say

if TYPE_CHECKING:
    from mendwheel.integrations.jira.backfill import Backfill
    from mendwheel.integrations.jira.client import JiraClient
    from mendwheel.settings import Settings

_NOTED = 1024
"""Issues between two lines about the embedder."""
_NOT_SET_UP = (
    "Jira is not set up: set MENDWHEEL_JIRA_BASE_URL and MENDWHEEL_JIRA_TOKEN, "
    "and for Cloud MENDWHEEL_JIRA_USER"
)


def learn_issues(jql: str, *, limit: int | None, dry_run: bool, as_json: bool) -> None:
    """Learn what `jql` finds, tell about it, and keep what is there whatever ends it.

    Raises CommandError, typer.Exit.
    """
    from mendwheel.cli import configured
    from mendwheel.integrations.embedding.chosen import chosen_embedder
    from mendwheel.integrations.jira.backfill import Backfill
    from mendwheel.stores.bundle import Stores

    settings = configured.load()
    if not settings.jira:
        raise CommandError(_NOT_SET_UP)
    client = _client(settings)
    try:
        with Stores(settings.store_path, chosen_embedder(settings)) as stores:
            backfill = Backfill(client, stores, settings, tell=lambda text: note(line(text)))
            _run(backfill, jql, limit, dry_run)
            if not dry_run:
                # What is stopped here is made by the next one, or by `learn` of any documents.
                stores.cases.embed(settings.tenant, _told)
    finally:
        client.close()
    _tell(backfill, dry_run=dry_run, as_json=as_json)


def _told(embedded: int) -> None:
    if embedded % _NOTED == 0:
        note(f"{embedded} issues embedded; Ctrl-C keeps them")


def _client(settings: "Settings") -> "JiraClient":
    from mendwheel.integrations.jira.client import JiraClient

    return JiraClient(settings)


def _run(backfill: "Backfill", jql: str, limit: int | None, dry_run: bool) -> None:
    from mendwheel.ports.world import PlaceError

    try:
        backfill.run(jql, limit=limit, dry_run=dry_run)
    except PlaceError as error:
        learned = backfill.progress.learned
        if not learned:
            raise CommandError(str(error)) from error
        message = f"{error}; {learned} issues are kept, the same command goes on from there"
        raise CommandError(message, Exit.PARTIAL) from error
    except KeyboardInterrupt:
        learned = backfill.progress.learned
        note(f"stopped: {learned} issues are kept, the same command goes on from there")
        raise typer.Exit(Exit.INTERRUPTED) from None


def _tell(backfill: "Backfill", *, dry_run: bool, as_json: bool) -> None:
    done = backfill.progress
    if as_json:
        document(done.model_dump() | {"dry_run": dry_run})
        return
    left_out = f"{done.unresolved} not resolved, {done.ours} tickets of ours"
    verb = "can be learned" if dry_run else "learned"
    say(f"{done.learned} issues {verb}, left out: {left_out}")
    if not done.complete:
        note("there are more: the same command goes on from there" if not dry_run
             else "there are more")  # fmt: skip
