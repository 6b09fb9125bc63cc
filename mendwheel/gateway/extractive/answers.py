"""The consultant without a language model: quotes what was found, or says it is not there.

Nothing is worded here but "Yes." and "No.", and these only where a quoted sentence says so.
"""

import math
from collections.abc import Sequence

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer, CitedClaim
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.ticket import Report
from mendwheel.knowledge.conversation import Conversation, read
from mendwheel.knowledge.polarity import asks_yes_or_no, is_negated
from mendwheel.knowledge.quote import Quote, Source, quotes
from mendwheel.knowledge.terms import terms
from mendwheel.knowledge.units import units

BUDGETS = (700, 400, 300)
"""Characters quoted from the first, second and third passage; with "Yes." under 1,450 in all."""
BACKGROUND = 0.6
"""How much a word said before the question counts, against one of the question."""
REPLY = 200
"""Characters of our own last reply that belong to the background."""
YES_NO = 0.4
"""Share of the question's terms a sentence must hold before its polarity answers the question."""
VAGUE = 3
"""A question with fewer terms than this is asked back when nothing clear was found."""
SAME_CASE = 0.9
"""Similarity from which a past ticket asked the same thing."""
_REPEAT = 3
"""The question is repeated in a query, so that it outweighs its background."""


def retrieval_query(report: Report, information: Sequence[str] = ()) -> str:
    """What to search for: the open question foremost, then what it may lean on."""
    conversation = read(report, information)
    if not conversation.background and report.body.strip():
        return "\n".join([report.title, report.title, conversation.question])
    return "\n".join([*[conversation.question] * _REPEAT, *_background(conversation)])


def answer(brief: Brief, minimum: float) -> Answer:
    """The best quotes for the open question, each with the evidence it was taken from.

    Under `minimum` confidence (0..1) the stance is UNKNOWN, or CLARIFY where the question is too
    vague to search for; what was found is handed over all the same.
    """
    conversation = read(brief.report, brief.information)
    found = _quotable(brief.evidence)
    if not found:
        return _not_found(conversation, [], [], 0.0)
    sources = [Source(item.id, item.title, item.text) for item in found]
    chosen = quotes(_asked(conversation), sources, BUDGETS)
    claims = _claims(conversation.question, chosen)
    confidence = _confidence(conversation, found)
    if confidence < minimum:
        return _not_found(conversation, found, claims, confidence)
    return Answer(stance=Stance.ANSWER, claims=claims, confidence=confidence)


def _quotable(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Passages as they were ranked. A past answer goes first only when its ticket was the same:
    otherwise one wrong answer would be quoted for ever.
    """
    filled = [item for item in evidence if item.text.strip()]
    passages = [item for item in filled if item.kind is EvidenceKind.PASSAGE]
    cases = [item for item in filled if item.kind is EvidenceKind.CASE]
    same = [item for item in cases if item.score >= SAME_CASE]
    return [*same, *passages, *(item for item in cases if item not in same)]


def _background(conversation: Conversation) -> list[str]:
    """The asker's words before the question, and the beginning of our reply to them."""
    before = conversation.background
    asked = [turn.text for turn in before if turn.by_asker]
    replied = [turn.text[:REPLY] for turn in before if not turn.by_asker]
    return asked[:1] + replied[:1]


def _asked(conversation: Conversation) -> dict[str, float]:
    weights = {term: BACKGROUND for text in _background(conversation) for term in terms(text)}
    return weights | dict.fromkeys(terms(conversation.question), 1.0)


def _claims(question: str, chosen: Sequence[Quote]) -> list[CitedClaim]:
    claims: list[CitedClaim] = []
    said: set[str] = set()
    for quote in chosen:
        lines = [line for line in quote.text.split("\n") if line not in said or len(line) < 4]
        said.update(lines)
        if text := "\n".join(lines).strip():
            claims.append(CitedClaim(text=text, evidence_ids=[quote.source]))
    if claims and (word := _yes_or_no(question, chosen)):
        claims[0].text = f"{word} {claims[0].text}"
    return claims


def _yes_or_no(question: str, chosen: Sequence[Quote]) -> str:
    """What the first quote's most telling sentence says to a yes-or-no question, if anything."""
    asked = set(terms(question))
    if not asked or not asks_yes_or_no(question):
        return ""
    best = chosen[0].best
    if len(asked & set(terms(best))) / len(asked) < YES_NO:
        return ""
    return "No." if is_negated(best) != is_negated(question) else "Yes."


def _confidence(conversation: Conversation, found: Sequence[Evidence]) -> float:
    """How likely the quotes answer the question: a logistic fit on labelled tickets.

    It looks at how much of the question the passages cover, how much one sentence covers, how far
    the first document stands out, and how much was asked at all.
    """
    asked = set(terms(conversation.question))
    if not asked:
        return 0.0
    covered = _share(asked, " ".join(f"{item.title} {item.text}" for item in found[:1]))
    stated = found[0].confidence if found[0].confidence is not None else covered
    sentence = max(_share(asked, unit) for item in found[:4] for unit in units(item.text))
    score = (
        -4.6
        + 1.2 * stated
        + 1.6 * sentence
        + 0.85 * _prominence(found)
        + 0.8 * math.log(1 + len(asked))
    )
    return round(1 / (1 + math.exp(-score)), 3)


def _share(asked: set[str], text: str) -> float:
    return len(asked & set(terms(text))) / len(asked)


def _prominence(found: Sequence[Evidence]) -> float:
    """The first document's score against the average of the first five; 1 when unscored."""
    best: dict[str, float] = {}
    for item in found:
        best[item.source] = max(best.get(item.source, 0.0), item.score)
    scores = list(best.values())[:5]
    return scores[0] / (sum(scores) / len(scores)) if sum(scores) > 0 else 1.0


def _not_found(
    conversation: Conversation,
    found: Sequence[Evidence],
    claims: list[CitedClaim],
    confidence: float,
) -> Answer:
    """Asks back where the words of the question name no topic, and hands over otherwise."""
    vague = len(set(terms(conversation.question))) < VAGUE
    if not vague and not (conversation.points and not conversation.background):
        return Answer(stance=Stance.UNKNOWN, claims=claims, confidence=confidence)
    titles = list(dict.fromkeys(item.title.split(" › ")[0].strip()[:80] for item in found))[:3]
    question = "Could you say which product, feature or error this is about?"
    if len(titles) > 1:
        question = f"Which of these do you mean: {'; '.join(titles)}; or something else?"
    return Answer(stance=Stance.CLARIFY, claims=claims, questions=[question], confidence=confidence)
