"""A backtest from past issues to verdicts, in a folder of its own that a rerun goes on from."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from temporalio.client import Client

from mendwheel.backtest.judge import AGREES, Judged, judge
from mendwheel.backtest.past import PastIssue
from mendwheel.backtest.replay import Past, Replay
from mendwheel.batch.folder import batch_key, folder_of
from mendwheel.batch.journal import Journal
from mendwheel.batch.run import Batch, resolve
from mendwheel.domain.ids import digest
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

Progress = Callable[[int], None]


def folder(past: Past, knowledge: Sequence[Path], settings: Settings) -> Path:
    """Named by all that decides a result: issues, documents and their times, settings, code."""
    tickets = [issue.known() for issue in past.issues.values()]
    parts = {
        "issues": [issue.model_dump(mode="json") for issue in past.issues.values()],
        "batch": batch_key(tickets, knowledge, settings),
        "dates": [at.isoformat() for at, _ in past.documents.documents],
        "cases": [(case.ticket_id, case.resolution) for case in past.cases],
        "every_document": past.every_document,
    }
    return folder_of(settings, f"backtest-{digest(parts)[:12]}")


async def backtest(
    past: Past, where: Path, settings: Settings, progress: Progress, *, agrees: float = AGREES
) -> list[Judged]:
    """Every issue worked on, in the order of `past.issues`, and judged.

    Each result is in the journal as soon as it is finished.

    Raises:
        EmbeddedUnavailable: Temporal does not start, or another process works in this folder.
        StoreUnavailable, RPCError: the store or the server went away; run it again to go on.
    """
    own = settings.model_copy(
        update={"home": where, "store": where / "mendwheel.db", "task_queue": "mendwheel-backtest"}
    )
    tickets = [issue.known() for issue in past.issues.values()]
    batch = Batch(where, own, list(tickets), parallel=1, resolving=partial(_replay, past))
    with Journal(where / "finished.jsonl") as journal:
        await resolve(batch, journal, progress)
        rows = dict(journal.rows)
    return [judge(issue, rows[key], agrees=agrees) for key, issue in past.issues.items()]


def _replay(past: Past, client: Client, stores: Stores, settings: Settings) -> Replay:
    return Replay(client, stores, settings, past)


def waiting(where: Path, issues: Sequence[PastIssue]) -> int:
    """How many issues have no result yet."""
    with Journal(where / "finished.jsonl") as journal:
        return sum(issue.id not in journal.rows for issue in issues)
