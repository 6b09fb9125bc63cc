"""What is left of a model's claims once held against evidence, and what its doubt weighs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mendwheel.agents.language import foreign
from mendwheel.agents.outputs import CitedClaim, Found
from mendwheel.knowledge.terms import terms

DOUBT = 2 / 3
"""Factor on the odds of what rules found where a model cannot tell, or says otherwise and shows no
evidence for it. With a half one that always says "unknown" costs as many right answers as wrong."""
OBJECTION = 0.25
"""The same where it shows evidence for something else."""
ROOM = 600
"""Characters of a trusted model's answer with quotes under it: what people read in one go."""
MOST_CLAIMS = 6
SAID_ALREADY = 0.8
"""Share of a quote's words in the answer above it from which it adds nothing."""

_VERDICT = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Believed:
    """A model's claims that the evidence supports and that tell the reporter anything."""

    claims: Sequence[CitedClaim] = field(default_factory=list)
    made_up: bool = False
    """None is supported, and it cites what does not exist."""


def telling(claims: Sequence[CitedClaim], report: str) -> list[CitedClaim]:
    """Those that do not only repeat the report, none twice: small models hand back what they were
    told, above all earlier replies. A figure that the report lacks is no repetition."""
    known, numbers = set(terms(report)), set(_NUMBER.findall(report))
    once = {claim.text: claim for claim in claims}
    return [claim for claim in once.values() if _adds(claim.text, known, numbers)]


def lessened(confidence: float, factor: float) -> float:
    """`confidence` (0..1) with its odds multiplied by `factor`."""
    if not 0 < confidence < 1:
        confidence = min(max(confidence, 0.0), 0.99)
    odds = factor * confidence / (1 - confidence)
    return round(odds / (1 + odds), 3)


def verdict(claims: Sequence[CitedClaim]) -> str:
    """`yes` or `no` where the first claim begins with it, else nothing."""
    found = _VERDICT.match(claims[0].text) if claims else None
    return found.group(1).casefold() if found else ""


def pulled(quotes: Sequence[CitedClaim]) -> list[CitedClaim]:
    """`quotes` marked as what code has found, so that nobody takes them for a model's words."""
    return [Found.model_validate(quote.model_dump()) for quote in quotes]


def lacking(above: Sequence[CitedClaim], quotes: Sequence[CitedClaim]) -> list[CitedClaim]:
    """The quotes that say anything, or any number, which the claims above do not."""
    text = "\n".join(claim.text for claim in above)
    known, numbers = set(terms(text)), set(_NUMBER.findall(text))
    return [quote for quote in pulled(quotes) if _adds(quote.text, known, numbers)]


def beside(
    above: Sequence[CitedClaim], quotes: Sequence[CitedClaim], believed: Believed
) -> list[CitedClaim]:
    """Quotes of the sources that a trusted model cites, where its answer lacks them and they fit.

    None where nothing that it says is supported: quotes never stand in for that.
    """
    text = "\n".join(claim.text for claim in above)
    cited = {name for claim in above for name in claim.evidence_ids}
    known, numbers, room = set(terms(text)), set(_NUMBER.findall(text)), ROOM - len(text)
    kept: list[CitedClaim] = []
    for quote in pulled(quotes) if believed.claims else ():
        fits = len(quote.text) <= room and len(above) + len(kept) < MOST_CLAIMS
        of_it = cited & set(quote.evidence_ids) and not foreign(quote.text, text)
        if fits and of_it and _adds(quote.text, known, numbers):
            kept.append(quote)
            known |= set(terms(quote.text))
            room -= len(quote.text)
    return kept


def _repeats(text: str, known: set[str]) -> bool:
    words = set(terms(text))
    return bool(words) and len(words & known) >= SAID_ALREADY * len(words)


def _adds(text: str, known: set[str], numbers: set[str]) -> bool:
    return not _repeats(text, known) or bool(set(_NUMBER.findall(text)) - numbers)
