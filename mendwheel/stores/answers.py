"""Models' answers, to be used again where exactly the same is asked: by tenant, for a while."""

from collections.abc import Callable
from datetime import datetime

import sqlite_utils

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.ports import Artifacts
from mendwheel.stores.clock import utc_now
from mendwheel.stores.store import Store

_GET = "SELECT sha256, size FROM model_answers WHERE tenant = ? AND key = ? AND until > ?"
_PUT = (
    "INSERT INTO model_answers (tenant, key, sha256, size, until, ticket_id)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, key) DO UPDATE SET sha256 = excluded.sha256,"
    " size = excluded.size, until = excluded.until, ticket_id = excluded.ticket_id"
)
_FORGET = "DELETE FROM model_answers WHERE until <= ?"


class SqliteAnswers:
    """`ports.Answers` in a `Store`; the texts are artifacts of the tenant."""

    def __init__(
        self, store: Store, artifacts: Artifacts, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._now = now

    def get(self, tenant: str, key: str) -> str | None:
        """None where nothing is kept, it has run out, or its text was forgotten."""
        rows = self._store.rows(_GET, (tenant, key, self._now().timestamp()))
        if not rows:
            return None
        sha256, size = rows[0]
        try:
            return self._artifacts.get(ArtifactRef(tenant=tenant, sha256=sha256, size=size))
        except LookupError:
            return None

    def put(self, tenant: str, key: str, text: str, *, seconds: float, ticket: str = "") -> None:
        """Keep `text` for so many seconds; it takes the place of an earlier one."""
        ref = self._artifacts.put(tenant, text, ticket)
        now = self._now().timestamp()

        def write(db: sqlite_utils.Database) -> None:
            db.execute(_FORGET, (now,))
            db.execute(_PUT, (tenant, key, ref.sha256, ref.size, now + seconds, ticket))

        self._store.write(write)
