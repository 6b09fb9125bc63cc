"""Finds the labelled tickets nearest to a new one, among those whose label was known by then."""

from mendwheel.agents.precedent import Precedent
from mendwheel.domain.knowledge import Case
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import Cases
from mendwheel.security.redaction import redact_beginning
from mendwheel.tools.reads import CASE_TEXT, as_case

NEAREST = 16
TEXT = 400


def precedents(cases: Cases, ticket: Ticket, report: Report) -> list[Precedent]:
    """The nearest first. Raises StoreUnavailable."""
    found = cases.similar(as_case(ticket, for_others(report)), limit=NEAREST)
    return [
        Precedent(
            text=match.case.text[:TEXT],
            kind=match.case.kind,
            component=match.case.component,
            similarity=match.similarity,
        )
        for match in found
        if _labelled(match.case, ticket)
    ]


def for_others(report: Report) -> Report:
    """The words of a report as other tickets may recall them: without the secrets in it."""
    return report.model_copy(
        update={
            "title": redact_beginning(report.title, CASE_TEXT),
            "body": redact_beginning(report.body, CASE_TEXT),
        }
    )


def _labelled(case: Case, ticket: Ticket) -> bool:
    """Closed before the ticket came, so that a look back learns nothing from what came later."""
    known = case.closed_at is None or case.closed_at <= ticket.opened_at
    says = case.kind is not None or case.component is not None
    return not case.open and known and says and not case.unproven
