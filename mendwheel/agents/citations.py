"""The citation check is code, not prompt: what cites nothing that exists is dropped.

What a model words itself is checked harder than what code has copied: its numbers must stand in
the evidence, and its language must be the asker's or the evidence's.
"""

import re
from collections.abc import Sequence

from mendwheel.agents.language import language
from mendwheel.domain.diagnosis import Claim, Diagnosis
from mendwheel.domain.evidence import Dossier, Evidence
from mendwheel.domain.hypothesis import Hypothesis, Objection
from mendwheel.domain.playbook import EXTRACTIVE

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
"""What Markdown puts before a sign, as in `1\\.2`; nobody writes it in an answer."""
_LIST_MARK = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")

MIN_SUPPORT = 0.5
"""Share of a claim's distinct words that its cited evidence must contain."""
MIN_QUOTE = 4
"""Words of the original that a claim in another language must quote."""


def support(claim: Claim, dossier: Dossier) -> float:
    """0..1: how much of the claim's wording stands in the evidence it cites; 0 when none exists."""
    return _shared(claim, _cited(claim, dossier))


def check(
    diagnosis: Diagnosis, dossier: Dossier, *, asked: str = ""
) -> tuple[list[Claim], list[str]]:
    """The claims that stand, and one objection for each that does not.

    `asked` is the asker's text: it tells which language an answer may be in.
    """
    worded = diagnosis.engine not in ("", EXTRACTIVE)
    kept: list[Claim] = []
    objections: list[str] = []
    for number, claim in enumerate(diagnosis.claims):
        cited = _cited(claim, dossier)
        problem = _problem(claim, cited, asked if worded and not claim.by_code else None)
        if problem:
            objections.append(f"claim {number} {problem}")
        else:
            ids = {item.id for item in cited}
            real = [name for name in claim.evidence_ids if name in ids]
            kept.append(claim.model_copy(update={"evidence_ids": real}))
    return kept, objections


def check_rejected(
    rejected: Sequence[Hypothesis], dossier: Dossier
) -> tuple[list[Hypothesis], list[str]]:
    """The rejected causes that evidence does speak against, and one objection for each other."""
    kept: list[Hypothesis] = []
    objections: list[str] = []
    for number, each in enumerate(rejected):
        against = founded(each.against, dossier)
        if against:
            there = {item.id for item in dossier.evidence}
            real = [name for name in each.for_ids if name in there]
            kept.append(each.model_copy(update={"against": against, "for_ids": real}))
        else:
            objections.append(f"rejected cause {number} has no evidence against it that exists")
    return kept, objections


def founded(objections: Sequence[Objection], dossier: Dossier) -> list[Objection]:
    """Those that cite evidence that exists, and say what it says."""
    return [
        each
        for each in objections
        if not _problem(
            Claim(text=each.why, evidence_ids=[each.evidence_id]),
            [item for item in dossier.evidence if item.id == each.evidence_id],
            None,
        )
    ]


def _problem(claim: Claim, cited: Sequence[Evidence], asked: str | None) -> str:
    """What stands against a claim, or nothing; `asked` is None for what code has copied."""
    if not cited:
        return "cites no evidence that exists"
    if asked is not None:
        known = _numbers(_text(cited))
        if invented := sorted(_numbers(_LIST_MARK.sub(" ", claim.text)) - known):
            return f"states {', '.join(invented[:3])}, which its evidence does not"
        if problem := _foreign(claim, cited, asked):
            return problem
        if _translated(claim, cited):
            return ""
    share = _shared(claim, cited)
    if share < MIN_SUPPORT:
        return f"is not what its evidence says ({share:.0%} shared)"
    return ""


def _foreign(claim: Claim, cited: Sequence[Evidence], asked: str) -> str:
    """The objection to a claim in a language that neither the asker nor the evidence speaks."""
    said, asker = language(claim.text), language(asked)
    if said is None or asker is None or said in (asker, language(_text(cited))):
        return ""
    return f"is written in {said}, the question in {asker}"


def _translated(claim: Claim, cited: Sequence[Evidence]) -> bool:
    """Whether the claim puts a passage, which it quotes word for word, into another language."""
    said, original = language(claim.text), language(claim.quote or "")
    quoted = _words(claim.quote)
    if said is None or original is None or said == original or len(quoted) < MIN_QUOTE:
        return False
    plain = " ".join(quoted)
    return any(plain in " ".join(_words(f"{item.text} {item.quote}")) for item in cited)


def _cited(claim: Claim, dossier: Dossier) -> list[Evidence]:
    return [item for item in dossier.evidence if item.id in claim.evidence_ids]


def _shared(claim: Claim, cited: Sequence[Evidence]) -> float:
    words = set(_words(claim.text))
    if not words or not cited:
        return 0.0
    return len(words & set(_words(_text(cited)))) / len(words)


def _text(cited: Sequence[Evidence]) -> str:
    return _ESCAPE.sub("", " ".join(f"{item.title} {item.text} {item.quote}" for item in cited))


def _numbers(text: str) -> set[str]:
    """Numbers as they are meant: without leading zeros and signs between thousands."""
    found = (re.sub(r"[.,](?=\d{3}(?:\D|$))", "", number) for number in _NUMBER.findall(text))
    return {number.replace(",", ".").lstrip("0") or "0" for number in found}


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text) if len(word) > 2 or word.isdigit()]
