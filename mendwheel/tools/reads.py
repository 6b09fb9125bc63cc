"""Built-in reads of the store: knowledge and past cases."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from mendwheel.domain.access import may_read
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.knowledge import Case, CaseMatch, Passage
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import Cases, Knowledge

BUILT_IN = ("knowledge", "runbooks", "cases", "exhibits")
"""Names of the suite's own reads."""
PASSAGES = 8
CASE_TEXT = 4000


class LabelledRead(ABC):
    """Looks where not everybody may: told which labels may be read, or none."""

    name: str
    of_the_store = True

    @abstractmethod
    def look(
        self, ticket: Ticket, report: Report, query: str, labels: Sequence[str] = ()
    ) -> list[Evidence]:
        """What everybody with `labels` may see. Raises StoreUnavailable."""


class KnowledgeRead(LabelledRead):
    """Passages of documents that fit a query."""

    name = "knowledge"

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def look(
        self, ticket: Ticket, report: Report, query: str, labels: Sequence[str] = ()
    ) -> list[Evidence]:
        found = self._knowledge.search(
            ticket.tenant, query, labels=labels, product=report.product, limit=PASSAGES
        )
        return [as_evidence(passage, EvidenceKind.PASSAGE) for passage in found]


class RunbooksRead(LabelledRead):
    """One passage a document, from documents that say what to do about something broken."""

    name = "runbooks"

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def look(
        self, ticket: Ticket, report: Report, query: str, labels: Sequence[str] = ()
    ) -> list[Evidence]:
        kinds = ["runbook"]
        found = self._knowledge.search(
            ticket.tenant, query, labels=labels, kinds=kinds, limit=PASSAGES
        )
        if not found:
            # A knowledge base that does not mark its runbooks: any document may be one.
            found = self._knowledge.search(
                ticket.tenant, query, labels=labels, product=report.product, limit=PASSAGES
            )
        return [
            as_evidence(passage, EvidenceKind.RUNBOOK).model_copy(update={"media": passage.kind})
            for passage in found
        ]


class CasesRead(LabelledRead):
    """Past tickets like this one, with what came of them."""

    name = "cases"

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def look(
        self, ticket: Ticket, report: Report, query: str, labels: Sequence[str] = ()
    ) -> list[Evidence]:
        found = self._cases.similar(as_case(ticket, report), limit=3)
        return as_evidence_of_cases(found, labels)


def as_evidence_of_cases(matches: list[CaseMatch], labels: Sequence[str] = ()) -> list[Evidence]:
    """Past tickets that came to something: not our own guesses, which would prove themselves.

    The three most alike, and the most alike one that is proven; none whose resolution rests on
    documents that may not be read with `labels`.
    """
    cited = [
        match
        for match in matches
        if match.case.resolution and not match.case.unproven
        if may_read(labels, match.case.labels)
    ]
    chosen = cited[:3]
    if not any(match.case.proven for match in chosen):
        chosen += [match for match in cited[3:] if match.case.proven][:1]
    return [
        Evidence(
            kind=EvidenceKind.CASE,
            title=match.case.title,
            source=match.case.ticket_id,
            text=match.case.resolution,
            component=match.case.component,
            score=match.similarity,
            labels=match.case.labels,
            proven=match.case.proven,
        )
        for match in chosen
    ]


def as_case(ticket: Ticket, report: Report) -> Case:
    """A ticket as others may recall it."""
    return Case(
        ticket_id=ticket.id,
        tenant=ticket.tenant,
        title=ticket.title,
        text=f"{report.title}\n{report.body}"[:CASE_TEXT],
        reporter=ticket.reporter,
        component=ticket.component,
        opened_at=ticket.opened_at,
        head=ticket,
    )


def as_evidence(passage: Passage, kind: EvidenceKind) -> Evidence:
    heading = f" › {passage.heading}" if passage.heading else ""
    return Evidence(
        kind=kind,
        title=f"{passage.title}{heading}"[:200],
        source=passage.document_id,
        text=passage.text,
        url=passage.url,
        component=passage.component,
        remedy=passage.remedy,
        score=passage.score,
        cosine=passage.cosine,
        confidence=passage.coverage,
        copies=passage.copies,
        labels=[passage.labels] if passage.labels else [],
    )
