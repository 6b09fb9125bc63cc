"""Makes reads that may hang, raise or return anything, and keeps what they found within bounds.

A read that does not return in time is left behind with its thread. So a system that never answers
costs a few threads, and neither the worker nor a ticket.
"""

import time
from collections.abc import Mapping, Sequence

from mendwheel.activities.bounded import Bounded, Call
from mendwheel.activities.briefs import Texts
from mendwheel.agents.agent import Agent, ToolCard
from mendwheel.agents.permissions import Permissions
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.remedy import Risk
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.ports import Sense, SenseError, StoreUnavailable
from mendwheel.security.redaction import redact
from mendwheel.tools.reads import LabelledRead
from mendwheel.tools.summary import summarise

WITHIN = 20.0
"""Seconds for all reads of one look together; the activity around it has 30."""
ITEMS = 200
"""Things that one read may bring back; of more the first are taken."""
TEXT = 20_000
"""Characters of one thing that agents are shown; more of it is kept beside it, see `KEPT`."""
KEPT = 4_000_000
"""Characters of one thing that are kept as an artifact: what is longer is kept as its summary
(head, tail, error lines, counts) of that length, and the rest is lost."""
_NAME, _QUOTE = 200, 1000


class Reads:
    """The registered reads by name, and which of them hang."""

    def __init__(
        self, senses: Mapping[str, Sense], texts: Texts, permissions: Permissions | None = None
    ) -> None:
        self._senses = senses
        self._texts = texts
        self._permissions = permissions or Permissions()
        self._calls = Bounded()

    def __contains__(self, name: str) -> bool:
        return name in self._senses

    def equip(self, agent: Agent) -> Agent:
        """The agent with the reads that are there: its own, and the host's where it may.

        Of these, what the settings leave it.
        """
        names = [
            name
            for name, sense in self._senses.items()
            if name in agent.tools or (agent.host_reads and not _of_the_store(sense))
        ]
        return self._permissions.equipped(agent.model_copy(update={"tools": tuple(names)}))

    def cards(self, agent: Agent) -> list[ToolCard]:
        """What an equipped agent is told about the reads it may ask for."""
        return [
            ToolCard(name=name, description=_purpose(self._senses[name]), risk=Risk.READ)
            for name in agent.tools
        ]

    def look(
        self,
        ticket: Ticket,
        report: Report,
        asked: Sequence[tuple[str, str]],
        labels: Sequence[str] = (),
    ) -> list[Evidence]:
        """What all reads bring back together; see `look_each`."""
        return [item for found in self.look_each(ticket, report, asked, labels) for item in found]

    def look_each(
        self,
        ticket: Ticket,
        report: Report,
        asked: Sequence[tuple[str, str]],
        labels: Sequence[str] = (),
    ) -> list[list[Evidence]]:
        """What each read brings back, in the order of `asked`: (name, query) side by side.

        `labels` are those that everybody may read who follows the ticket.

        A host's read that fails becomes a line that says so. Raises LookupError for one that is
        not registered, and StoreUnavailable, since the store comes back.
        """
        for name, _ in asked:
            if name not in self._senses:
                raise LookupError(f"no read {name} is registered: {', '.join(self._senses)}")
        deadline = time.monotonic() + WITHIN
        under_way = [
            (name, self._start(name, ticket, report, query, labels)) for name, query in asked
        ]
        found: list[list[Evidence]] = []
        for name, read in under_way:
            found.append([self._bounded(ticket, item) for item in _outcome(name, read, deadline)])
            if read is not None and not read.done():
                self._calls.leave_behind(name, read)
        return found

    def _start(
        self, name: str, ticket: Ticket, report: Report, query: str, labels: Sequence[str]
    ) -> Call | None:
        """The read in a thread of its own; None where an earlier one of its name still hangs.

        What reads the store stays in this thread, which holds the connections: it ends by itself.
        """
        sense = self._senses[name]
        if isinstance(sense, LabelledRead):
            done = Call()
            done.set_result(sense.look(ticket, report, query, labels))
            return done
        if _of_the_store(sense):
            done = Call()
            done.set_result(sense.look(ticket, report, query))
            return done
        return self._calls.start(name, lambda: sense.look(ticket, report, query))

    def _bounded(self, ticket: Ticket, item: Evidence) -> Evidence:
        """The item as it came where it is small; else its summary, with more kept beside: `KEPT`.

        What a host's system says may hold secrets, as documents that were learned may not.
        """
        if item.kind is EvidenceKind.READING:
            text = redact(item.text if len(item.text) <= KEPT else summarise(item.text, KEPT))
            item = item.model_copy(update={"text": text, "quote": redact(item.quote[:_QUOTE])})
        if max(len(item.title) - _NAME, len(item.quote) - _QUOTE, len(item.text) - TEXT) <= 0:
            return item
        changes: dict[str, object] = {"title": item.title[:_NAME], "quote": item.quote[:_QUOTE]}
        if len(item.text) > TEXT:
            whole = summarise(item.text, KEPT)
            changes["text"] = summarise(whole, TEXT)
            changes["artifact"] = item.artifact or self._texts.keep_text(ticket, whole)
        return item.model_copy(update=changes)


def _outcome(name: str, read: Call | None, deadline: float) -> Sequence[Evidence]:
    """What a read brought back, or one line about what it did instead."""
    if read is None:
        return [_missing(name, "still hangs in an earlier look")]
    try:
        found = read.result(max(0.0, deadline - time.monotonic()))
    except StoreUnavailable:
        raise
    except SenseError as error:
        return [_missing(name, str(error)[:_QUOTE])]
    except Exception as error:  # a host's read may raise anything: say so and go on
        if not read.done():
            return [_missing(name, f"did not answer within {WITHIN:.0f} s")]
        return [_missing(name, f"failed ({type(error).__name__})")]
    items = list(found) if isinstance(found, list | tuple) else [found]
    good = [item for item in items if isinstance(item, Evidence)]
    if items and not good:
        return [_missing(name, f"returned {type(items[0]).__name__} instead of evidence")]
    return good[:ITEMS]


def _missing(name: str, why: str) -> Evidence:
    """That nothing could be read is worth a line: silence would read as health."""
    return Evidence(
        kind=EvidenceKind.READING, title=f"{name} could not be read", source=name, text=why
    )


def _of_the_store(sense: Sense) -> bool:
    return bool(getattr(sense, "of_the_store", False))


def _purpose(sense: Sense) -> str:
    """The first line of what its author says about it."""
    said = getattr(sense, "description", None) or type(sense).__doc__ or sense.name
    return str(said).strip().splitlines()[0][:_NAME]
