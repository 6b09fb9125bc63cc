"""Yes or no: whether a question asks for it, and which of the two a sentence supports."""

import re

_AUXILIARY = (
    r"(?:is|are|am|was|were|do|does|did|can|could|will|would|should|shall|may|might|must|has|have|"
    r"had|isn'?t|aren'?t|don'?t|doesn'?t|can'?t|won'?t)"
)
_ASKS = re.compile(
    rf"(?:^|[.!?,;:]\s+|\b(?:so|and|but|then|also|hi|hello)\s+){_AUXILIARY}\s+\w+", re.I
)
_INVERTED = re.compile(
    rf"^(?:when|if|after|once|while|before|since)\s+(?!{_AUXILIARY}\b).*\b{_AUXILIARY}\s+"
    r"(?:it|its|i|we|you|they|the|this|my|our)\b",
    re.I,
)
_CHOICE = re.compile(r"\b(?:or)\b(?!\s+not\b)", re.I)
_OPEN = re.compile(r"\b(?:what|which|who|whom|whose|where|when|why|how)\b", re.I)
_NOT = re.compile(
    r"\b(?:not|cannot|no|never|none|neither|nor|without|unable|unsupported|unavailable|"
    r"impossible|\w+n['’]t)\b",
    re.I,
)


def asks_yes_or_no(question: str) -> bool:
    """Whether the last sentence of `question` can be answered by yes or no."""
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", question.strip()) if part]
    if not sentences:
        return False
    last = sentences[-1]
    begins = (
        _ASKS.match(last)
        or _INVERTED.match(last)
        or (_ASKS.search(last) and not _OPEN.search(last))
    )
    return bool(begins) and not _CHOICE.search(last)


def is_negated(sentence: str) -> bool:
    """Whether `sentence` denies something."""
    return bool(_NOT.search(sentence))


def sentences(text: str) -> list[str]:
    """The sentences of `text`: a "not" in one says nothing about the next."""
    return [part for part in re.split(r"(?<=[.!?;])\s+", text) if part.strip()] or [text]
