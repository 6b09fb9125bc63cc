"""Turns a brief into a prompt of bounded size, with everything untrusted fenced and named.

Order is by what must not be lost: the report, then evidence as ranked, then what code and other
agents said. Text is hidden before it is cut, so that no half of a secret slips through.
"""

import json
import re
from collections.abc import Callable, Iterable

from mendwheel.agents.agent import Agent, Brief
from mendwheel.domain.evidence import Evidence
from mendwheel.domain.hypothesis import Hypothesis
from mendwheel.gateway.excerpt import excerpt
from mendwheel.gateway.fences import unfenced
from mendwheel.gateway.route import Message
from mendwheel.knowledge.conversation import read
from mendwheel.knowledge.terms import terms

Hide = Callable[[str], str]
TAGS = ("report", "note", "evidence", "fact", "claim", "objection", "example")
_TAGS = "|".join(TAGS)
_CUT = " […]"
_LEAST = 160
_PROPOSALS = 8
"""Proposed causes shown to the investigator; the facts they rest on follow."""
_SEVERAL = 3
_END = 8000
_NARROW = 600
"""Characters of an item under which it is named by its title alone."""
_EXAMPLES = 4
"""Past tickets shown to triage; more cost tokens and say the same."""
_AHEAD = 32_768
"""Characters after a text's limit that are looked through for secrets."""
_NO_CALLS = "This is the last turn: leave calls empty and answer now."


