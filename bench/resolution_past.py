"""Does the nearest past incident have the same cause? Each labelled incident looks for its like
among all others, as if these had been resolved; only their labels tell whether it is right.
"""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.resolution_data import Labelled, ticket_of
from mendwheel.agents.agent import Brief
from mendwheel.domain.knowledge import Case
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.past import Past, nearest_past
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import as_evidence_of_cases

SAME = ("resolution", "root_cause_service", "root_cause_type", "runbook_ids")


def past_incidents(rows: Sequence[Labelled], settings: Settings) -> dict[str, Any]:
    """How many get a past incident named, and as the same one; and how often that is right."""
    if not rows:
        return {}
    known = {str(row["id"]): row for row in rows}
    with (
        tempfile.TemporaryDirectory() as folder,
        Stores(Path(folder) / "past.db", chosen_embedder(settings)) as stores,
    ):
        for row in rows:
            stores.cases.save(_case(row))
        stores.cases.embed("default")
        found = [(row, _nearest(row, stores, settings)) for row in rows]
    named = [(row, past) for row, past in found if past is not None]
    same = [(row, past) for row, past in named if past.same]
    return {
        "n": len(rows),
        "named": len(named),
        "named_rightly": sum(_alike(row, known[past.case.source]) for row, past in named),
        "taken_for_the_same": len(same),
        "taken_rightly": sum(_alike(row, known[past.case.source]) for row, past in same),
    }


def _nearest(row: Labelled, stores: Stores, settings: Settings) -> Past | None:
    seen = ticket_of(row)
    evidence = as_evidence_of_cases(stores.cases.similar(_case(row), limit=16))
    brief = Brief(report=Report(title=seen.title, body=seen.body), evidence=evidence)
    return nearest_past(brief, settings.thresholds.duplicate)


def _case(row: Labelled) -> Case:
    seen = ticket_of(row)
    return Case(
        ticket_id=seen.id,
        title=seen.title[:120],
        text=f"{seen.title}\n{seen.body}"[:4000],
        open=False,
        resolution="Somebody resolved it.",
        opened_at=datetime(2020, 1, 1, tzinfo=UTC),
    )


def _alike(row: Labelled, other: Labelled) -> bool:
    one, two = row["expected"], other["expected"]
    return all(one.get(name) == two.get(name) for name in SAME)
