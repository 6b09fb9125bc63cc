"""`make bench NAME=consulting DATA=DIR`: what questions that nothing was fitted on would give.

The confidence's weights and its bar are fitted on some groups of questions and judged on the
others, so that each question is decided by a fit that has not seen it. Without Temporal: searched
and answered in this process. LIMIT and SOURCES are as for `resolution`.
"""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

from bench import resolution_data as data
from bench.consulting_fit import Weights, bar_of, chances, fitted
from bench.resolution_data import Labelled, Wanted, source_of
from bench.resolution_run import embedder_of, without_model
from bench.resolution_score import must_answer
from bench.retrieval import TENANT
from bench.world import say
from mendwheel.agents.agent import Brief
from mendwheel.domain.evidence import EvidenceKind
from mendwheel.domain.knowledge import Document
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.answers import consider, retrieval_query
from mendwheel.gateway.extractive.confidence import features, shift
from mendwheel.gateway.extractive.consult import consult
from mendwheel.gateway.extractive.stale import freshest
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.knowledge.conversation import read
from mendwheel.knowledge.sources import read_documents
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import PASSAGES, as_evidence

PARTS = (2, 5)
"""Into how many parts the groups are dealt; 2 is as a half that is kept aside."""
DEALS = 10
"""Times they are dealt anew."""


@dataclass(frozen=True)
class Asked:
    """One question: its features, and what an answer to it would come to."""

    row: Labelled
    features: tuple[float, ...]
    right: bool  # answered, it is resolved
    must: bool  # there is an answer
    shift: float = 0.0  # log odds that are not fitted


def main() -> dict[str, Any]:
    wanted = Wanted.from_environment()
    score = data.scorer(wanted)
    rows = data.chosen(data.rows_of(wanted, "consulting"), wanted)
    asked = _asked(rows, data.knowledge_of(wanted, "consulting"), score)
    return {
        "embedder": embedder_of(without_model()),
        "fitted_on_all": _report(asked, [_decided(asked, asked)]),
        **{f"cross_validated_{parts}": _cross_validated(asked, parts) for parts in PARTS},
    }


def _asked(rows: Sequence[Labelled], knowledge: Path, score: ModuleType) -> list[Asked]:
    embedder = chosen_embedder(without_model())
    with (
        tempfile.TemporaryDirectory(prefix="mendwheel-consulting-") as home,
        Stores(Path(home) / "store.db", embedder) as stores,
    ):
        documents = (each for each in read_documents(knowledge) if isinstance(each, Document))
        stores.knowledge.add(TENANT, documents)
        stores.knowledge.embed(TENANT)
        say(f"answering {len(rows)} questions")
        return [_one(stores, row, score) for row in rows]


def _one(stores: Stores, row: Labelled, score: ModuleType) -> Asked:
    """As the consultant would answer, however unsure."""
    report = Report(title=row["title"], body=row["body"], product=row.get("product"))
    query = retrieval_query(report)
    passages = stores.knowledge.search(TENANT, query, product=report.product, limit=PASSAGES)
    evidence = [
        as_evidence(passage, EvidenceKind.PASSAGE).model_copy(update={"id": f"K{number}"})
        for number, passage in enumerate(passages, 1)
    ]
    said = consult(Brief(report=report, evidence=evidence), 0.0)
    sources = {item.id: item.source for item in evidence}
    cited = [sources[name] for claim in said.claims for name in claim.evidence_ids]
    result = {
        "outcome": "answer",
        "answer": "\n\n".join(claim.text for claim in said.claims),
        "doc_ids": list(dict.fromkeys([*cited, *sources.values()])),
    }
    must = must_answer(row)
    right = must and bool(said.claims) and bool(score.score_consulting(row, result)["resolved"])
    fresh = freshest(evidence, read(report).question).evidence
    case = consider(Brief(report=report, evidence=fresh))
    known = case.found and any(case.questions)
    found = features(case.questions, case.found, case.picked, case.own_case) if known else ()
    return Asked(row, found, right, must, shift(case.found, case.goes_on))


def _cross_validated(asked: Sequence[Asked], parts: int) -> dict[str, Any]:
    return _report(asked, [_dealt(asked, parts, deal) for deal in range(DEALS)])


def _dealt(asked: Sequence[Asked], parts: int, deal: int) -> dict[str, bool]:
    """Which questions are answered, each decided without its own part of the groups."""
    groups = sorted({_group(each) for each in asked})
    random.Random(deal).shuffle(groups)
    part = {group: number % parts for number, group in enumerate(groups)}
    answered: dict[str, bool] = {}
    for number in range(parts):
        inside = [each for each in asked if part[_group(each)] == number]
        outside = [each for each in asked if part[_group(each)] != number]
        answered |= _decided(outside, inside)
    return answered


def _group(asked: Asked) -> str:
    """Questions of one group lean on each other: they are never parted."""
    return str(asked.row["meta"]["group"])


def _decided(known: Sequence[Asked], new: Sequence[Asked]) -> dict[str, bool]:
    """Which of `new` are answered by what was fitted on `known`. What found nothing is not."""
    fit = [each for each in known if each.features]
    right = [each.right for each in fit]
    weights = fitted([each.features for each in fit], right)
    bar = bar_of(_chances(weights, fit), right, len(known))
    asked = [each for each in new if each.features]
    found = _chances(weights, asked)
    answered = {each.row["id"]: chance >= bar for each, chance in zip(asked, found, strict=True)}
    return {each.row["id"]: answered.get(each.row["id"], False) for each in new}


def _chances(weights: Weights, asked: Sequence[Asked]) -> list[float]:
    return chances(weights, [each.features for each in asked], [each.shift for each in asked])


def _report(asked: Sequence[Asked], deals: Sequence[dict[str, bool]]) -> dict[str, Any]:
    named: dict[str, list[Asked]] = {}
    for each in asked:
        named.setdefault(source_of(each.row), []).append(each)
    named["all"] = list(asked)
    return {name: _shares(held, deals) for name, held in sorted(named.items())}


def _shares(held: Sequence[Asked], deals: Sequence[dict[str, bool]]) -> dict[str, float]:
    """Means over the deals, as shares of the tickets."""

    def share(kind: str) -> float:
        return round(
            mean(_came_to(each, deal[each.row["id"]]) == kind for deal in deals for each in held), 4
        )

    return {"n": len(held), **{kind: share(kind) for kind in ("resolved", "wrong", "handed_over")}}


def _came_to(asked: Asked, answered: bool) -> str:
    if answered:
        return "resolved" if asked.right else "wrong"
    return "handed_over" if asked.must else "resolved"
