"""The ceiling: the same pipeline where nothing but the right documents can be found.

Each set of right documents is the whole knowledge of a tenant, and a row's ticket is one of that
tenant's. No other word of a label reaches the software.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from temporalio.client import Client

from bench.resolution_data import Labelled
from bench.resolution_run import Place, place, run
from bench.world import say
from mendwheel.batch.resolver import Resolver
from mendwheel.batch.rows import Row
from mendwheel.batch.tickets import BatchTicket
from mendwheel.domain.ids import digest
from mendwheel.domain.knowledge import Document
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.knowledge.sources import Problem, read_documents
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


def gold(row: Labelled) -> list[str]:
    """Ids of the documents a row is answered from; none for what no document answers."""
    expected = row["expected"]
    return sorted(expected.get("doc_ids") or expected.get("runbook_ids") or [])


def with_gold(rows: Iterable[Labelled]) -> list[Labelled]:
    return [row for row in rows if gold(row)]


def ceiling(
    kind: str, every: Sequence[Labelled], rows: Sequence[Labelled], path: Path, settings: Settings
) -> dict[str, Row]:
    """Results of those `rows` that name right documents, each knowing only these."""
    asked = with_gold(rows)
    if not asked:
        return {}
    tenants = {str(row["id"]): _tenant(row) for row in with_gold(every)}
    where = place(f"{kind}-ceiling", every, [path], settings)
    _fill(where, with_gold(every), path)

    def resolving(client: Client, stores: Stores, own: Settings) -> "_OfTenants":
        return _OfTenants(client, stores, own, tenants)

    return run(replace(where, resolving=resolving), asked)


class _OfTenants:
    """Submits each ticket for the tenant that knows its documents."""

    def __init__(
        self, client: Client, stores: Stores, settings: Settings, tenants: Mapping[str, str]
    ) -> None:
        self._client, self._stores = client, stores
        self._settings = settings
        self._tenants = tenants

    async def resolve(self, ticket: BatchTicket) -> Row:
        own = self._settings.model_copy(update={"tenant": self._tenants[ticket.id]})
        return await Resolver(self._client, self._stores, own).resolve(ticket)


def _tenant(row: Labelled) -> str:
    return f"gold-{digest(gold(row))[:12]}"


def _fill(where: Place, rows: Sequence[Labelled], path: Path) -> None:
    marker = where.folder / "gold.done"
    if marker.exists():
        return
    wanted = {document for row in rows for document in gold(row)}
    found = {
        each.id: each
        for each in read_documents(path)
        if not isinstance(each, Problem) and each.id in wanted
    }
    if missing := wanted - found.keys():
        say(f"{len(missing)} right documents are not in {path}: their tickets know less")
    sets = {_tenant(row): gold(row) for row in rows}
    with Stores(where.settings.store_path, chosen_embedder(where.settings)) as stores:
        for tenant, ids in sets.items():
            documents: list[Document] = [found[each] for each in ids if each in found]
            stores.knowledge.add(tenant, documents)
            stores.knowledge.embed(tenant)
    marker.touch()
