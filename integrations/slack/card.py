"""A ticket's card as Slack blocks. Pure: the same card is the same blocks."""

from mendwheel.domain.card import Card, CardEvidence, CardLink, CardTask, TaskState
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.blocks import (
    Block,
    context,
    flow,
    header,
    listing,
    section,
    thumbs,
    weight,
)
from mendwheel.integrations.slack.escape import bold, link, plain
from mendwheel.integrations.slack.feedback import feedback_value
from mendwheel.integrations.slack.limits import MESSAGE, TEXT, blank, clip
from mendwheel.integrations.slack.mrkdwn import parts, unread
from mendwheel.integrations.slack.people import person, with_people
from mendwheel.integrations.slack.question import (
    LONGEST_ID,
    all_shown,
    decision_buttons,
    question_blocks,
    remedy_blocks,
)
from mendwheel.integrations.slack.sheet import Sheet

_ICONS = {
    TaskState.PENDING: "⬜",
    TaskState.IN_PROGRESS: "⏳",
    TaskState.COMPLETE: "✅",
    TaskState.ERROR: "❌",
}
_HEAD, _PLAN, _DIAGNOSIS, _EVIDENCE, _SIMILAR, _REMEDY, _QUESTION, _FOOT = range(8)


def card_blocks(card: Card, room: int = MESSAGE) -> list[Block]:
    """All of the card that fits into `room` characters of JSON; what does not is counted.

    What people decide on comes first, then the plan, the diagnosis and what it rests on.
    """
    sheet = Sheet(room)
    sheet.put(_HEAD, _head(card))
    sheet.put(_FOOT, _foot(card))
    _decision(sheet, card)
    sheet.fit(_PLAN, 0.3, lambda room: _plan(card, room))
    if card.diagnosis:
        sheet.fit(_DIAGNOSIS, 0.7, lambda room: _diagnosis(card, room))
    sheet.fit(_EVIDENCE, 0.6, lambda room: _sources("*Evidence*", card.evidence, room, card))
    sheet.fit(_SIMILAR, 1.0, lambda room: _sources("*Similar before*", card.similar, room, card))
    return sheet.blocks()


def card_text(card: Card) -> str:
    """What notifications and screen readers get; never empty, below 4,000 characters."""
    lines = [f"{plain(card.title)}: {plain(card.headline)}", plain(card.problem)]
    if card.approval is not None and not card.final:
        lines.append(f"{plain(card.approval.question)} Code {plain(card.approval.code)}")
    elif card.decided:
        lines.append(plain(card.decided))
    lines.append(plain(card.ticket_id))
    shown = "\n".join(clip(line, TEXT // len(lines) - 1) for line in lines if not blank(line))
    return "Ticket" if blank(shown) else shown


def _decision(sheet: Sheet, card: Card) -> None:
    """What is proposed, and while it waits for people, the question and the buttons."""
    if card.approval is not None and not card.final:
        sheet.put(_QUESTION, question_blocks(card.approval))
    buttons = decision_buttons(card, whole=True)
    remedy: list[Block] = []
    if card.remedy is not None:
        room = int((sheet.left - weight(buttons)) * 0.6)
        remedy = remedy_blocks(card.remedy, room, f"`mendwheel show --json {_id(card)}`")
        sheet.put(_REMEDY, remedy)
    sheet.put(_QUESTION, decision_buttons(card, whole=all_shown(card.remedy, remedy)))


def _head(card: Card) -> list[Block]:
    facts = [
        card.phase.value.replace("_", " "),
        card.kind.value if card.kind else "",
        f"severity {card.severity.value}" if card.severity else "",
        plain(card.component or ""),
        f"round {card.round}" if card.round > 1 else "",
        f"from {person(card.reporter)}" if card.reporter else "",
        _id(card),
    ]
    return [
        header(card.title),
        *section(bold(card.headline, 500)),
        *context(facts, limit=120),
        *(section(f"⚠️ {clip(plain(card.problem), 600)}") if card.problem else []),
    ]


def _foot(card: Card) -> list[Block]:
    links = " · ".join(_link(each) for each in card.links)
    decided = f"*Decided:* {clip(with_people(card.decided), 500)}" if card.decided else ""
    answered = card.final and card.outcome is OutcomeKind.ANSWERED
    return [
        *section(decided),
        *context([links], limit=900),
        *context([_engine(card), "provisional" if card.outcome else ""], limit=120),
        *(thumbs_for(card.ticket_id) if answered else []),
    ]


def thumbs_for(ticket_id: str) -> list[Block]:
    """Feedback buttons about a ticket's answer."""
    up, down = feedback_value(ticket_id, True), feedback_value(ticket_id, False)
    return thumbs(names.FEEDBACK, up, down) if 0 < len(ticket_id) <= LONGEST_ID else []


def _engine(card: Card) -> str:
    if card.engine == EXTRACTIVE:
        return "Without a language model (extractive engine)"
    return f"Engine: {plain(card.engine)}" if card.engine else ""


def _plan(card: Card, room: int) -> list[Block]:
    return listing("*Plan*", [_task(task) for task in card.tasks], room, _why(card))


def _task(task: CardTask) -> str:
    detail = f" · {clip(plain(task.detail), 300)}" if task.detail else ""
    return f"{_ICONS[task.state]} {clip(plain(task.title), 200)}{detail}"


def _diagnosis(card: Card, room: int) -> list[Block]:
    sure = f" · confidence {card.confidence:.0%}" if card.confidence else ""
    title = section(f"*{plain(card.found)}*{sure}")
    texts, beyond = parts(card.diagnosis), unread(card.diagnosis)
    return [*title, *flow(texts, room - weight(title), _why(card), beyond)]


def _sources(title: str, found: list[CardEvidence], room: int, card: Card) -> list[Block]:
    return listing(title, [_source(each) for each in found], room, _why(card))


def _source(found: CardEvidence) -> str:
    label = found.title[:160]
    shown = link(found.url, label) if found.url else plain(label)
    when = f" · {found.window.told()}" if found.window else ""
    return f"[{found.number}] {shown} · {clip(plain(found.source), 160)}{when}"


def _link(target: CardLink) -> str:
    return link(target.url, target.title[:160])


def _why(card: Card) -> str:
    return f"`mendwheel why {plain(card.ticket_id)[:200]}`"


def _id(card: Card) -> str:
    return plain(card.ticket_id)[:200]
