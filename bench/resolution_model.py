"""What a language model adds, on few tickets: both engines on the same ones, and the difference.

`make bench NAME=resolution` has it beside the rest, `make bench NAME=resolution_model` by itself.

Small on purpose: a model on one CPU answers in half a minute, and the paired difference says more
than two rates.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import comb
from pathlib import Path
from types import ModuleType
from typing import Any

from openai import OpenAI

from bench.resolution_data import (
    KINDS,
    Labelled,
    Wanted,
    chosen,
    drawn,
    knowledge_of,
    rows_of,
    scorer,
)
from bench.resolution_run import embedder_of, filled, place, run, without_model
from bench.resolution_score import Scored, is_resolved, paired, summary
from mendwheel.batch.rows import Row
from mendwheel.settings import Settings
from mendwheel.settings_models import ModelRoute
from mendwheel.stores.bundle import Stores

TICKETS = {"consulting": 40, "anomaly": 25}
ANSWER = 600
"""Tokens of one answer; cut off at 300, those about telemetry are no JSON and asked for again."""
PROMPT = 700
"""Tokens of one prompt. Only a repair, which repeats what was rejected, may take more: counted."""
CHARACTERS = 1_100
"""Of report and evidence in one prompt: with 1,300 of instructions under 700 tokens even where
numbers make a token of two or three characters."""
RESAMPLES = 10_000


def main() -> dict[str, Any]:
    """Both engines on the drawn tickets alone."""
    wanted = Wanted.from_environment()
    score, plain = scorer(wanted), without_model()
    settings = with_model(plain, wanted.model_url)
    found: dict[str, Any] = {"name": settings.routes[0].model, "embedder": embedder_of(plain)}
    ours: list[Scored] = []
    theirs: list[Scored] = []
    for kind in KINDS:
        every, path = rows_of(wanted, kind), knowledge_of(wanted, kind)
        rows = drawn(chosen(every, wanted), TICKETS[kind])
        rules = paired(rows, run(filled(place(kind, every, [path], plain), [path]), rows))
        asked, results, calls = model_results(kind, every, rows, path, settings)
        both = paired(asked, results)
        found[kind] = {**compared(both, rules, score), **calls}
        ours, theirs = [*ours, *both], [*theirs, *rules]
    return {**found, "all": compared(ours, theirs, score)}


def with_model(settings: Settings, url: str) -> Settings:
    """`settings` with the first model that the endpoint offers, within the bounds above.

    It words what the agents find that a ticket is about; triage, review and plan stay with rules.
    Answer, its repair, and both once more after a review are four calls.

    Raises SystemExit: the endpoint does not answer.
    """
    route = ModelRoute(base_url=url, model=_first_model(url), agents=["consultant", "investigator"])
    return settings.model_copy(
        update={
            "model_routes": [route],
            "model_context_chars": CHARACTERS,
            "model_max_tokens": ANSWER,
            "model_timeout_seconds": 160.0,
            "model_deadline_seconds": 165.0,
            "limits": settings.limits.model_copy(update={"turns": 1}),
        }
    )


def _first_model(url: str) -> str:
    try:
        with OpenAI(base_url=url, api_key="none", timeout=30.0) as client:
            return next(iter(client.models.list())).id
    except Exception as error:
        raise SystemExit(f"MODEL_URL={url} offers no model ({error}): give one with /v1") from error


def model_results(
    kind: str, every: Sequence[Labelled], rows: Sequence[Labelled], path: Path, settings: Settings
) -> tuple[list[Labelled], dict[str, Row], dict[str, Any]]:
    """The drawn rows, what the model made of them, and what it was asked; resumable."""
    asked = drawn(rows, TICKETS[kind])
    where = filled(place(f"{kind}-model", every, [path], settings), [path])
    results = run(replace(where, parallel=1), asked)
    return asked, results, _calls(where.settings.store_path, len(asked))


def _calls(store: Path, tickets: int) -> dict[str, Any]:
    """What the call log says, so that the bounds above are shown and not only meant."""
    with Stores(store) as stores:
        calls = [call for call in stores.calls.list(limit=1_000_000) if not call.cached]
    each = Counter(call.ticket_id for call in calls)
    return {
        "calls": len(calls),
        "calls_a_ticket": round(len(calls) / max(1, tickets), 2),
        "most_calls_of_a_ticket": max(each.values(), default=0),
        "most_prompt_tokens_of_a_call": max((call.prompt_tokens for call in calls), default=0),
        "calls_over_700_prompt_tokens": sum(call.prompt_tokens > PROMPT for call in calls),
        "failed_calls": sum(bool(call.failure) for call in calls),
    }


def compared(
    with_it: Sequence[Scored], without: Sequence[Scored], score: ModuleType
) -> dict[str, Any]:
    """The same tickets by both engines, in the same order."""
    ours = [is_resolved(row, result, score) for row, result in with_it]
    theirs = [is_resolved(row, result, score) for row, result in without]
    differences = [int(a) - int(b) for a, b in zip(ours, theirs, strict=True)]
    gained, lost = differences.count(1), differences.count(-1)
    return {
        "n": len(differences),
        "extractive": summary(without, score),
        "model": summary(with_it, score),
        "difference": round(sum(differences) / max(1, len(differences)), 4),
        "difference_ci95": _bootstrap(differences),
        "only_with_model": gained,
        "only_without": lost,
        "mcnemar_p": round(_mcnemar(gained, lost), 4),
        "tokens_a_ticket": _mean([result.tokens for _, result in with_it]),
        "answered_by_model": sum(result.engine not in ("", "extractive") for _, result in with_it),
    }


def _bootstrap(differences: Sequence[int]) -> list[float]:
    """95 % of the means of tickets drawn again with replacement, by a fixed seed."""
    if not differences:
        return [-1.0, 1.0]
    chance = random.Random(7)
    size = len(differences)
    means = sorted(sum(chance.choices(differences, k=size)) / size for _ in range(RESAMPLES))
    return [round(means[RESAMPLES * 25 // 1000], 4), round(means[RESAMPLES * 975 // 1000 - 1], 4)]


def _mcnemar(gained: int, lost: int) -> float:
    """Exact two-sided p of the pairs in which the engines differ."""
    differing = gained + lost
    tail = sum(comb(differing, each) for each in range(min(gained, lost) + 1))
    return float(min(1.0, 2 * tail / 2**differing))


def _mean(values: Sequence[int]) -> float:
    return round(sum(values) / max(1, len(values)), 1)
