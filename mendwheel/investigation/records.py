"""Facts from logs, tool outputs, events and change lists."""

import re

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.changes import change_findings
from mendwheel.investigation.cluster_state import state_findings
from mendwheel.investigation.logs import line_findings
from mendwheel.investigation.messages import message_findings
from mendwheel.investigation.names import Names
from mendwheel.investigation.reading import Document, label, open_exhibit, quotable
from mendwheel.investigation.references import reference_findings
from mendwheel.investigation.templates import template_findings
from mendwheel.investigation.vocabulary import HEALTHY, choose_fault

FINDING_LIMIT = 60
# What a sense says of its own failure ("missing") tells of our sight, not of the system.
_READ_ELSEWHERE = ("metrics", "topology", "traces", "missing")
_SUBJECT = re.compile(r"[A-Za-z0-9][\w.-]{3,}")
_COMMON_WORDS = """
what with issue wrong from this that alert alerts there have been does working when where which
name namespace kind default pod pods job deployment service services application cluster node
please check going other requests down since find about before after warning critical severity
summary description error errors failed
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_ALWAYS = re.compile(
    r"(?i)(meant|designed|supposed|intended|should|expected) to (always )?be (always )?(firing|"
    r"active)|always (be )?(firing|active)|should always (be )?fir"
)


def records(case: Case) -> list[Finding]:
    """Findings from texts and tool outputs, strongest first. Never raises on malformed evidence."""
    names = Names(case.components)
    subjects = _subjects(case)
    findings: list[Finding] = []
    compared: list[Finding] = []
    lines: list[Finding] = []
    documents = [open_exhibit(exhibit) for exhibit in case.exhibits]
    for document in documents:
        exhibit = document.exhibit
        if document.reference:
            findings += _by_design(document, case)
        elif document.failed or exhibit.kind in _READ_ELSEWHERE:
            continue
        elif exhibit.kind == "changes" or "change" in exhibit.name.lower():
            findings += change_findings(document, case, names)
        elif document.data is not None:
            findings += state_findings(document, case, names)
            findings += message_findings(document, case, names)
        elif (counted := template_findings(document, case, names)) is not None:
            compared += counted
        else:
            lines += line_findings(document, case, names, subjects)
    if compared:  # beside counts from before, a bare error line may well be an old one
        for finding in lines:
            finding.weight *= 0.4
    findings += compared + lines
    findings += reference_findings(case, documents)
    return sorted(findings, key=lambda f: -f.weight)[:FINDING_LIMIT]


def _subjects(case: Case) -> frozenset[str]:
    """What the ticket is about: names in it that the evidence knows too, exact ones if any."""
    words = {w.strip(".-") for w in _SUBJECT.findall(f"{case.title} {case.body[:2000]}".lower())}
    text = "\n".join(f"{e.name}\n{e.text[:200_000]}" for e in case.exhibits).lower()
    known = {w for w in words - _COMMON if w in text}
    return frozenset({w for w in known if re.search(r"[-_.\d]", w)} or known)


def _by_design(document: Document, case: Case) -> list[Finding]:
    """Advice that this very alert is meant to fire all the time."""
    match = _ALWAYS.search(document.body)
    title = re.sub(r"\W", "", case.title.lower())
    if not match or not title or title not in re.sub(r"\W", "", document.body.lower()):
        return []
    line = document.body[max(0, match.start() - 120) : match.end() + 120]
    return [
        Finding(
            statement=f"{label(document.exhibit)}: {quotable(line)}",
            exhibit_ids=[document.exhibit.id],
            quote=quotable(line),
            fault=choose_fault(HEALTHY, case.faults) or HEALTHY,
            weight=0.9,
            sense="records",
        )
    ]
