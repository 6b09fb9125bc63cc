"""Vectors that were made once are read again: a new store over the same documents costs nothing."""

import hashlib
import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from mendwheel.ports import Embedder, EmbedderError

_TABLE = """
    CREATE TABLE IF NOT EXISTS vectors (
        embedder TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL,
        PRIMARY KEY (embedder, text)
    ) WITHOUT ROWID
"""
_WAIT = 30.0
"""Seconds that one process waits for another one's write."""


class CachedEmbedder:
    """The port `Embedder`: another one, asked only for texts that are not in the file.

    The file holds SHA-256 of texts and vectors (2 bytes a number), no text. Any number of
    processes may use it.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder = embedder
        self._path = path

    @property
    def identity(self) -> str:
        return self._embedder.identity

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """As the other one's, to 3 digits. Raises EmbedderError, also when the file is unusable."""
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        try:
            with closing(self._connect()) as db:
                found = self._read(db, keys)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            made = self._embedder.embed(list(missing.values()))
            found.update(zip(missing, made, strict=True))
            self._keep({key: found[key] for key in missing})
        return [found[key] for key in keys]

    def _read(self, db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, list[float]]:
        sql = "SELECT vector FROM vectors WHERE embedder = ? AND text = ?"
        rows = ((key, db.execute(sql, [self.identity, key]).fetchone()) for key in set(keys))
        return {key: _unpacked(row[0]) for key, row in rows if row}

    def _keep(self, made: dict[bytes, list[float]]) -> None:
        rows = [(self.identity, key, _packed(vector)) for key, vector in made.items()]
        try:
            with closing(self._connect()) as db, db:
                db.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, timeout=_WAIT)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(_TABLE)
        return db

    def _unusable(self, error: Exception) -> EmbedderError:
        return EmbedderError(
            f"the embedding cache {self._path} cannot be used ({error}): remove the file, or give "
            "another embedding_cache"
        )


def _packed(vector: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(vector)}e", *vector)


def _unpacked(blob: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(blob) // 2}e", blob))
