"""The consultant without a language model: quotes what was found, or says it is not there.

Nothing is worded here but "Yes." and "No.", and these only where a quoted sentence says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer, CitedClaim
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.confidence import confidence, held
from mendwheel.knowledge.conversation import Conversation, read
from mendwheel.knowledge.cover import cover
from mendwheel.knowledge.polarity import asks_yes_or_no, is_negated, sentences
from mendwheel.knowledge.quote import Found, Quote, Source
from mendwheel.knowledge.terms import terms

SHORT, LONG = 590, 1_440
"""Characters of all quotes, for a question by itself and for one in a conversation: who has read
replies and still asks, asks about more than one sentence can say. "Yes." comes in front.
"""
REPLY = 200
"""Characters of our own last reply that belong to the background."""
YES_NO = 0.5
"""Share of the question's terms a sentence must hold before its polarity answers the question."""
VAGUE = 3
"""A question with fewer terms than this is asked back when nothing clear was found."""
SAME_CASE = 0.9
"""Similarity from which a past ticket asked the same thing."""
FALL = 0.2
"""How fast standing falls with the place in a ranking by words and meaning, in a conversation."""
_REPEAT = 3
"""The question is repeated in a query, so that it outweighs its background."""


def retrieval_query(report: Report, information: Sequence[str] = ()) -> str:
    """What to search for: the open question foremost, then what it may lean on."""
    conversation = read(report, information)
    if not conversation.background and report.body.strip():
        return "\n".join([report.title, report.title, conversation.question])
    # The question leads every line, so that it outweighs its background in words and in meaning.
    question = " ".join(conversation.question.split())
    lines = [question, *(f"{question} {before}" for before in _background(conversation))]
    return "\n".join([*lines, *[question] * (_REPEAT - len(lines))])


@dataclass(frozen=True)
class Considered:
    """What there is to say to the open question, before it is decided whether to say it."""

    conversation: Conversation
    questions: list[set[str]]
    found: list[Evidence]
    picked: Found

    @property
    def goes_on(self) -> bool:
        """Whether the question goes on with a conversation."""
        return bool(self.conversation.background)

    @property
    def own_case(self) -> bool:
        """Whether a conversation has come to a yes or no, which is about the asker's own case."""
        return self.goes_on and asks_yes_or_no(self.conversation.questions[0])

    def confidence(self) -> float:
        """0..1: how likely the quotes answer the question."""
        return confidence(
            self.questions, self.found, self.picked, own_case=self.own_case, goes_on=self.goes_on
        )


def consider(brief: Brief) -> Considered:
    """The best quotes for the open question; none where nothing was found."""
    conversation = read(brief.report, brief.information)
    found = _quotable(brief.evidence)
    goes_on = bool(conversation.background)
    sources = [
        Source(item.id, item.title, item.text, standing)
        for item, standing in zip(found, _standings(found, FALL if goes_on else 0.0), strict=True)
    ]
    questions = _questions(conversation)
    picked = cover(questions, sources, LONG if goes_on else SHORT, goes_on=goes_on)
    return Considered(conversation, questions, found, picked)


def answer(brief: Brief, minimum: float) -> Answer:
    """The best quotes for the open question, each with the evidence it was taken from.

    Under `minimum` confidence (0..1) the stance is UNKNOWN, or CLARIFY where the question is too
    vague to search for; what was found is handed over all the same.
    """
    case = consider(brief)
    conversation, found, picked = case.conversation, case.found, case.picked
    if not found:
        return _not_found(conversation, [], [], 0.0)
    quotes, verdict = picked.quotes, ""
    decides = len(case.questions) == 1 and asks_yes_or_no(conversation.questions[0])
    if decides and picked.closest:
        verdict = _yes_or_no(conversation.questions[0], picked.closest.text)
        budget = LONG if conversation.background else SHORT
        quotes = _led(picked.closest, quotes, budget) if verdict else quotes
    claims = _claims(quotes, verdict)
    sure = case.confidence()
    if sure < minimum:
        return _not_found(conversation, found, claims, sure)
    return Answer(stance=Stance.ANSWER, claims=claims, confidence=sure)