def build(
    agent: Agent, brief: Brief, *, system: str, context_chars: int, hide: Hide
) -> list[Message]:
    """System and user message; the user message has at most `context_chars` characters."""
    share = context_chars * 2 // 5
    report = clip(_report(brief, lambda text: _hidden(text, share, hide)), share)
    tail = _NO_CALLS if _last(agent, brief) else ""
    room = context_chars - len(report) - len(tail) - 3
    # What was established by code says more in less space than what it was established from.
    most = room * 2 // 3 if brief.facts else room // 2
    proposals = min(_PROPOSALS, most // (2 * _LEAST))  # or the facts they rest on are not seen
    rest = clip("\n".join(_rest(brief, hide, proposals, tools=not tail)), most)
    evidence = _evidence(brief, hide, room - len(rest))
    user = "\n".join(part for part in (report, evidence, rest, tail) if part)
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def clip(text: str, limit: int) -> str:
    """At most `limit` characters; a cut is marked, and a fence that was opened last is closed."""
    if len(text) <= limit:
        return text
    kept = text[: max(0, limit - len(_CUT) - len("\n</objection>"))]
    opened = re.findall(rf"<(/?)({_TAGS})\b", kept)
    closing = f"\n</{opened[-1][1]}>" if opened and not opened[-1][0] else ""
    return f"{kept}{_CUT}{closing}"[:limit]


def _hidden(text: str, limit: int, hide: Hide) -> str:
    """The beginning of `text`, hidden, with more than `limit` characters where there are more.

    A megabyte takes half a second to hide. What is read ahead is longer than any secret, and half
    of it is thrown away: a secret that the cut has broken, and that nobody recognises any more,
    is in that half.
    """
    if len(text) <= limit + _AHEAD:
        return hide(text)
    return hide(text[: limit + _AHEAD])[: -_AHEAD // 2]


def _fence(tag: str, text: str, *, key: str = "") -> str:
    safe = unfenced(text.strip(), TAGS)
    return f"<{tag}{f' id={json.dumps(key)}' if key else ''}>\n{safe}\n</{tag}>"


def _report(brief: Brief, hide: Hide) -> str:
    report = brief.report
    lines = [f"Title: {report.title}"]
    if report.product:
        lines.append(f"Product: {report.product}")
    for name, choices in report.candidates.items():
        lines.append(f"Candidates for {name}: {', '.join(choices)}")
    if report.attachments:
        lines.append("Attached: " + ", ".join(file.name for file in report.attachments))
    if report.body.strip() != report.title.strip():
        lines += ["", report.body]
    parts = [_fence("report", hide("\n".join(lines)))]
    parts += [_fence("note", hide(text)) for text in brief.information]
    return "\n".join(parts)


def _evidence(brief: Brief, hide: Hide, room: int) -> str:
    """As many items as fit, in order; none takes more than a third, so that several are seen, or
    more than its share of those that can be told from each other in little room."""
    parts, left_out = [], 0
    room -= len(f"({len(brief.evidence)} more items did not fit.)") + 1
    share = room // max(1, min(_SEVERAL, room // _LEAST))
    facts = {fact.evidence_id for fact in brief.facts}
    asked = _asked(brief)
    for item in brief.evidence:
        if item.id in facts:
            continue  # said once, as a fact
        limit = min(share, room) - 1
        if limit + 1 < _LEAST:
            left_out += 1
            continue
        parts.append(_shown(item, asked, hide, limit))
        room -= len(parts[-1]) + 1
    if left_out:
        parts.append(f"({left_out} more items did not fit.)")
    return "\n".join(parts)


def _asked(brief: Brief) -> set[str]:
    """The terms of the open question, which is the last thing said in a long report."""
    end = brief.report.model_copy(update={"body": brief.report.body[-_END:]})
    return set(terms(f"{end.title[:_END]} {read(end, brief.information).question}"))


def _shown(item: Evidence, asked: set[str], hide: Hide, limit: int) -> str:
    """One item in `limit` characters: what it is called, and of its text what is asked about."""
    when = f", {item.window.told()}" if item.window else ""
    head = _hidden(f"{item.title} ({item.kind}, {item.source}, {item.trust}{when})", limit, hide)
    if limit < _NARROW:
        path = " › ".join(dict.fromkeys(item.title.split(" › ")))  # many begin with it twice
        head = clip(_hidden(path, limit, hide), limit // 3) + when
    left = limit - len(_fence("evidence", f"{head}\n", key=item.id)) - 1
    text = _hidden(f"{item.text}\n{_apart(item)}".strip(), limit, hide)
    if len(text) > left > 0:
        text = f"{excerpt(text, asked, left - len(_CUT))}{_CUT}"
    return clip(_fence("evidence", f"{head}\n{text}", key=item.id), limit)


def _apart(item: Evidence) -> str:
    """What a finding quotes, where that is not in its text anyway."""
    return "" if item.quote in item.text else item.quote


def _rest(brief: Brief, hide: Hide, proposals: int, *, tools: bool) -> Iterable[str]:
    if brief.triage is not None:
        triage = brief.triage
        part = _line(triage.component or "unknown component", hide)
        language = _line(triage.language, hide)
        yield f"Triage: {triage.kind}, {triage.severity}, {part}; language {language}"
    for each in brief.hypotheses[:proposals]:
        yield _line(_proposal(each), hide)
    # Where not all fit, those that say most are seen.
    for fact in sorted(brief.facts, key=lambda fact: -fact.weight):
        about = ", ".join(name for name in (fact.component, fact.fault) if name)
        about = f"against {about}" if fact.against else about
        text = f"{f'({about}) ' if about else ''}{fact.statement} weight {fact.weight:.2f}"
        yield _fence("fact", hide(text), key=fact.evidence_id)
    for number, claim in enumerate(brief.diagnosis.claims if brief.diagnosis else ()):
        text = f"{claim.text} [{', '.join(claim.evidence_ids)}]"
        yield _fence("claim", hide(text), key=str(number))
    for objection in brief.objections:
        yield _fence("objection", hide(objection))
    for example in brief.precedents[:_EXAMPLES]:
        label = ", ".join(name for name in (example.kind, example.component) if name)
        yield _fence("example", f"{_line(label, hide)}: {_line(example.text, hide)}")
    if brief.focus:
        yield f"Look at: {_line(brief.focus, hide)}"
    for tool in brief.tools if tools else ():
        schema = json.dumps(tool.schema_, separators=(",", ":")) if tool.schema_ else ""
        yield f"Tool {tool.name} ({tool.risk}): {tool.description} {schema}".rstrip()


def _proposal(each: Hypothesis) -> str:
    """A cause that an investigator proposes; its name comes last, since a long one is cut."""
    against = ", ".join(objection.evidence_id for objection in each.against[:3])
    ids = ", ".join(each.for_ids[:3])
    said = f"Proposed by {', '.join(each.proposed_by)}, clearness {each.clearness:.2f}"
    return f"{said}, for {ids or 'nothing'}, against {against or 'nothing'}: {each.name}"


def _line(text: str, hide: Hide) -> str:
    """What another agent said outside of a fence: one line, so that it poses as no other."""
    return " ".join(hide(unfenced(text, TAGS)).split())[:_LEAST]


def _last(agent: Agent, brief: Brief) -> bool:
    """Whether this agent could ask for reads and no longer may."""
    return brief.last_turn and "calls" in agent.output.model_fields
