"""Five investigators side by side, then the confrontation of the causes that they propose."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from mendwheel.contracts.investigating import (
    ConfrontRequest,
    InvestigateRequest,
    InvestigatingStub,
)
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.state import TicketState
from mendwheel.domain.ticket import Ticket
from mendwheel.workflows.local import local

INVESTIGATORS = ["metrics", "graph", "changes", "logs", "knowledge"]


async def hear(ticket: Ticket, state: TicketState) -> list[str]:
    """Grow the dossier by what all of them found. Returns the names of those who failed."""
    found = await asyncio.gather(*(_heard(name, ticket, state) for name in INVESTIGATORS))
    unheard = [name for name, ref in zip(INVESTIGATORS, found, strict=True) if ref is None]
    state.dossier = await local(
        InvestigatingStub.confront,
        ConfrontRequest(
            ticket=ticket,
            dossier=state.dossier,
            found=[ref for ref in found if ref is not None],
            unheard=unheard,
            information=state.information,
        ),
        "confront the proposed causes",
    )
    return unheard


async def _heard(name: str, ticket: Ticket, state: TicketState) -> ArtifactRef | None:
    try:
        return await local(
            InvestigatingStub.investigate,
            InvestigateRequest(
                ticket=ticket,
                investigator=name,
                dossier=state.dossier,
                information=state.information,
                places=state.places,
            ),
            f"causes by {name}",
        )
    except (ActivityError, ApplicationError) as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("the investigator of %s failed: %s", name, error)
        return None
