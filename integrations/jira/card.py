"""A ticket's card as one comment in Markdown, what matters most first. Pure.

Texts of the card are data and escaped; only the diagnosis is Markdown.
"""

import json

from mendwheel.domain.approval import Approval
from mendwheel.domain.card import Card, CardEvidence, CardRemedy, Message, TaskState
from mendwheel.domain.place import JIRA
from mendwheel.integrations.jira.markdown import coded, escaped, fenced, linked
from mendwheel.integrations.jira.split import Share, split
from mendwheel.integrations.visible import visible

LONGEST_ARGUMENTS = 12_000
"""Characters; what somebody agrees to has to be readable in one comment."""

_MARKS = {  # all of them from Unicode's first plane: some databases under Jira know no other
    TaskState.PENDING: "▫",
    TaskState.IN_PROGRESS: "⏳",
    TaskState.COMPLETE: "✅",
    TaskState.ERROR: "❌",
}
_CUT = "_The rest did not fit into one comment._"


def card_markdown(card: Card, share: Share) -> str:
    """The progress comment; cut at a block where it would not fit into one."""
    sections = [
        f"**{escaped(card.headline) or escaped(card.phase.value)}**",
        _facts(card),
        _box("WARNING", escaped(card.problem)),
        _remedy(card.remedy) if card.remedy else "",
        question_box(card.approval) if card.approval and not card.final else "",
        f"Decided: {escaped(card.decided)}" if card.decided else "",
        _diagnosis(card),
        _tasks(card),
        _similar(card),
        " · ".join(linked(link.title, link.url) for link in card.links),
        f"_Engine: {escaped(card.engine)}_" if card.engine else "",
    ]
    first, *rest = split("\n\n".join(section for section in sections if section), share)
    return f"{first}\n\n{_CUT}" if rest else first


def message_markdown(message: Message) -> str:
    """A message as a comment, with the way to answer where one is wanted."""
    asked = message.approval
    if asked is None or f"/approve {asked.code}" in message.text:
        return message.text
    return f"{message.text}\n\n{_ways(asked)}"


def called(message: Message) -> list[str]:
    """Ids of the people of Jira that a message calls."""
    parts = [subject.partition(":") for subject in message.mention]
    return [id for system, _, id in parts if system == JIRA and id]


def question_box(asked: Approval) -> str:
    """The open question, who may answer it and how."""
    who = ", ".join(asked.approvers) or "nobody: name approvers in the policy"
    return _box(
        "IMPORTANT",
        f"**{escaped(asked.question)}**",
        f"Risk {asked.risk.value}. {asked.needed} of {escaped(who)} must agree; "
        f"{escaped(asked.requester)}, who asks, never decides alone. Without an answer by "
        f"{asked.expires_at:%Y-%m-%d %H:%M} UTC nothing is done.",
        _ways(asked),
    )


def _ways(asked: Approval) -> str:
    return (
        "Answer in a comment that begins with one of these:\n\n"
        f"- {coded(f'/approve {asked.code}')} to have it done\n"
        f"- {coded('/reject reason')} to have it left\n"
        f"- {coded('/more what to look at')} to have it looked into further\n"
        f"- {coded('/stop')} to take the ticket over"
    )


def _box(kind: str, *paragraphs: str) -> str:
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    if not text:
        return ""
    return f"> [!{kind}]\n" + "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _facts(card: Card) -> str:
    facts = [f"Phase: {card.phase.value.replace('_', ' ')}"]
    facts += [f"round {card.round}"] if card.round > 1 else []
    facts += [f"outcome: {card.outcome.value.replace('_', ' ')}"] if card.outcome else []
    facts += [card.kind.value] if card.kind else []
    facts += [f"severity {card.severity.value}"] if card.severity else []
    facts += [escaped(card.component)] if card.component else []
    return " · ".join(facts)


def _remedy(remedy: CardRemedy) -> str:
    arguments = visible(
        json.dumps(remedy.arguments, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    )
    head = f"### Remedy: {coded(remedy.tool)}\n\n"
    head += f"{escaped(remedy.standing)}; risk {remedy.risk.value}"
    head += f"; expected: {escaped(remedy.expected)}" if remedy.expected else ""
    if len(arguments) > LONGEST_ARGUMENTS:
        note = "its arguments are too long for a comment: read them at the run before you decide"
        return f"{head}\n\n{_box('CAUTION', note)}"
    return f"{head}\n\n{fenced(arguments, 'json')}"


def _diagnosis(card: Card) -> str:
    if not card.diagnosis.strip() and not card.evidence:
        return ""
    sure = f" ({card.confidence:.0%} sure)" if card.confidence else ""
    found = [f"### {escaped(card.found)}{sure}", card.diagnosis.strip()]
    found.append("\n".join(_evidence(item) for item in card.evidence))
    return "\n\n".join(part for part in found if part)


def _evidence(item: CardEvidence) -> str:
    source = f" — {escaped(item.source)}" if item.source else ""
    when = f", {item.window.told()}" if item.window else ""
    return f"- \\[{item.number}\\] {linked(item.title or item.source, item.url)}{source}{when}"


def _tasks(card: Card) -> str:
    if not card.tasks:
        return ""
    lines = [
        f"- {_MARKS[task.state]} {escaped(task.title)}"
        + (f": {escaped(task.detail)}" if task.detail else "")
        for task in card.tasks
    ]
    return "### Plan\n\n" + "\n".join(lines)


def _similar(card: Card) -> str:
    lines = [f"- {linked(item.title or item.source, item.url)}" for item in card.similar]
    return "### Tickets like this one\n\n" + "\n".join(lines) if lines else ""
