"""The citation check is code, not prompt: what cites nothing that exists is dropped."""

import re

from mendwheel.domain.diagnosis import Claim, Diagnosis
from mendwheel.domain.evidence import Dossier

_WORD = re.compile(r"[^\W_]+", re.UNICODE)

MIN_SUPPORT = 0.5
"""Share of a claim's distinct words that its cited evidence must contain."""


def support(claim: Claim, dossier: Dossier) -> float:
    """0..1: how much of the claim's wording stands in the evidence it cites; 0 when none exists."""
    cited = [item for item in dossier.evidence if item.id in claim.evidence_ids]
    if not cited:
        return 0.0
    words = set(_words(claim.text))
    if not words:
        return 0.0
    known = set().union(*(_words(f"{item.title} {item.text} {item.quote}") for item in cited))
    return len(words & known) / len(words)


def check(diagnosis: Diagnosis, dossier: Dossier) -> tuple[list[Claim], list[str]]:
    """The claims that stand, and one objection for each that does not."""
    ids = {item.id for item in dossier.evidence}
    kept: list[Claim] = []
    objections: list[str] = []
    for number, claim in enumerate(diagnosis.claims):
        real = [name for name in claim.evidence_ids if name in ids]
        if not real:
            objections.append(f"claim {number} cites no evidence that exists")
            continue
        honest = claim.model_copy(update={"evidence_ids": real})
        share = support(honest, dossier)
        if share < MIN_SUPPORT:
            objections.append(f"claim {number} is not what its evidence says ({share:.0%} shared)")
            continue
        kept.append(honest)
    return kept, objections


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text) if len(word) > 2 or word.isdigit()]
