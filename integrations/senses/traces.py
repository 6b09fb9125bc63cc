"""Asks Jaeger, or what speaks its API, who calls whom and how the calls of a service went."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.fetch import Ask, Remote, settle
from mendwheel.integrations.senses.graph import ServiceGraph, listed
from mendwheel.integrations.senses.spans import read_spans, visits
from mendwheel.integrations.senses.trace_story import Edge, observations
from mendwheel.integrations.senses.windows import epoch, slices, with_baseline
from mendwheel.ports import SenseError

SLICES = 12
"""Even slices: with a limit on the whole, only the latest traces would come."""

LIMIT = 40
_ENTRIES = 2


class TraceSense:
    """Read from where requests come in, when a ticket names no component."""

    name = "traces"

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """Raises SenseError: nothing was answered, or nothing is known of the component."""
        until = self._remote.deadline()
        whole = with_baseline(window)
        parts = slices(whole, SLICES)
        calls, failed = self._graph(whole)
        entries = [component] if component else self._entries(calls, until)
        answers = self._remote.ask_all(
            [_traces(service, part) for service in entries for part in parts], until
        )
        if not calls:
            settle([*failed, *answers])
        late = sum(isinstance(answer, SenseError) for answer in answers)
        note = f"; {late} of {len(answers)} questions for traces were not answered" if late else ""
        spans = read_spans(
            trace
            for answer in answers
            if not isinstance(answer, SenseError)
            for trace in listed(self._remote, answer)
        )
        if not spans:
            self._check_known(component, calls)
        return observations(
            f"{self._remote.where}{note}",
            calls,
            list(visits(spans)),
            spans,
            parts,
            window,
            self._page(entries, whole),
            self._remote.url,
        )

    def _check_known(self, component: str | None, calls: dict[Edge, int]) -> None:
        """Raises SenseError: a graph of others, or none at all, says nothing of the component."""
        known = sorted({name for edge in calls for name in edge})
        if known and (component is None or component in known):
            return
        told = f": it knows {', '.join(known[:8])}" if known else ""
        raise SenseError(f"{self._remote.where} has no traces of {component or 'anything'}{told}")

    def _graph(self, whole: Window) -> tuple[dict[Edge, int], list[SenseError]]:
        """Calls, and why there are none: traces may do without the graph."""
        try:
            return ServiceGraph(self._remote).read(whole), []
        except SenseError as error:
            return {}, [error]

    def _entries(self, calls: dict[Edge, int], until: float) -> list[str]:
        """Services that nobody calls, the busiest first; without a graph, the first known."""
        called = {callee for caller, callee in calls if caller != callee}
        volume: dict[str, int] = {}
        for (caller, _), count in calls.items():
            if caller not in called:
                volume[caller] = volume.get(caller, 0) + count
        if volume:
            return sorted(volume, key=lambda name: (-volume[name], name))[:_ENTRIES]
        names = listed(self._remote, self._remote.ask(Ask("/api/services"), until))
        return sorted(str(name) for name in names if name)[:_ENTRIES]

    def _page(self, entries: Sequence[str], whole: Window) -> str:
        at = {
            "service": entries[0] if entries else "",
            "start": str(int(epoch(whole.start) * 1e6)),
            "end": str(int(epoch(whole.end) * 1e6)),
        }
        return f"{self._remote.url}/search?{urlencode(at, quote_via=quote)}"


def _traces(service: str, part: Window) -> Ask:
    frame = {
        "service": service,
        "start": str(int(epoch(part.start) * 1e6)),
        "end": str(int(epoch(part.end) * 1e6)),
        "limit": str(LIMIT),
    }
    return Ask("/api/traces", list(frame.items()))
