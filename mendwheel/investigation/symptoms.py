"""What known trouble looks like in text, and how surely each wording names its cause."""

import re
from dataclasses import dataclass
from functools import lru_cache

from mendwheel.investigation.symptom_patterns import PATTERNS
from mendwheel.investigation.vocabulary import HEALTHY


@dataclass(slots=True, frozen=True)
class Symptom:
    """`family` of fault that a piece of text speaks for, how strongly, and where it does."""

    family: str | None
    weight: float
    at: int


_LETTER = re.compile(r"(\\.)|([A-Z])")


def _lower(pattern: str) -> str:
    """`pattern` for lower-case text: matching it costs a third of ignoring the case."""
    return _LETTER.sub(lambda found: found[1] or found[2].lower(), pattern)


# Strongest first: the first pattern that matches decides. Plain substring tests keep most
# patterns from running at all; alternations over every line would be fifty times slower.
_COMPILED = tuple(
    (family, weight, tuple(needles.split("|")), re.compile(_lower(pattern)))
    for family, weight, needles, pattern in sorted(PATTERNS, key=lambda row: -row[1])
)
_PAST = re.compile(
    r"\b(recovered|auto-?(rolled back|healed|recovered|resolved)|"
    r"rolled back|roll-?back (successful|succeeded|complete)|resolved|self-?healed|"
    r"stabili[sz]ed|back to (normal|baseline)|"
    r"(has )?(since|subsequently) (been )?(running|ready|healthy|scheduled|assigned|bound|started)|"
    r"(alarm|alert|condition|connect\w+|health|service|traffic) (is |was |has been )?"
    r"(cleared|restored)|"
    r"returned to (\w+ )?(ready|normal|service|baseline|healthy)|retr(ied|y) succe\w+|"
    r"retried successfully|succeeded (on|after)|completed successfully|rollout completed|"
    r"(is|are) now (running|ready|healthy|available|ok|up)|zero errors|no errors|"
    r"successfully assigned)\b"
)
# Said beside a bad state it excuses it, beside a cause (out of memory, refused) it does not.
CAUSE = 0.8
_PASSING = re.compile(
    r"\b(transient|subsequently|no further|"
    r"(during|for|by|part of) (a |the )?(rolling )?(rollout|update|scale[- ]down|scaling down)|"
    r"graceful(ly)? (shut\w*|terminat\w*|stop\w*))\b"
)
_MEANT = re.compile(
    r"\b((as|is|was|are|were) (intended|expected|planned|intentional)|by design|benign|harmless|"
    r"expected (behaviou?r|during|while|because|after|for)|on purpose|intentionally|"
    r"(planned|scheduled) (maintenance|restart|reboot|fail-?over|upgrade|drain|downtime|shutdown)|"
    r"maintenance window|scaled (down )?to 0)\b"
)
_UNRESOLVED = re.compile(
    r"(n't|not|cannot|could not( be)?|never|failed to( be)?|un) ?(be |been |yet )*"
    r"(resolve|recover|restore|clear|expected|planned|intended|intentional|stabili|succe)|unexpected"
)
_FRUITLESS = re.compile(
    r"(\b|_)(no|0|zero|without) (errors?|failures?|failed|warnings?|issues?)\b|"
    r"error[s_]*[=:] ?(0\b|null|none|\"\")|failed[=:] ?0\b|errors? (rate )?0(\.0+)?%|"
    r"no events found|\b0 unavailable|max unavailable"
)


@lru_cache(maxsize=2048)
def classify(text: str) -> Symptom | None:
    """The strongest symptom in one line or message; None when it holds no trouble."""
    low = text.lower()
    for family, weight, needles, pattern in _COMPILED:
        for needle in needles:
            if needle in low:
                break
        else:
            continue
        match = pattern.search(low)
        if match is None:
            continue
        if _FRUITLESS.search(low):
            return None
        if speaks_of_recovery(text) or (weight < CAUSE and _PASSING.search(low)):
            return Symptom(HEALTHY, 0.5, match.start())
        return Symptom(family, weight, match.start())
    return None


def speaks_of_recovery(text: str) -> bool:
    """Whether the text says that trouble is over, or that it is meant to be so."""
    low = text.lower()
    calm = _PAST.search(low) or _MEANT.search(low)
    return bool(calm) and not _UNRESOLVED.search(low)
