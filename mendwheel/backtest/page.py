"""One page about a backtest, as Markdown: the figures, how they were counted, and each issue."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mendwheel.backtest.judge import AGREES, COUNTED, LEAST_WORDS, Judged, Verdict
from mendwheel.backtest.totals import Share, Totals
from mendwheel.security.redaction import redact

EXCERPT = 240
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_VERDICTS = {
    Verdict.AGREES: "agrees",
    Verdict.DIFFERS: "**differs**",
    Verdict.UNKNOWN: "unknown",
    Verdict.HANDED_OVER: "handed over",
}


@dataclass(frozen=True)
class Made:
    """How a backtest was made, to be said on its page."""

    source: str
    at: datetime
    documents: int = 0
    hidden: int = 0
    """Documents that no issue saw, because they are younger than all or bear no date."""
    cases: int = 0
    every_document: bool = False
    agrees: float = AGREES
    rewound: bool = True
    """Whether later edits of issues could be taken back."""
    left_out: Sequence[str] = ()


def page(judged: Sequence[Judged], found: Totals, made: Made) -> str:
    """The whole page."""
    parts = [*_short(found, made), *_counted(made), *_gaps(found), *_issues(judged)]
    return "\n".join(parts) + "\n"


def _short(found: Totals, made: Made) -> Iterator[str]:
    yield f"# What the suite would have done with {found.issues} past issues"
    yield ""
    yield f"{cell(made.source)}, {made.at:%Y-%m-%d %H:%M %Z}. Nothing was written anywhere."
    yield ""
    yield "| | issues | share | 95 % interval |"
    yield "| --- | ---: | ---: | --- |"
    yield _row("would have resolved: agrees with what people wrote", found.resolved)
    yield _row("would have been wrong: differs from what people wrote", found.wrong)
    yield _row("answered, and nothing says whether rightly", found.unknown)
    yield _row("handed over to people", found.handed_over)
    yield ""
    told = found.wrong_of_told
    yield (
        f"**{hours(found.hours_saved)} hours saved**, counted by {found.hours_by}. Of the "
        f"{told.of} answers that can be held against people's words, {told.count} differ "
        f"({_interval(told)})."
    )
    yield ""


def _row(name: str, share: Share) -> str:
    return f"| {name} | {share.count} | {share.rate:.0%} | {_interval(share)} |"


def _interval(share: Share) -> str:
    return f"{share.low:.0%} to {share.high:.0%}"


def _counted(made: Made) -> Iterator[str]:
    yield "## How this was counted"
    yield ""
    yield (
        "- Each issue was worked on as it was when it was created"
        + (": later edits are taken back, comments and resolution hidden." if made.rewound else
           ", as the file gives it: comments and resolution hidden.")
    )  # fmt: skip
    if made.every_document:
        yield (
            f"- All {made.documents} documents were shown to every issue, **also those written "
            "after it**: this looks better than it would have been."
        )
    else:
        yield (
            f"- An issue saw a document only if it was changed last before the issue was created "
            f"({made.documents} documents; {made.hidden} are too young for every issue or bear "
            "no date). Pages that were edited since are missing: this looks worse than it would "
            "have been."
        )
    yield (
        "- It saw how other issues ended that people had resolved by then"
        f" ({made.cases} of them learned before), and never its own end."
    )
    yield (
        "- **Nobody labelled what is right.** “Agrees” means that at least "
        f"{made.agrees:.0%} of the words in people's last comments, those of the report left out, "
        f"stand in the first {COUNTED:,} characters of our answer, or that they point to the "
        f"document we cite first. Under {LEAST_WORDS} words of their own, and where we say that "
        "nothing is to be done, it is unknown. Right answers in other words count as different, "
        "and the same words may still be wrong: read the table."
    )
    yield "- Intervals are Wilson's. They say nothing about issues of another kind."
    for line in made.left_out:
        yield f"- Left out: {cell(line)}"
    yield ""


def _gaps(found: Totals) -> Iterator[str]:
    yield "## Knowledge gaps"
    yield ""
    if not found.gaps:
        yield "No two issues that were handed over or answered differently share a topic."
    else:
        yield "What was handed over or answered differently, by the words that titles share."
        yield ""
        yield "| topic | issues | hours open | which |"
        yield "| --- | ---: | ---: | --- |"
    for gap in found.gaps:
        spent = "" if gap.hours is None else hours(gap.hours)
        which = ", ".join(cell(key, 40) for key in gap.issues[:8])
        more = f" and {len(gap.issues) - 8} more" if len(gap.issues) > 8 else ""
        topic = cell(", ".join(gap.words))
        yield f"| {topic} | {len(gap.issues)} | {spent} | {which}{more} |"
    yield ""


def _issues(judged: Sequence[Judged]) -> Iterator[str]:
    yield "## Every issue"
    yield ""
    yield "| issue | title | we | verdict | held | people | people wrote | we would have said |"
    yield "| --- | --- | --- | --- | ---: | --- | --- | --- |"
    for each in judged:
        issue, row = each.issue, each.row
        held = "" if each.agreement is None else f"{each.agreement:.0%}"
        columns = [
            _link(issue.id, issue.url),
            cell(redact(issue.title), 100),
            f"{cell(row.outcome)} ({row.confidence:.2f})",
            _VERDICTS[each.verdict],
            held,
            _people(each),
            cell(issue.last_words()),
            cell(redact(_said(each))),
        ]
        yield f"| {' | '.join(columns)} |"


def _said(each: Judged) -> str:
    """What people would have read; of a hand-over that is why."""
    handed = each.verdict is Verdict.HANDED_OVER
    return each.row.reason if handed else each.row.answer or each.row.reason


def _people(each: Judged) -> str:
    issue = each.issue
    spent = "" if issue.hours is None else f"{hours(issue.hours)} h"
    comments = _count(len(issue.comments), "comment")
    ended = issue.resolution or ("resolved" if issue.resolved else "open")
    parts = (ended, issue.resolved_by, spent, comments)
    return cell(", ".join(part for part in parts if part))


def hours(number: float) -> str:
    return f"{number:,.1f}".removesuffix(".0")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}" if number else ""


def _link(name: str, url: str) -> str:
    whole = re.fullmatch(r"https?://[^\s<>()|\"'`\\]+", url)
    return f"[{cell(name, 60)}]({url})" if whole else cell(name, 60)


def cell(text: str, limit: int = EXCERPT) -> str:
    """`text` as plain words of one table cell: other people's Markdown must not show."""
    words = " ".join(text.split())
    short = words if len(words) <= limit else f"{words[: limit - 1]}…"
    return _SPECIAL.sub(r"\\\1", short)
