"""Quotes the reporter's plan and entitlements beside an answer, where the question asks about them.

The knowledge says what a plan holds; which plan they have, only their record says. It is quoted and
never decides: whether it answers the question is not for rules to say.
"""

from collections.abc import Iterator

from mendwheel.agents.agent import Brief
from mendwheel.agents.outputs import Answer, CitedClaim
from mendwheel.domain.evidence import CUSTOMER
from mendwheel.knowledge.conversation import read
from mendwheel.knowledge.terms import terms

PLAN = frozenset(
    terms("plan tier subscription license licence entitlement entitled edition quota seat")
)
"""What people call what they pay for."""
HAVE = frozenset(terms("include included allowed available access eligible enabled upgrade limit"))
"""Asked together with something of their record, these ask whether they have it."""
ROOM = 300
"""Characters of a record beside an answer."""
_LEAD = "The customer's record: "


def with_record(said: Answer, brief: Brief) -> Answer:
    """`said` with what the record tells of the question behind its first claim, cited."""
    conversation = read(brief.report, brief.information)
    asked = set(terms(" ".join(conversation.questions) or conversation.question))
    for item in brief.evidence:
        if item.media != CUSTOMER:
            continue
        told = list(dict.fromkeys(_told(item.text, asked)))
        while told and len(_LEAD + "; ".join(told)) > ROOM:
            told.pop()
        if told:
            claim = CitedClaim(text=_LEAD + "; ".join(told), evidence_ids=[item.id])
            claims = [*said.claims[:1], claim, *said.claims[1:]]
            return said.model_copy(update={"claims": claims})
    return said


def _told(record: str, asked: set[str]) -> Iterator[str]:
    """The lines of a record that a question asks about."""
    for line in record.splitlines():
        name, there, value = line.partition(": ")
        if not there:
            continue
        called = set(terms(name.replace(".", " ")))
        one_of_it = any(part <= asked for each in value.split(",") if (part := set(terms(each))))
        if (
            called & asked
            or (asked & PLAN and called & PLAN)
            or (one_of_it and asked & (PLAN | HAVE))
        ):
            yield line
