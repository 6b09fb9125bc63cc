"""The consultant's answer, weighed: newer sources before older ones, and conflicts are said."""

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer, CitedClaim
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.gateway.extractive.answers import LONG, SHORT, answer
from mendwheel.gateway.extractive.conflicts import Disagreement, disagreement
from mendwheel.gateway.extractive.stale import Fresh, freshest
from mendwheel.knowledge.conversation import read

_TITLE = 80


def consult(brief: Brief, minimum: float) -> Answer:
    """The answer from the freshest sources; where two of them disagree, what each says.

    The same of what is handed over because it may not answer: a human has to know it too.
    """
    conversation = read(brief.report, brief.information)
    question = conversation.question
    fresh = freshest(brief.evidence, question)
    said = answer(brief.model_copy(update={"evidence": fresh.evidence}), minimum)
    if not said.claims:
        return said  # asked back, or nothing was found
    passages = [item for item in fresh.evidence if item.kind is EvidenceKind.PASSAGE]
    conflict = disagreement(question, passages)
    if conflict is not None:
        room = LONG if conversation.background else SHORT
        said = _with_conflict(said, conflict, passages, room)
    return _with_age(said, fresh)


def _with_conflict(
    said: Answer, found: Disagreement, passages: list[Evidence], room: int
) -> Answer:
    """Both sides first, by the name of their documents; then the quotes that still fit."""
    titles = {item.id: _title(item) for item in passages}
    one, other = (titles[name] for name in found.ids)
    text = f"Sources disagree: “{found.one}” ({one}), but “{found.other}” ({other})."
    claims = [CitedClaim(text=text, evidence_ids=list(found.ids))]
    room -= len(text)
    for claim in said.claims:
        again = found.one in claim.text or found.other in claim.text
        if not again and len(claim.text) <= room:
            claims.append(claim)
            room -= len(claim.text)
    return said.model_copy(update={"claims": claims})


def _with_age(said: Answer, fresh: Fresh) -> Answer:
    """What a reader has to know about the age of what was quoted, after the first quote."""
    first = said.claims[0] if said.claims else None
    if first is None:
        return said
    note = ""
    if fresh.replaced is not None:
        old, new = fresh.replaced
        if new.source in {item.source for item in fresh.evidence if item.id in first.evidence_ids}:
            note = f"“{_title(new)}” is newer than “{_title(old)}” and was used instead."
    elif fresh.outdated is not None and fresh.outdated.id in first.evidence_ids:
        note = f"“{_title(fresh.outdated)}” says that it is out of date."
    if not note:
        return said
    changed = first.model_copy(update={"text": f"{first.text}\n\n{note}"[:1200]})
    return said.model_copy(update={"claims": [changed, *said.claims[1:]]})


def _title(item: Evidence) -> str:
    return item.title.split(" › ")[0].strip()[:_TITLE]
