"""`make bench NAME=search`: how long a search takes, and how fast documents are taken in, by size.

Passages are made up of words as frequent as in real text. SIZES=10000,100000 names other sizes;
up to HYBRID passages get vectors, which are random: they cost what real ones cost to compare, and
nothing to make. Beyond that words alone are searched. `cpu` is what all threads of the process
have computed for a search: where it is far below the time on the clock, other programs had the
cores.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench.world import say
from mendwheel.domain.knowledge import Document
from mendwheel.ports import Embedder
from mendwheel.stores.bundle import Stores

SIZES = (10_000, 100_000, 1_000_000)
HYBRID = 100_000
SEARCHES = 200
WORDS, PASSAGE_WORDS, PASSAGES = 60_000, 130, 5
"""Words there are, words of a passage, passages of a document."""
SIZE = 384
"""Numbers of a vector, as the local embedder's."""
_SYLLABLES = [first + last for first in "bdgklmnprstvz" for last in "aeiou"]


def main() -> dict[str, Any]:
    given = os.environ.get("SIZES", "").strip()
    sizes = [int(size) for size in given.split(",")] if given else SIZES
    hybrid = int(os.environ.get("HYBRID", "").strip() or HYBRID)
    return {str(size): _measured(size, hybrid=size <= hybrid) for size in sizes}


def _measured(size: int, *, hybrid: bool) -> dict[str, Any]:
    embedder = RandomEmbedder() if hybrid else None
    with (
        tempfile.TemporaryDirectory(prefix="mendwheel-search-") as home,
        Stores(Path(home) / "store.db", embedder) as stores,
    ):
        begun = time.perf_counter()
        written = stores.knowledge.add("bench", _documents(size))
        seconds = time.perf_counter() - begun
        say(f"{written} passages taken in, {written / seconds:.0f}/s")
        stores.knowledge.embed("bench", _told)
        times = _searched(stores, embedder)
    return {
        "search": "hybrid" if hybrid else "words",
        "passages": written,
        **_quantiles("", [clock for clock, _ in times]),
        **_quantiles("cpu_", [cpu for _, cpu in times]),
        "ingest_passages_per_s": round(written / seconds),
    }


def _quantiles(name: str, seconds: Sequence[float]) -> dict[str, float]:
    return {
        f"{name}p50_ms": round(1000 * statistics.median(seconds), 1),
        f"{name}p95_ms": round(1000 * statistics.quantiles(seconds, n=20)[-1], 1),
    }


def _searched(stores: Stores, embedder: Embedder | None) -> list[tuple[float, float]]:
    """Seconds of each search, on the clock and of CPU; the vectors of the questions are made
    beforehand, like the first search, which reads the index."""
    draw = random.Random(2)
    questions = [" ".join(_question(draw)) for _ in range(SEARCHES + 1)]
    if embedder is not None:
        embedder.embed(questions)
    stores.knowledge.search("bench", questions.pop())
    times = []
    for question in questions:
        begun, cpu = time.perf_counter(), time.process_time()
        stores.knowledge.search("bench", question, limit=8)
        times.append((time.perf_counter() - begun, time.process_time() - cpu))
    return times


def _question(draw: random.Random) -> Sequence[str]:
    """Twelve words as frequent as in the texts, so a few rare ones among common ones."""
    return draw.choices(_VOCABULARY, cum_weights=_FREQUENCIES, k=12)


def _documents(passages: int) -> Iterator[Document]:
    draw = random.Random(1)
    for number in range(passages // PASSAGES):
        sections = (_section(draw, at) for at in range(PASSAGES))
        title = " ".join(draw.choices(_VOCABULARY, cum_weights=_FREQUENCIES, k=4))
        yield Document(id=f"book/{number}", title=title, body="\n\n".join(sections))


def _section(draw: random.Random, at: int) -> str:
    words = draw.choices(_VOCABULARY, cum_weights=_FREQUENCIES, k=PASSAGE_WORDS)
    lines = (" ".join(words[start : start + 11]) + "." for start in range(0, len(words), 11))
    return f"## Part {at}\n\n" + "\n".join(lines)


def _word(number: int) -> str:
    spelled = ""
    while True:
        number, rest = divmod(number, len(_SYLLABLES))
        spelled += _SYLLABLES[rest]
        if not number:
            return spelled


def _told(done: int, total: int) -> None:
    if done % 20_000 < 32 or done == total:
        say(f"{done} of {total} passages have vectors")


_VOCABULARY = [_word(number) for number in range(WORDS)]
_FREQUENCIES = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))


class RandomEmbedder:
    """The port `Embedder` with vectors that mean nothing; the same text has the same one."""

    identity = "random"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        import numpy as np

        made = []
        for text in texts:
            seed = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
            vector = np.random.default_rng(seed).standard_normal(SIZE)
            made.append((vector / np.linalg.norm(vector)).tolist())
        return made
