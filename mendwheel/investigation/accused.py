"""One proposed cause as those see it who look for what speaks against it."""

from dataclasses import dataclass

from mendwheel.investigation.case import Finding


@dataclass(slots=True, frozen=True)
class Accused:
    """A component and the fault that somebody proposes there; `findings` speak for it."""

    component: str
    fault: str
    clearness: float
    findings: tuple[Finding, ...] = ()
