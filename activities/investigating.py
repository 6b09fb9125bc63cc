"""Hears five investigators, and confronts what they propose; one who fails costs a line."""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from temporalio import activity

from mendwheel.activities.bounded import Bounded
from mendwheel.activities.briefs import Texts
from mendwheel.activities.establishing import against, confronted, investigated, merged
from mendwheel.activities.reading import Reads
from mendwheel.agents.agent import Brief
from mendwheel.contracts.investigating import (
    ConfrontRequest,
    InvestigateRequest,
    InvestigatingStub,
)
from mendwheel.domain.access import Access
from mendwheel.domain.evidence import ArtifactRef, Dossier, Evidence, EvidenceKind
from mendwheel.gateway.extractive.answers import retrieval_query
from mendwheel.ports import Artifacts, Sense

Found = TypeVar("Found")

WITHIN = 20.0
"""Seconds for one investigator; the activity around it has 30."""
RUNBOOKS = "runbooks"
"""The read that the investigator of knowledge asks."""


class Investigating(InvestigatingStub):
    """Holds the reads, and which investigators are still busy with an earlier ticket."""

    def __init__(self, artifacts: Artifacts, reads: Mapping[str, Sense], *, access: Access) -> None:
        self._texts = Texts(artifacts)
        self._reads = Reads(reads, self._texts)
        self._calls = Bounded()
        self._access = access

    @activity.defn(name="mendwheel.investigate", no_thread_cancel_exception=True)
    def investigate(self, request: InvestigateRequest) -> ArtifactRef:
        name, brief = request.investigator, self._brief(request)
        if name == "knowledge":
            brief.evidence += self._runbooks(request, brief)
        found, why = self._heard(name, lambda: investigated(name, brief))
        return self._texts.keep(request.ticket, found or Dossier(evidence=[unheard(name, why)]))

    @activity.defn(name="mendwheel.confront", no_thread_cancel_exception=True)
    def confront(self, request: ConfrontRequest) -> ArtifactRef:
        dossier, brief = self._texts.dossier(request.dossier), self._brief(request)
        merged(dossier, [self._texts.dossier(ref) for ref in request.found])
        dossier.add([unheard(name, "failed") for name in request.unheard])
        seen = dossier.model_copy(deep=True)
        evidence, why = self._heard("confrontation", lambda: against(seen, brief))
        confronted(dossier, evidence or [])
        if evidence is None:
            dossier.add([unheard("confrontation", why)])
        return self._texts.keep(request.ticket, dossier)

    def _runbooks(self, request: InvestigateRequest, brief: Brief) -> list[Evidence]:
        """Those that everybody may read who follows the ticket: what is found is shown to all."""
        ticket = request.ticket
        query = retrieval_query(brief.report, brief.information)
        labels = self._access.labels(ticket.tenant, [ticket.place, *request.places])
        found = self._reads.look(ticket, brief.report, [(RUNBOOKS, query)], labels)
        return [item.model_copy(update={"read": RUNBOOKS}) for item in found]

    def _brief(self, request: InvestigateRequest | ConfrontRequest) -> Brief:
        return Brief(
            report=self._texts.report(request.ticket),
            information=self._texts.information(request.information),
            evidence=self._texts.exhibits(self._texts.dossier(request.dossier)),
        )

    def _heard(self, name: str, call: Callable[[], Found]) -> tuple[Found | None, str]:
        """What the call returns, or None and why it returned nothing."""
        said: list[Found] = []
        under_way = self._calls.start(name, lambda: said.append(call()))
        if under_way is None:
            return None, "still hangs in an earlier ticket"
        began = time.monotonic()
        try:
            under_way.result(WITHIN)
        except Exception as error:  # evidence is anybody's text, and rules may stumble over it
            if not under_way.done():
                self._calls.leave_behind(name, under_way)
                return None, f"did not answer within {time.monotonic() - began:.0f} s"
            return None, f"failed ({type(error).__name__})"
        return said[0], ""


def unheard(name: str, why: str) -> Evidence:
    """That nobody looked is worth a line: silence would read as health."""
    return Evidence(
        kind=EvidenceKind.READING,
        title=f"the investigator of {name} could not be heard",
        source=name,
        text=why,
    )
