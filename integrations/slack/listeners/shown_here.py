"""How a ticket ended, as far as it may be told where it is asked."""

from pydantic import ValidationError

from mendwheel.domain.access import without_findings
from mendwheel.domain.evidence import Dossier
from mendwheel.domain.outcome import Outcome
from mendwheel.integrations.edge import Edge


def ended_here(edge: Edge, ticket: str, place: str) -> Outcome | None:
    """The last outcome on record. Anybody of a tenant may ask for it, from any channel."""
    outcome = edge.stores.outcomes.latest(ticket)
    return None if outcome is None else shown_here(edge, outcome, place)


def shown_here(edge: Edge, outcome: Outcome, place: str) -> Outcome:
    """`outcome`, without what was found where that rests on documents not to be read at `place`.

    What it rests on may have been forgotten: then nobody can tell any more, and it stays hidden.
    """
    if outcome.dossier is None:
        return outcome
    try:
        dossier = Dossier.model_validate_json(edge.stores.artifacts.get(outcome.dossier))
    except (LookupError, ValidationError):
        return without_findings(outcome)
    shows = edge.settings.access.shows(dossier, outcome.dossier.tenant, place)
    return outcome if shows else without_findings(outcome)
