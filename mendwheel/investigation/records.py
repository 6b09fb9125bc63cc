"""Facts from logs, tool outputs, events and change lists."""

import re

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.changes import change_findings, lists_changes
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
    findings = _changed(case) + _advised(case) + _logged(case)
    return sorted(findings, key=lambda f: -f.weight)[:FINDING_LIMIT]


def logs(case: Case) -> list[Finding]:
    """What logs, events and other texts say, and names in them that point at nothing."""
    return sorted(_logged(case), key=lambda f: -f.weight)[:FINDING_LIMIT]


def changes(case: Case) -> list[Finding]:
    """What was changed, and in what state the parts are now."""
    return sorted(_changed(case), key=lambda f: -f.weight)[:FINDING_LIMIT]


def advice(case: Case) -> list[Finding]:
    """What written knowledge among the evidence says of this very alert."""
    return _advised(case)


def _logged(case: Case) -> list[Finding]:
    names = Names(case.components)
    subjects = _subjects(case)
    findings: list[Finding] = []
    compared: list[Finding] = []
    lines: list[Finding] = []
    documents = [open_exhibit(exhibit) for exhibit in case.exhibits]
    for document in documents:
        if not _readable(document) or lists_changes(document):
            continue
        if document.data is not None:
            findings += message_findings(document, case, names)
        elif (counted := template_findings(document, case, names)) is not None:
            compared += counted
        else:
            lines += line_findings(document, case, names, subjects)
    if compared:  # beside counts from before, a bare error line may well be an old one
        for finding in lines:
            finding.weight *= 0.4
    return findings + compared + lines + reference_findings(case, documents)


def _changed(case: Case) -> list[Finding]:
    names = Names(case.components)
    findings: list[Finding] = []
    for document in map(open_exhibit, case.exhibits):
        if not _readable(document):
            continue
        if lists_changes(document):
            findings += change_findings(document, case, names)
        elif document.data is not None:
            findings += state_findings(document, case, names)
    return findings


def _advised(case: Case) -> list[Finding]:
    found = [_by_design(document, case) for document in map(open_exhibit, case.exhibits)]
    return [finding for each in found for finding in each]


def _readable(document: Document) -> bool:
    """Whether its text tells of the system: not advice, no failure of a tool, no figures."""
    readable = not document.reference and not document.failed
    return readable and document.exhibit.kind not in _READ_ELSEWHERE


def _subjects(case: Case) -> frozenset[str]:
    """What the ticket is about: names in it that the evidence knows too, exact ones if any."""
    words = {w.strip(".-") for w in _SUBJECT.findall(f"{case.title} {case.body[:2000]}".lower())}
    text = "\n".join(f"{e.name}\n{e.text[:200_000]}" for e in case.exhibits).lower()
    known = {w for w in words - _COMMON if w in text}
    return frozenset({w for w in known if re.search(r"[-_.\d]", w)} or known)


def _by_design(document: Document, case: Case) -> list[Finding]:
    """Advice that this very alert is meant to fire all the time."""
    if not document.reference:
        return []
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
