"""Whether we would have been right, as far as people's own words tell.

There is no label. All there is to hold an answer against is what people wrote when they closed the
issue, so the verdict says no more than that: it agrees with what people wrote, or it does not, or
nothing was written that says.
"""

from enum import StrEnum

from pydantic import BaseModel

from mendwheel.backtest.past import PastIssue
from mendwheel.batch.rows import Row
from mendwheel.knowledge.terms import terms

AGREES = 0.4
"""Share of people's own words, those of the report left out, that our answer has to hold."""
LEAST_WORDS = 3
"""Fewer words of their own, and what people wrote says nothing about an answer."""
COUNTED = 1500
"""Characters of an answer that count: whoever quotes everything agrees with everybody."""
_HANDED = ("escalate", "clarify")


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    HANDED_OVER = "handed_over"


class Judged(BaseModel):
    """One issue, what we would have said, and how that compares."""

    issue: PastIssue
    row: Row
    verdict: Verdict
    agreement: float | None = None
    """0..1; none where there is nothing to compare."""


def judge(issue: PastIssue, row: Row, *, agrees: float = AGREES) -> Judged:
    """Hold a row against the last words of people."""
    if row.outcome in _HANDED:
        return Judged(issue=issue, row=row, verdict=Verdict.HANDED_OVER)
    share = agreement(issue, row)
    if share is None:
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.AGREES if share >= agrees else Verdict.DIFFERS
    return Judged(issue=issue, row=row, verdict=verdict, agreement=share)


def agreement(issue: PastIssue, row: Row) -> float | None:
    """Share of the words that people added to the report which our answer holds as well.

    1 where people point to a document that we cite first. None: nothing was written that says, or
    we said that nothing is to be done, which shares no words with any work.
    """
    words = issue.last_words()
    if _points_to(words, row.doc_ids[:1] + row.runbook_ids[:1]):
        return 1.0
    said = set(terms(words)) - set(terms(f"{issue.title}\n{issue.body}"))
    if len(said) < LEAST_WORDS or row.outcome == "no_action":
        return None
    ours = set(terms(row.answer[:COUNTED])) | set(terms(row.root_cause_service))
    return round(len(said & ours) / len(said), 4)


def _points_to(words: str, documents: list[str]) -> bool:
    """Whether a document's path, or its file name, stands in the words."""
    lowered = words.casefold()
    names = {name.casefold() for each in documents for name in (each, each.rsplit("/", 1)[-1])}
    return any(len(name) > LEAST_WORDS and name in lowered for name in names)
