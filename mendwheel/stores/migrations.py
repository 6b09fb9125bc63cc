"""The store's schema, as named steps. A step that has shipped is never edited: add another.

Every step is transactional, because all of them run inside one transaction that keeps a second
process out while the first one migrates.
"""

from importlib import import_module
from importlib.util import find_spec

import sqlite_utils
from sqlite_utils import Migrations

MIGRATIONS = Migrations("mendwheel.stores")

_FURTHER = ("mendwheel.stores.knowledge_migrations",)
"""Modules that export `MIGRATIONS` of their own, applied after these."""

_EFFECT_KEY = {"ticket_id": str, "round": int, "step": str, "target": str}
_CALL_KEY = {"ticket_id": str, "round": int, "step": str, "call": int}


def migrate(db: sqlite_utils.Database) -> None:
    """Bring `db` up to date; cheap when it is, safe when another process does the same.

    Raises:
        sqlite3.Error: the file cannot be written; nothing was changed.
    """
    sets = _sets()
    if not any(each.pending(db) for each in sets):
        return
    # The lock comes first: whoever waits here finds nothing pending afterwards.
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        for each in sets:
            each.apply(db)
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def _sets() -> list[Migrations]:
    further = [import_module(name) for name in _FURTHER if find_spec(name)]
    return [MIGRATIONS, *(module.MIGRATIONS for module in further)]


@MIGRATIONS()
def add_artifacts(db: sqlite_utils.Database) -> None:
    columns = {"tenant": str, "sha256": str, "body": bytes}
    db.table("artifacts").create(columns, pk=("tenant", "sha256"), not_null={"body"})


@MIGRATIONS()
def add_effects(db: sqlite_utils.Database) -> None:
    columns = {
        **_EFFECT_KEY,
        "arguments_sha256": str,
        "done": int,
        "lease_until": float,  # seconds since 1970
        "detail": str,
        "reference": str,
    }
    db.table("effects").create(columns, pk=tuple(_EFFECT_KEY), not_null=set(columns))


@MIGRATIONS()
def add_outcomes(db: sqlite_utils.Database) -> None:
    columns = {"ticket_id": str, "round": int, "standing": str, "body": str}
    db.table("outcomes").create(columns, pk=("ticket_id", "round"), not_null=set(columns))
    columns = {"ticket_id": str, "id": str, "body": str}
    db.table("outcome_facts").create(columns, pk=("ticket_id", "id"), not_null=set(columns))


@MIGRATIONS()
def add_questions(db: sqlite_utils.Database) -> None:
    columns = {"request_id": str, "ticket_id": str, "open": int, "body": str}
    questions = db.table("questions")
    questions.create(columns, pk="request_id", not_null=set(columns))
    questions.create_index(["ticket_id"])
    columns = {
        "request_id": str,
        "decision_id": str,
        "accepted": int,
        "reason": str,
        "body": str,
    }
    key = ("request_id", "decision_id")
    db.table("decisions").create(columns, pk=key, not_null=set(columns))


@MIGRATIONS()
def add_audit(db: sqlite_utils.Database) -> None:
    # AUTOINCREMENT remembers the highest number ever used, which shows that a tail was cut off.
    db.execute(
        "CREATE TABLE audit (seq INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id TEXT NOT NULL,"
        " body TEXT NOT NULL, sha256 TEXT NOT NULL)"
    )
    db.table("audit").create_index(["ticket_id"])


@MIGRATIONS()
def add_reservations(db: sqlite_utils.Database) -> None:
    columns = {**_CALL_KEY, "tokens": int, "settled": int}
    db.table("reservations").create(columns, pk=tuple(_CALL_KEY), not_null=set(columns))


@MIGRATIONS()
def add_desk(db: sqlite_utils.Database) -> None:
    columns = {"reference": str, "ticket_id": str, "place": str, "at": str, "text": bytes}
    desk = db.table("desk")
    desk.create(columns, pk="reference", not_null=set(columns))
    desk.create_index(["ticket_id"])


