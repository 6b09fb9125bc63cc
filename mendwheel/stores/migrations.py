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
