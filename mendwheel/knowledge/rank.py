"""Ranks documents by their best passages. Pure: the store finds candidates, this orders them."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

K1 = 1.2
"""How soon repeating a term stops helping (BM25)."""
B = 0.5
"""How much a long passage is discounted (BM25)."""
USUAL_TERMS = 110
"""Terms in a passage of usual length."""
TITLE, HEADING, PATH = 2.0, 1.5, 0.5
"""What one occurrence in the title, in a heading or in the path is worth, in occurrences."""
SECOND = 0.25
"""What a document's second passage adds, as a share of its own score."""
COVERED = 0.6
"""Share of a score that depends on how much of the question the passage covers."""
PAIR = 1.0
"""What two terms side by side add, as a share of the lighter one's weight."""
PRODUCT = 1.3
"""Factor for a document of the product that was asked about."""
WORDS = 1.0
"""What all the words that a passage can share are worth, in cosines."""
HALF = 8.0
"""The score, in weights of a term that nothing else has, that is worth half of that."""
SECOND_NEAR = 0.05
"""The same as `SECOND`, where cosines count: they differ less than scores do."""
SAME_TITLE, SAME_TITLE_NEAR = 0.9, 0.1
"""Factor on a score, and what is taken from nearness, for each better document of that title: the
parts of one page must not fill the list while another page waits."""
COPY = 3
"""Better documents of that title that one with the very same passage counts for."""
NEARER = 0.1
"""What being of the product that was asked about is worth, in cosines."""

_WORDS = re.compile(r"[^\W_]+").findall


@dataclass(frozen=True)
class Candidate:
    """A passage as the index holds it: terms only."""

    key: int
    document: int
    body: str
    heading: str
    title: str
    path: str
    of_product: bool = False
    cosine: float | None = None


@dataclass(frozen=True)
class Ranked:
    """A candidate with its score (of words; higher is better), coverage (0..1) and place.

    `place` is what it is ordered by: the score, or the cosine with a share of the score.
    """

    key: int
    document: int
    score: float
    coverage: float
    cosine: float | None
    place: float


def rank(
    weights: Mapping[str, float],
    side_by_side: Collection[tuple[str, str]],
    candidates: Sequence[Candidate],
    limit: int,
    unit: float = 1.0,
) -> list[Ranked]:
    """The best passages: first the best one of each document, documents in order of rank.

    When fewer documents than `limit` match, further passages of the best ones follow. `unit` is the
    weight of a term that nothing else has.
    """
    by_document: dict[int, list[Ranked]] = defaultdict(list)
    joined = {
        f" {first} {second} ": PAIR * min(weights[first], weights[second])
        for first, second in side_by_side
        if first in weights and second in weights
    }
    scored = [_scored(weights, joined, candidate) for candidate in candidates]
    for ranked in _fused(scored, candidates, unit):
        by_document[ranked.document].append(ranked)
    for found in by_document.values():
        found.sort(key=lambda ranked: (-ranked.place, ranked.key))
    said = {candidate.key: (candidate.title, candidate.body) for candidate in candidates}
    near = any(each.cosine is not None for each in scored)
    return _spread(_ordered(by_document, said, near), limit)


def _ordered(
    by_document: Mapping[int, Sequence[Ranked]], said: Mapping[int, tuple[str, str]], near: bool
) -> list[Sequence[Ranked]]:
    """Documents in order of rank, each with its passages; few of one title at the top.

    `said` holds title and body of each passage.
    """
    share = SECOND_NEAR if near else SECOND
    totals = {document: _total(found, share) for document, found in by_document.items()}
    placed: list[tuple[float, int, Sequence[Ranked]]] = []
    better: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    for document in sorted(totals, key=lambda document: (-totals[document], document)):
        found = by_document[document]
        title, body = said[found[0].key]
        total, before = totals[document], better[title] + COPY * copies[body]
        total = total - SAME_TITLE_NEAR * before if near else total * SAME_TITLE**before
        placed.append((-total, found[0].key, found))
        better[title] += 1
        copies[body] += 1
    return [found for *_, found in sorted(placed, key=lambda each: each[:2])]


def _fused(
    scored: Sequence[Ranked], candidates: Sequence[Candidate], unit: float
) -> Iterator[Ranked]:
    """Placed by cosine and words together, where there are cosines.

    A passage that has no vector yet counts as far away as the farthest that has one.
    """
    cosines = [each.cosine for each in scored if each.cosine is not None]
    if not cosines:
        yield from scored
        return
    for ranked, candidate in zip(scored, candidates, strict=True):
        words = ranked.score / unit
        place = min(cosines) if ranked.cosine is None else ranked.cosine
        place += WORDS * words / (words + HALF) + NEARER * candidate.of_product
        yield replace(ranked, place=place)


def _total(found: Sequence[Ranked], share: float) -> float:
    return found[0].place + (share * found[1].place if len(found) > 1 else 0.0)


def _spread(documents: Sequence[Sequence[Ranked]], limit: int) -> list[Ranked]:
    heads = max(1, limit - limit // 3)
    chosen = [found[0] for found in documents[:heads]]
    chosen += [found[1] for found in documents if len(found) > 1][: limit - len(chosen)]
    rest = [found[0] for found in documents[heads:]]
    rest += [ranked for found in documents for ranked in found[2:]]
    return chosen + rest[: limit - len(chosen)]


def _scored(
    weights: Mapping[str, float], joined: Mapping[str, float], candidate: Candidate
) -> Ranked:
    # Counting in the string is several times faster than counting its words.
    text = f" {candidate.body} "
    length = 1 - B + B * text.count(" ") / USUAL_TERMS
    heading, title = f" {candidate.heading} ", f" {candidate.title} "
    path = f" {candidate.path} "
    total = covered = 0.0
    for term, weight in weights.items():
        word = f" {term} "
        count = text.count(word) / length
        count += TITLE * (word in title) + HEADING * (word in heading) + PATH * (word in path)
        if count:
            total += weight * count * (K1 + 1) / (count + K1)
            covered += weight
    coverage = covered / (sum(weights.values()) or 1.0)
    score = total * (1 - COVERED + COVERED * coverage)
    if joined:
        score += math.fsum([bonus for phrase, bonus in joined.items() if phrase in text])
    score *= PRODUCT if candidate.of_product else 1.0
    return Ranked(candidate.key, candidate.document, score, coverage, candidate.cosine, place=score)


def is_of_product(product: str, document_id: str, stated: str | None) -> bool:
    """Whether a document belongs to `product`: it says so, or a folder of its id is named so.

    The first folder may also be named by a part: those of "acme cloud" may all stand under `acme`.
    """
    wanted = product.casefold()
    if stated:
        return stated.casefold() == wanted
    folders = re.split(r"[/:]", document_id.casefold())[:-1]
    if wanted in folders:
        return True
    first = set(_WORDS(folders[0])) if folders else set()
    return bool(first) and first <= set(_WORDS(wanted))