def _quotable(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Passages as they were ranked. A past answer goes before them only when the same was asked:
    otherwise one wrong answer would be quoted for ever. Of another question it is quoted only where
    there is no passage: it tells of somebody else's case.
    """
    filled = [item for item in evidence if item.text.strip()]
    passages = [item for item in filled if item.kind is EvidenceKind.PASSAGE]
    cases = [item for item in filled if item.kind is EvidenceKind.CASE]
    same = [item for item in cases if item.score >= SAME_CASE]
    return [*same, *passages] or cases


def _standings(found: Sequence[Evidence], fall: float) -> list[float]:
    """0..1 each: a passage by its score against the best one, a past case by its own likeness.

    A score counts words alone, those of the background too. Where meaning was compared the ranking
    knows more: standing falls by `fall` with each place in it.
    """
    passages = [item.score for item in found if item.kind is EvidenceKind.PASSAGE]
    highest = max(passages, default=0.0) or 1.0
    return [
        item.score or 0.5
        if item.kind is EvidenceKind.CASE
        else min((item.score / highest) or 0.5, 1.0 if item.cosine is None else 1 / (1 + fall * at))
        for at, item in enumerate(found)
    ]


def _background(conversation: Conversation) -> list[str]:
    """The asker's words before the question, and the beginning of our reply to them."""
    before = conversation.background
    asked = [turn.text for turn in before if turn.by_asker]
    replied = [turn.text[:REPLY] for turn in before if not turn.by_asker]
    return asked[:1] + replied[:1]


def _questions(conversation: Conversation) -> list[set[str]]:
    """The terms of each question; those of the whole text where no question has enough of them."""
    each = [set(terms(text)) for text in conversation.questions]
    return [asked for asked in each if len(asked) >= VAGUE] or [set(terms(conversation.question))]


def _claims(quotes: Sequence[Quote], verdict: str) -> list[CitedClaim]:
    claims = [
        CitedClaim(text=quote.text, evidence_ids=[quote.source])
        for quote in quotes
        if quote.text.strip()
    ]
    if claims and verdict:
        claims[0].text = f"{verdict} {claims[0].text}"
    return claims


def _led(lead: Quote, quotes: Sequence[Quote], budget: int) -> list[Quote]:
    """`quotes`, beginning with what says yes or no: "Yes." speaks of what follows it."""
    holding = [quote for quote in quotes if lead.text in quote.text]
    if holding:
        rest = holding[0].text.replace(lead.text, "", 1).strip("\n")
        others = [quote for quote in quotes if quote is not holding[0]]
        return [lead, *([Quote(lead.source, rest)] if rest else []), *others]
    left = budget - len(lead.text) - 2
    fitting: list[Quote] = []
    for quote in quotes:
        if len(quote.text) <= left:
            fitting.append(quote)
            left -= len(quote.text) + 2
    return [lead, *fitting] if len(lead.text) <= budget // 2 else list(quotes)


def _yes_or_no(question: str, closest: str) -> str:
    """ "Yes." or "No." where one sentence of `closest` is clearly about `question`, else ""."""
    asked = [set(terms(question))]
    sentence = max(sentences(closest), key=lambda said: held(asked, said))
    if held(asked, sentence) < YES_NO:
        return ""
    return "No." if is_negated(sentence) != is_negated(question) else "Yes."


def _not_found(
    conversation: Conversation,
    found: Sequence[Evidence],
    claims: list[CitedClaim],
    confidence: float,
) -> Answer:
    """Asks back where the words of the question name no topic, and hands over otherwise."""
    said = len(set(terms(conversation.question)))
    unnamed = conversation.points and not conversation.background
    if said >= (2 * VAGUE if unnamed else VAGUE):
        return Answer(stance=Stance.UNKNOWN, claims=claims, confidence=confidence)
    titles = list(dict.fromkeys(item.title.split(" › ")[0].strip()[:80] for item in found))[:3]
    question = "Could you say which product, feature or error this is about?"
    if len(titles) > 1:
        question = f"Which of these do you mean: {'; '.join(titles)}; or something else?"
    return Answer(stance=Stance.CLARIFY, claims=claims, questions=[question], confidence=confidence)
