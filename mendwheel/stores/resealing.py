"""Seals the texts of before tickets had keys: each under every ticket that refers to it.

Done before the first ticket of such a store is forgotten, or its texts would stay. May be stopped
at any time: nothing plain is deleted before all that is referred to has been sealed.
"""

from collections.abc import Callable, Iterable, Iterator

import sqlite_utils
from pydantic import ValidationError

from mendwheel.domain.evidence import ArtifactRef, Dossier
from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import Outcome, OutcomeFact
from mendwheel.domain.ticket import Report
from mendwheel.stores.artifacts import SqliteArtifacts
from mendwheel.stores.store import Store

Progress = Callable[[int], None]
"""Told the tickets that were gone through so far."""

_LEFT = "SELECT count(*) FROM artifacts"
_TICKETS = "SELECT ticket_id FROM cases UNION SELECT ticket_id FROM outcomes ORDER BY ticket_id"
_CASE = "SELECT document FROM cases WHERE ticket_id = ?"
_OUTCOMES = "SELECT body FROM outcomes WHERE ticket_id = ? AND bare = 0"
_FACTS = "SELECT body FROM outcome_facts WHERE ticket_id = ? AND bare = 0"
_PLAIN = "SELECT 1 FROM artifacts WHERE tenant = ? AND sha256 = ?"
_OPEN = "SELECT 1 FROM cases WHERE open AND document ->> '$.head' IS NOT NULL LIMIT 1"
# Whatever is sealed by now is found there.
_DELETE_SEALED = (
    "DELETE FROM artifacts WHERE EXISTS (SELECT 1 FROM sealed_texts t"
    " WHERE t.tenant = artifacts.tenant AND t.sha256 = artifacts.sha256)"
)
_DELETE_ALL = "DELETE FROM artifacts"


def reseal(store: Store, artifacts: SqliteArtifacts, progress: Progress | None = None) -> int:
    """Returns how many plain texts are left: 0, or those that open tickets may still need.

    What no ticket refers to any more is deleted once none is open. Raises StoreUnavailable.
    """
    if not _left(store):
        return 0
    tickets = [str(ticket) for (ticket,) in store.rows(_TICKETS)]
    for done, ticket in enumerate(tickets, 1):
        _seal(store, artifacts, ticket)
        if progress is not None:
            progress(done)
    delete = _DELETE_SEALED if store.rows(_OPEN) else _DELETE_ALL

    def job(db: sqlite_utils.Database) -> None:
        db.execute(delete)

    store.write(job, durable=True)
    return _left(store)


def _left(store: Store) -> int:
    return int(store.rows(_LEFT)[0][0])


def _seal(store: Store, artifacts: SqliteArtifacts, ticket: str) -> None:
    seen: set[ArtifactRef] = set()
    waiting = list(_named(store, ticket))
    while waiting:
        ref = waiting.pop()
        if ref in seen:
            continue
        seen.add(ref)
        try:
            text = artifacts.get(ref)
        except LookupError:
            continue
        waiting += _within(text)
        if store.rows(_PLAIN, (ref.tenant, ref.sha256)):
            artifacts.put(ref.tenant, text, ticket)


def _named(store: Store, ticket: str) -> Iterator[ArtifactRef]:
    """What the ticket's rows refer to."""
    for (body,) in store.rows(_CASE, (ticket,)):
        head = Case.model_validate_json(body).head
        if head is not None:
            yield head.report
    for (body,) in store.rows(_OUTCOMES, (ticket,)):
        outcome = Outcome.model_validate_json(body)
        yield from (ref for ref in (outcome.diagnosis, outcome.dossier) if ref is not None)
    for (body,) in store.rows(_FACTS, (ticket,)):
        detail = OutcomeFact.model_validate_json(body).detail
        if detail is not None:
            yield detail


def _within(text: str) -> Iterable[ArtifactRef]:
    """What a report or a dossier refers to in turn."""
    if '"artifact"' not in text:
        return []
    for shape in (Report, Dossier):
        try:
            read = shape.model_validate_json(text)
        except ValidationError:
            continue
        items = read.attachments if isinstance(read, Report) else read.evidence
        return [item.artifact for item in items if item.artifact is not None]
    return []
