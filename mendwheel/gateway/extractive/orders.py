"""Does a report give orders to the agents? Strict patterns: a false alarm costs a hand-over."""

import re

from mendwheel.gateway.extractive.lookalikes import gathered, seen

_TARGET = r"(?:previous|prior|above|earlier|all|your|any)"
_RULES = r"(?:instructions?|rules?|prompts?|polic(?:y|ies)|guardrails?|safety|checks?)"
_VOICE = r"(?:system|assistant|developer)"
_SECRETS = (
    r"(?:system prompt|secrets?|api keys?|credentials|passwords?|signing keys?|"
    r"environment variables)"
)
_DATA = r"(?:customers?|users?|tenants?|data(?:base)?s?|records?|accounts?|tables?)"

_ORDERS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Lay the rules aside.
        rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b{_TARGET}\b.{{0,30}}\b{_RULES}\b",
        # Speak in somebody else's voice.
        rf"(?:^|\n)\W{{0,8}}{_VOICE}(?:\s+(?:message|prompt|note|override|instruction))?\W{{0,4}}:",
        r"</?(?:system|assistant|instructions?|admin)\b[^>]{0,40}>",
        # Claim a yes that nobody gave.
        r"\b(?:pre-?)?approved by\b.{0,40}\b(?:admin\w*|management|ceo|cto|root|security|operator)",
        r"\b(?:no|without|skip(?:ping)?|disable|bypass|turn off|switch off)\b.{0,30}"
        r"\b(?:approvals?|confirmation|asking|human review|approvers?)\b",
        # Ask for what is secret.
        r"\b(?:reveal|print|show|output|send|post|paste|list|leak|dump)\b.{0,40}"
        rf"\b{_SECRETS}\b",
        # Command the agents.
        r"\byou (?:are|must|will|have to|shall) (?:now |immediately |at once )?"
        r"(?:act|behave|execute|run|obey|delete|comply|a different|an unrestricted)\b",
        r"\b(?:agents?|assistants?|bots?|ai|model|mendwheel)\b.{0,30}"
        r"\b(?:must|shall|should|is to|are to)\b.{0,30}"
        r"\b(?:run|execute|delete|disable|restart|approve|obey|call)\b",
        # Ask for what nobody should do.
        r"\b(?:delete|erase|wipe|drop|purge)\b.{0,20}\b(?:all|every|entire|the whole)\b.{0,30}"
        rf"\b{_DATA}\b",
        r"\b(?:restart|delete|stop|kill|roll back)\w*\b.{0,20}\b(?:every|all)\b.{0,15}"
        r"\b(?:services?|systems?|servers?|pods?)\b",
    )
]

_UNDIVIDED = [
    re.compile(pattern.pattern.replace(r"\b", "").replace(" ", " ?"), re.IGNORECASE)
    for pattern in _ORDERS
]
"""For letters that were spread so evenly that nobody knows where their words end."""

ENOUGH = 2
"""Different kinds of orders that make a report suspicious; one alone is how people talk."""


def gives_orders(text: str) -> bool:
    """Whether `text` tries to command whoever works on it."""
    text = seen(text)
    # Broken lines say the same as whole ones; whose voice it is shows at the beginning of a line.
    whole = " ".join(text.split())
    spread = "\n".join(gathered(text))
    found = (
        pattern.search(text) or pattern.search(whole) or (spread and undivided.search(spread))
        for pattern, undivided in zip(_ORDERS, _UNDIVIDED, strict=True)
    )
    return sum(map(bool, found)) >= ENOUGH
