"""From an agent's output to the small typed result that history keeps."""

from pydantic import BaseModel

from mendwheel.activities.believed import Believed, telling
from mendwheel.activities.briefs import Texts
from mendwheel.activities.noted import diagnosis_noted, triage_noted
from mendwheel.agents.agent import Agent
from mendwheel.agents.citations import check, check_rejected, founded
from mendwheel.agents.outputs import Answer, Cause, CitedClaim, Found, Proposal, Review
from mendwheel.agents.permissions import Permissions
from mendwheel.agents.rivals import doubts, rejected
from mendwheel.contracts.thinking import ThinkRequest, Thought, ToolUse
from mendwheel.domain.diagnosis import (
    Claim,
    Diagnosis,
    DiagnosisNote,
    ReviewNote,
    ReviewVerdict,
    Stance,
    Triage,
)
from mendwheel.domain.evidence import ArtifactRef, Dossier, EvidenceKind, by_words
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.domain.remedy import Plan
from mendwheel.security.redaction import redact, without_secrets
from mendwheel.tools.registry import BadArguments, Registry, UnknownTool

UNCONVINCED = "the reviewer was not convinced and gave no reason"
"""An objection, so that a second round always knows that it is one."""


class Results:
    """Keeps what an agent said and notes what matters of it."""

    def __init__(
        self, texts: Texts, registry: Registry, permissions: Permissions | None = None
    ) -> None:
        self._texts = texts
        self._registry = registry
        self._permissions = permissions or Permissions()

    def thought(
        self, agent: Agent, request: ThinkRequest, output: BaseModel, engine: str
    ) -> Thought:
        """The typed result of one call. Reads asked for come back as `uses`, if it has them."""
        if isinstance(output, Triage):
            return Thought(triage=triage_noted(output), engine=engine)
        if isinstance(output, Review):
            return Thought(review=self._review(request, output), engine=engine)
        if isinstance(output, Proposal):
            return Thought(plan=self._plan(output), engine=engine)
        assert isinstance(output, Answer | Cause), type(output)
        uses = [
            ToolUse(tool=call.tool, query=self._query(request, call.query))
            for call in output.calls
            if call.tool in agent.tools
        ]
        if uses and not request.last_turn:
            return Thought(uses=uses, engine=engine)
        return Thought(diagnosis=self._diagnosis(request, output, engine), engine=engine)

    def _query(self, request: ThinkRequest, words: str) -> ArtifactRef:
        """What was hidden from a model is not sent on to a system because it asks for that."""
        return self._texts.keep_text(request.ticket, without_secrets(words))

    def believed(self, request: ThinkRequest, output: Answer | Cause, engine: str) -> Believed:
        """The claims that count, with the ids that exist."""
        said = Diagnosis(
            stance=output.stance,
            claims=[Claim(**claim.model_dump()) for claim in output.claims],
            engine=engine,
        )
        kept = [
            CitedClaim(text=claim.text, evidence_ids=claim.evidence_ids, quote=claim.quote)
            for claim in self._checked(request, said)[0]
        ]
        there = {item.id for item in self._dossier(request).evidence}
        cited = [there & set(claim.evidence_ids) for claim in output.claims]
        return Believed(telling(kept, self._told(request)), made_up=not kept and not all(cited))

    def _diagnosis(
        self, request: ThinkRequest, output: Answer | Cause, engine: str
    ) -> DiagnosisNote:
        dossier = self._dossier(request)
        claims = [
            Claim(
                text=claim.text,
                evidence_ids=claim.evidence_ids,
                quote=claim.quote,
                by_code=isinstance(claim, Found),
            )
            for claim in output.claims
        ]
        cause = output if isinstance(output, Cause) else None
        diagnosis = Diagnosis(
            stance=output.stance,
            claims=claims,
            component=cause.component if cause else None,
            fault=cause.fault if cause else None,
            rejected=rejected(dossier, cause.stance, cause.component, cause.fault) if cause else [],
            doubts=doubts(dossier, cause.component, cause.fault) if cause else [],
            questions=output.questions if isinstance(output, Answer) else [],
            documents=_sources(dossier, claims, EvidenceKind.PASSAGE),
            runbooks=_sources(dossier, claims, EvidenceKind.RUNBOOK),
            confidence=output.confidence,
            engine=engine,
            by_words=isinstance(output, Answer) and by_words(dossier.evidence),
            # Kept, so that the reviewer of the second round knows that there is no third.
            objections=self._objections(request),
        )
        return self._note(request, diagnosis)

    def _dossier(self, request: ThinkRequest) -> Dossier:
        """As far as the agent sees it: nothing else supports what it says."""
        return self._permissions.dossier(request.agent, self._texts.dossier(request.dossier))

    def _objections(self, request: ThinkRequest) -> list[str]:
        """What was held against the diagnosis that this one replaces."""
        before = request.diagnosis
        return self._texts.diagnosis(before.ref).objections if before else []

    def _note(self, request: ThinkRequest, diagnosis: Diagnosis) -> DiagnosisNote:
        return diagnosis_noted(self._texts.keep(request.ticket, diagnosis), diagnosis)

    def _review(self, request: ThinkRequest, output: Review) -> ReviewNote:
        """The citation check in code, then the reviewer's own objections. What fails is dropped."""
        assert request.diagnosis is not None
        diagnosis = self._texts.diagnosis(request.diagnosis.ref)
        rejected = {claim.claim for claim in output.claims if not claim.supported}
        objected = [claim.objection for claim in output.claims if not claim.supported]
        trusted = diagnosis.model_copy(
            update={
                "claims": [
                    claim for number, claim in enumerate(diagnosis.claims) if number not in rejected
                ]
            }
        )
        kept, unsupported = self._checked(request, trusted)
        dossier = self._texts.dossier(request.dossier)
        rivals, unfounded = check_rejected(diagnosis.rejected, dossier)
        dropped = len(diagnosis.claims) - len(kept)
        verdict = _verdict(output, diagnosis, kept, again=bool(diagnosis.objections))
        objections = [*filter(None, objected), *unsupported, *unfounded]
        if verdict is ReviewVerdict.REVISE and not objections:
            objections = [UNCONVINCED]
        checked = diagnosis.model_copy(
            update={
                "claims": kept,
                "rejected": rivals,
                "doubts": founded(diagnosis.doubts, dossier),
                "objections": objections,
                "confidence": diagnosis.confidence * _share(len(kept), len(diagnosis.claims)),
            }
        )
        same = checked == diagnosis  # mostly nothing is dropped: then nothing is written either
        return ReviewNote(
            verdict=verdict,
            diagnosis=request.diagnosis if same else self._note(request, checked),
            dropped=dropped,
            objections=len(checked.objections),
        )

    def _checked(
        self, request: ThinkRequest, diagnosis: Diagnosis
    ) -> tuple[list[Claim], list[str]]:
        """The check in code. A model has read exhibits in full, so they are held to it in full."""
        dossier = self._dossier(request)
        if diagnosis.engine == EXTRACTIVE:
            return check(diagnosis, dossier)
        rest = [item for item in dossier.evidence if item.kind is not EvidenceKind.EXHIBIT]
        whole = Dossier(evidence=[*rest, *self._texts.exhibits(dossier)])
        return check(diagnosis, whole, asked=self._told(request))

    def _told(self, request: ThinkRequest) -> str:
        """What the reporter wrote, then and since."""
        report = self._texts.report(request.ticket)
        added = self._texts.information(request.information)
        return "\n".join([report.title, report.body, *added])

    def _plan(self, proposal: Proposal) -> Plan:
        if not proposal.tool:
            return Plan(reason=redact(proposal.reason))
        try:
            remedy = self._registry.resolve(
                proposal.tool,
                {argument.name: argument.value for argument in proposal.arguments},
                expected=redact(proposal.expected),
            )
        except (UnknownTool, BadArguments) as error:
            # Whoever named it named nothing that exists: fail closed, a human takes over.
            return Plan(reason=redact(str(error))[:300])
        return Plan(remedy=remedy, reason=redact(proposal.reason))


