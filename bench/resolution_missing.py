"""Alerts whose runbook was never written: are they handed over, or answered with another one?

Each labelled alert is looked up twice: in the whole knowledge, and in a copy without its right
runbooks and those of the same title. Search, investigator and policy are the suite's; no workflow
runs. The label only chooses what is taken out, and is compared with what comes back.
"""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.resolution_brief import brief_of
from bench.resolution_ceiling import gold
from bench.resolution_data import Labelled, drawn
from bench.resolution_fit import Example, fitted, held_out_by_group
from bench.resolution_run import Place
from bench.resolution_trust import calibration
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.knowledge import Document
from mendwheel.domain.playbook import Thresholds
from mendwheel.gateway.extractive.fitting import Match
from mendwheel.gateway.extractive.investigate import investigate
from mendwheel.gateway.extractive.runbooks import matches
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.knowledge.sources import Problem, read_documents
from mendwheel.stores.bundle import Stores

BARS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7)
PAGES = 30
"""Unrelated pages that an alert is looked up in."""
UNRELATED = 0.2
"""Weight in the fit of an alert that was looked up in them: that one is easy."""


@dataclass(frozen=True)
class Found:
    """What one alert got: the best runbook, whether it is right, what was said."""

    row: Labelled
    match: Match | None
    right: bool
    stance: Stance

    @property
    def sure(self) -> float:
        return self.match.confidence if self.match else 0.0


def runbook_missing(
    rows: Sequence[Labelled], where: Place, path: Path, other: Path
) -> dict[str, Any]:
    """`where` holds the knowledge of `path`; `other` has pages about something else."""
    asked = [row for row in rows if row["expected"]["resolution"] == "runbook" and gold(row)]
    if not asked:
        return {"n": 0}
    known = [each for each in read_documents(path) if not isinstance(each, Problem)]
    pages = _pages(other)
    least = where.settings.thresholds
    with tempfile.TemporaryDirectory() as folder, _stores(where, where.settings.store_path) as all_:
        there = [_found(row, all_, least) for row in asked]
        missing = [_without(row, known, where, Path(folder)) for row in asked]
        with _stores(where, Path(folder) / "unrelated.db") as stores:
            stores.knowledge.add(where.settings.tenant, pages)
            stores.knowledge.embed(where.settings.tenant)
            unrelated = [_found(row, stores, least) for row in asked]
    both = [(each.sure, each.right) for each in (*there, *missing)]
    return {
        "n": len(asked),
        "right_runbook_is_there": _summary(there),
        "right_runbook_is_missing": _summary(missing),
        f"nothing_but_{len(pages)}_unrelated_pages": _summary(unrelated),
        "by_bar": [_at(bar, there, missing) for bar in BARS],
        "calibration_without_a_bar": calibration(both),
        "fitted_without_each_group": _refitted(there, missing, unrelated, least.runbook),
    }


def _summary(found: Sequence[Found]) -> dict[str, int]:
    said = [each for each in found if each.stance is not Stance.UNKNOWN]
    right = sum(each.right and each.stance is Stance.RUNBOOK for each in said)
    wrong = len(said) - right
    return {"right": right, "confidently_wrong": wrong, "handed_over": len(found) - len(said)}


def _at(bar: float, there: Sequence[Found], missing: Sequence[Found]) -> dict[str, float]:
    given = [each for each in there if each.sure >= bar]
    return {
        "bar": bar,
        "right": sum(each.right for each in given),
        "wrong_though_there": sum(not each.right for each in given),
        "handed_over_though_there": len(there) - len(given),
        "handed_over_when_missing": sum(each.sure < bar for each in missing),
    }


def _refitted(
    there: Sequence[Found], missing: Sequence[Found], unrelated: Sequence[Found], bar: float
) -> dict[str, Any]:
    """The same with weights fitted on the alerts of all other groups."""
    examples = _examples((*there, *missing), 1.0) + _examples(unrelated, UNRELATED)
    if len({each.group for each in examples}) < 2:
        return {"note": "too few groups of alerts to leave one out"}
    held_out = held_out_by_group(examples)

    def sure(each: Found) -> float:
        return held_out[_group(each.row), each.match.features] if each.match else 0.0

    given = [each.right for each in there if sure(each) >= bar]
    return {
        "weights_of_all": fitted(examples),
        "right": sum(given),
        "wrong_though_there": len(given) - sum(given),
        "handed_over_when_missing": sum(sure(each) < bar for each in missing),
    }


def _examples(found: Sequence[Found], weight: float) -> list[Example]:
    return [
        Example(each.match.features, each.right, weight, _group(each.row))
        for each in found
        if each.match
    ]


def _group(row: Labelled) -> str:
    return str((row.get("meta") or {}).get("group", row["id"]))


def _without(row: Labelled, known: Sequence[Document], where: Place, folder: Path) -> Found:
    """In a copy of the store, so that what is rare elsewhere stays rare."""
    titles = {each.title for each in known if each.id in gold(row)}
    gone = {each.id for each in known if each.id in gold(row) or each.title in titles}
    copy = folder / "missing.db"
    source = closing(sqlite3.connect(where.settings.store_path))
    with source as whole, closing(sqlite3.connect(copy)) as other:
        whole.backup(other)
    with _stores(where, copy) as stores:
        stores.knowledge.remove(where.settings.tenant, gone)
        found = _found(row, stores, where.settings.thresholds)
    for left in folder.glob("missing.db*"):
        left.unlink()
    return found


def _found(row: Labelled, stores: Stores, thresholds: Thresholds) -> Found:
    brief = brief_of(row, stores)
    said = investigate(brief, thresholds)
    best, found = next(iter(matches(brief)), ("", None))
    weak = said.stance is Stance.CAUSE and said.confidence < thresholds.cause
    return Found(row, found, best in gold(row), Stance.UNKNOWN if weak else said.stance)


def _pages(other: Path) -> list[Document]:
    found = [each for each in read_documents(other) if not isinstance(each, Problem)]
    chosen = drawn([{"id": each.id} for each in found], PAGES)
    ids = {each["id"] for each in chosen}
    return [each for each in found if each.id in ids]


@contextmanager
def _stores(where: Place, path: Path) -> Iterator[Stores]:
    with Stores(path, chosen_embedder(where.settings)) as stores:
        yield stores
