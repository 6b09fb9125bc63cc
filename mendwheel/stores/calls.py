"""The call log: what was asked of models, by whom, for how much. Figures and names, no texts."""

from datetime import datetime

import sqlite_utils

from mendwheel.domain.model_call import ModelCall
from mendwheel.stores.store import Store

_COLUMNS = tuple(ModelCall.model_fields)
"""In the order of the table, which is tested."""

_LIST = (
    "SELECT at, tenant, ticket_id, agent, route, model, prompt_version, prompt_tokens,"
    " completion_tokens, cost, seconds, cached, failure FROM model_calls"
    " WHERE (:ticket IS NULL OR ticket_id = :ticket) AND (:tenant IS NULL OR tenant = :tenant)"
    " ORDER BY number DESC LIMIT :limit"
)
_ADD = (
    "INSERT INTO model_calls (at, tenant, ticket_id, agent, route, model, prompt_version,"
    " prompt_tokens, completion_tokens, cost, seconds, cached, failure) VALUES (:at, :tenant,"
    " :ticket_id, :agent, :route, :model, :prompt_version, :prompt_tokens, :completion_tokens,"
    " :cost, :seconds, :cached, :failure)"
)


class SqliteCalls:
    """`ports.Calls` in a `Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, call: ModelCall) -> None:
        """Write one down."""
        row = call.model_dump() | {"at": call.at.isoformat()}

        def insert(db: sqlite_utils.Database) -> None:
            db.execute(_ADD, row)

        self._store.write(insert)

    def list(
        self, *, ticket_id: str | None = None, tenant: str | None = None, limit: int = 50
    ) -> list[ModelCall]:
        """Newest first; of one ticket or tenant where it is named."""
        rows = self._store.rows(_LIST, {"ticket": ticket_id, "tenant": tenant, "limit": limit})
        return [_read(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def _read(row: dict[str, object]) -> ModelCall:
    at = datetime.fromisoformat(str(row["at"]))
    return ModelCall.model_validate(row | {"at": at, "cached": bool(row["cached"])})
