"""Tables for documents and past cases. A step that has shipped is never edited: add another."""

import sqlite_utils
from sqlite_utils import Migrations

MIGRATIONS = Migrations("mendwheel.stores.knowledge")

_TOKENS = "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\""
"""The index is given terms already; it only has to keep them whole."""


@MIGRATIONS()
def create_documents(db: sqlite_utils.Database) -> None:
    """Narrow columns first: filters must not read the text."""
    db.execute(
        """
        CREATE TABLE documents (
            key INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL,
            digest TEXT NOT NULL, kind TEXT NOT NULL, product TEXT, labels TEXT NOT NULL,
            title TEXT NOT NULL, component TEXT, remedy TEXT, url TEXT,
            UNIQUE (tenant, id)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE passages (
            key INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents (key),
            position INTEGER NOT NULL, heading TEXT NOT NULL, body_terms TEXT NOT NULL,
            heading_terms TEXT NOT NULL, title_terms TEXT NOT NULL, path_terms TEXT NOT NULL,
            text TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX passages_of_document ON passages (document, position)")
    db.execute(
        f"""
        CREATE VIRTUAL TABLE passage_index USING fts5(
            body_terms, heading_terms, title_terms, path_terms,
            content='passages', content_rowid='key', {_TOKENS}
        )
        """
    )
    db.execute("CREATE VIRTUAL TABLE passage_terms USING fts5vocab(passage_index, 'row')")


@MIGRATIONS()
def create_cases(db: sqlite_utils.Database) -> None:
    db.execute(
        """
        CREATE TABLE cases (
            key INTEGER PRIMARY KEY, ticket_id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL,
            open INTEGER NOT NULL, opened_at TEXT NOT NULL, component TEXT,
            terms TEXT NOT NULL, errors TEXT NOT NULL, names TEXT NOT NULL, document TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX cases_of_tenant ON cases (tenant, opened_at)")
    db.execute(
        f"CREATE VIRTUAL TABLE case_index USING fts5("
        f"terms, content='cases', content_rowid='key', {_TOKENS})"
    )
    db.execute("CREATE VIRTUAL TABLE case_terms USING fts5vocab(case_index, 'row')")


@MIGRATIONS()
def create_vectors(db: sqlite_utils.Database) -> None:
    """Keys are never used again, so that a process sees what another one added and removed."""
    db.execute(
        """
        CREATE TABLE passage_vectors (
            key INTEGER PRIMARY KEY AUTOINCREMENT, passage INTEGER NOT NULL, tenant TEXT NOT NULL,
            embedder TEXT NOT NULL, windows INTEGER NOT NULL, vectors BLOB NOT NULL,
            UNIQUE (passage, embedder)
        )
        """
    )
    db.execute("CREATE INDEX vectors_of_tenant ON passage_vectors (tenant, embedder, key)")
    db.execute(
        """
        CREATE TABLE vector_changes (
            tenant TEXT NOT NULL, embedder TEXT NOT NULL,
            added INTEGER NOT NULL, removed INTEGER NOT NULL,
            PRIMARY KEY (tenant, embedder)
        ) WITHOUT ROWID
        """
    )


@MIGRATIONS()
def add_sources(db: sqlite_utils.Database) -> None:
    """Where a document came from; unknown of those taken in before, which therefore stay."""
    db.execute("ALTER TABLE documents ADD COLUMN origin TEXT")
    db.execute("ALTER TABLE documents ADD COLUMN place TEXT")
    db.execute("CREATE INDEX documents_of_origin ON documents (tenant, origin)")
    db.execute(
        """
        CREATE TABLE knowledge_files (
            tenant TEXT NOT NULL, origin TEXT NOT NULL, place TEXT NOT NULL,
            sum TEXT NOT NULL, documents INTEGER NOT NULL,
            PRIMARY KEY (tenant, origin, place)
        ) WITHOUT ROWID
        """
    )


@MIGRATIONS()
def add_case_vectors(db: sqlite_utils.Database) -> None:
    """`said` is the sum of what of a case is embedded; NULL in cases saved before.

    Keys are never used again, so that what was read once stays right.
    """
    db.execute("ALTER TABLE cases ADD COLUMN said TEXT")
    db.execute(
        """
        CREATE TABLE case_vectors (
            key INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id TEXT NOT NULL, tenant TEXT NOT NULL,
            embedder TEXT NOT NULL, sum TEXT NOT NULL, vector BLOB NOT NULL,
            UNIQUE (ticket_id, embedder)
        )
        """
    )
    db.execute("CREATE INDEX case_vectors_of_tenant ON case_vectors (tenant, embedder, key)")