def _verdict(
    output: Review, diagnosis: Diagnosis, kept: list[Claim], *, again: bool
) -> ReviewVerdict:
    if diagnosis.stance in (Stance.UNKNOWN, Stance.CLARIFY):
        return output.verdict if diagnosis.stance is Stance.CLARIFY else ReviewVerdict.ABSTAIN
    if not kept or output.verdict is ReviewVerdict.ABSTAIN:
        # A model may do better with the objections; the extractive engine would say the same.
        worth_it = not again and diagnosis.engine != EXTRACTIVE
        return ReviewVerdict.REVISE if worth_it else ReviewVerdict.ABSTAIN
    if output.verdict is ReviewVerdict.REVISE and again:
        return ReviewVerdict.ACCEPT
    return output.verdict


def _share(kept: int, all_claims: int) -> float:
    return kept / all_claims if all_claims else 1.0


def _sources(dossier: Dossier, claims: list[Claim], kind: EvidenceKind) -> list[str]:
    """Documents, the cited ones first in the order of citation, then the rest as found."""
    by_id = {item.id: (item.source, *item.copies) for item in dossier.of(kind)}
    cited = [by_id[name] for claim in claims for name in claim.evidence_ids if name in by_id]
    return list(dict.fromkeys(name for each in (*cited, *by_id.values()) for name in each))[:10]