@MIGRATIONS()
def add_inbox(db: sqlite_utils.Database) -> None:
    columns = {"thread": str, "ticket_id": str}
    db.table("threads").create(columns, pk="thread", not_null=set(columns))
    columns = {"system": str, "id": str}
    db.table("deliveries").create(columns, pk=("system", "id"), not_null=set(columns))
    columns = {"name": str, "value": str}
    db.table("cursors").create(columns, pk="name", not_null=set(columns))


@MIGRATIONS()
def add_model_quotas(db: sqlite_utils.Database) -> None:
    columns = {"tenant": str, **_CALL_KEY, "at": float, "tokens": int, "settled": int}
    quotas = db.table("tenant_tokens")
    quotas.create(columns, pk=tuple(_CALL_KEY), not_null=set(columns))
    quotas.create_index(["tenant", "at"])


@MIGRATIONS()
def add_model_answers(db: sqlite_utils.Database) -> None:
    columns = {"tenant": str, "key": str, "sha256": str, "size": int, "until": float}
    db.table("model_answers").create(columns, pk=("tenant", "key"), not_null=set(columns))


@MIGRATIONS()
def add_model_calls(db: sqlite_utils.Database) -> None:
    # No column for a text: what was asked and said is in the ticket's artifacts, if anywhere.
    columns = {
        "number": int,
        "at": str,
        "tenant": str,
        "ticket_id": str,
        "agent": str,
        "route": str,
        "model": str,
        "prompt_version": str,
        "prompt_tokens": int,
        "completion_tokens": int,
        "cost": float,
        "seconds": float,
        "cached": int,
        "failure": str,
    }
    calls = db.table("model_calls")
    calls.create(columns, pk="number", not_null=set(columns) - {"number"})
    calls.create_index(["ticket_id"])


@MIGRATIONS()
def add_ticket_keys(db: sqlite_utils.Database) -> None:
    # Numbers are never used again: what was sealed with a destroyed key finds no other one.
    db.execute(
        "CREATE TABLE ticket_keys (number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL,"
        " ticket_id TEXT NOT NULL, wrapped BLOB NOT NULL, UNIQUE (tenant, ticket_id))"
    )
    columns = {"key": int, "tenant": str, "sha256": str, "body": bytes}
    texts = db.table("sealed_texts")
    texts.create(columns, pk=("key", "sha256"), not_null=set(columns))
    texts.create_index(["tenant", "sha256"])


@MIGRATIONS()
def add_forgotten(db: sqlite_utils.Database) -> None:
    # What is still to be deleted outside of the store, so that it can be done later.
    columns = {"ticket_id": str, "tenant": str, "at": str, "by": str, "history": int}
    db.table("forgotten").create(columns, pk="ticket_id", not_null=set(columns))
    # Whose question a kept answer was made for; unknown of those kept before, which run out.
    db.execute("ALTER TABLE model_answers ADD COLUMN ticket_id TEXT NOT NULL DEFAULT ''")
    # 1: stripped of what people wrote and of who they were.
    db.execute("ALTER TABLE outcomes ADD COLUMN bare INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE outcome_facts ADD COLUMN bare INTEGER NOT NULL DEFAULT 0")


@MIGRATIONS()
def add_dead_letters(db: sqlite_utils.Database) -> None:
    columns = {
        **_EFFECT_KEY,
        "kind": str,
        "reason": str,
        "at": str,
        "tenant": str,
        "sha256": str,  # of the request's text; empty: nothing can be repeated
        "size": int,
        "unknown": int,
        "standing": str,
        "ended_by": str,
        "note": str,
    }
    letters = db.table("dead_letters")
    letters.create(columns, pk=tuple(_EFFECT_KEY), not_null=set(columns))
    letters.create_index(["standing"])
