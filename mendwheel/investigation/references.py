"""Names that point at nothing: a class nobody defined, a name one letter off a real one."""

import re

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.reading import Document, label, quotable
from mendwheel.investigation.vocabulary import choose_fault

_NOT_FOUND = re.compile(
    r"[\"'`]([A-Za-z0-9][\w./-]{3,100})[\"'`] (?:was )?not found|no such \w+: (\S+)"
)
_POINTER = re.compile(
    r"^ *((?:Ingress ?|Storage ?|Priority ?|Runtime ?)Class(?:Name)?|Service ?Account)"
    r"(?: Name)?: +([\w./-]{2,100})\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_FORMATS = {"wide", "yaml", "json", "name"}
_EMPTY = re.compile(r"(?i)^\s*(no resources found\b.*)?\s*$")
_TOKEN = re.compile(r"[A-Za-z0-9][\w.-]{2,99}[A-Za-z0-9]")
MISSING_LIMIT = 10
TOKEN_LIMIT = 30_000


def reference_findings(case: Case, documents: list[Document]) -> list[Finding]:
    """Dangling references: what is named but was listed as absent, and near misses of names."""
    usable = [d for d in documents if not d.reference]
    return _undefined(case, usable) + _near_misses(case, usable)


def _undefined(case: Case, documents: list[Document]) -> list[Finding]:
    absent = {
        kind: document
        for document in documents
        if _EMPTY.match(document.body[:200]) and (kind := _listed(document.command))
    }
    if not absent:
        return []
    findings = []
    for document in documents:
        for match in _POINTER.finditer(document.body[:200_000]):
            kind = match[1].replace(" ", "").lower().removesuffix("name")
            if (empty := absent.get(kind)) is None or match[2] == "<none>":
                continue
            findings.append(
                Finding(
                    statement=f"{label(document.exhibit)} refers to {match[1].strip().lower()} "
                    f"{match[2]}, but listing {kind} found none.",
                    exhibit_ids=[document.exhibit.id, empty.exhibit.id],
                    quote=quotable(match[0]),
                    fault=choose_fault("configuration", case.faults),
                    weight=0.85,
                    sense="records",
                )
            )
    return findings[:MISSING_LIMIT]


def _listed(command: str) -> str | None:
    """The kind that `kubectl get [flags] KIND` lists, in the singular; None for other commands."""
    words = command.split()
    after = words[words.index("get") + 1 :] if "get" in words else []
    kinds = (w for w in after if not w.startswith("-") and w not in _FORMATS)
    kind = next(kinds, "").lower()
    return kind.removesuffix("es") if kind.isalpha() else None


def _near_misses(case: Case, documents: list[Document]) -> list[Finding]:
    missing: dict[str, Document] = {}
    for document in documents:
        for match in _NOT_FOUND.finditer(document.body[:200_000]):
            if len(missing) < MISSING_LIMIT:
                missing.setdefault(match[1] or match[2], document)
    if not missing:
        return []
    tokens: set[str] = set()
    for document in documents:
        if len(tokens) < TOKEN_LIMIT:
            tokens.update(_TOKEN.findall(document.body[:100_000]))
    findings = []
    for name, document in missing.items():
        near = sorted(t for t in tokens if t != name and _one_off(t, name))[:1]
        findings += [
            Finding(
                statement=f"{name} is not found, while {token} exists: the name is one letter off.",
                exhibit_ids=[document.exhibit.id],
                quote=quotable(name),
                fault=choose_fault("configuration", case.faults),
                weight=0.88,
                sense="records",
            )
            for token in near
        ]
    return findings


def _one_off(a: str, b: str) -> bool:
    """Whether one insertion, deletion or substitution turns one into the other."""
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 5:
        return False
    short, long = sorted((a, b), key=len)
    at = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]
