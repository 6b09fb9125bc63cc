"""An effect that was given up: what it was, why, and what is to be done again."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import EffectKey


class LetterKind(StrEnum):
    CARD = "card"
    MESSAGE = "message"
    CONCLUSION = "conclusion"  # status, labels and links of an ended round
    CALL_OUT = "call-out"
    TOOL = "tool"  # a call of a tool that is not ours
    HTTP = "http"  # a remedy that is one HTTP call
    REMEDY = "remedy"  # refused by the ledger: it cannot be repeated


class LetterStanding(StrEnum):
    OPEN = "open"
    DONE = "done"
    DISCARDED = "discarded"


class DeadLetter(BaseModel):
    """`unknown`: it may have happened, and nothing can tell but a person who looks."""

    key: EffectKey
    kind: LetterKind
    reason: str
    at: datetime
    request: ArtifactRef | None = None
    unknown: bool = False
    standing: LetterStanding = LetterStanding.OPEN
    ended_by: str = ""
    note: str = ""
