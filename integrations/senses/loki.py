"""Asks Loki, or what speaks its API, for the lines of a component and how many spoke of errors."""

from collections.abc import Callable
from typing import Any

from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.fetch import Ask, Remote, settle
from mendwheel.integrations.senses.graph import Neighbourhood, around
from mendwheel.integrations.senses.log_lines import LONGEST, LogLine
from mendwheel.integrations.senses.log_story import story
from mendwheel.integrations.senses.matching import fill
from mendwheel.integrations.senses.windows import epoch, slices, with_baseline
from mendwheel.ports import SenseError

SLICES = 10
"""Even slices of baseline and window: a limit on the whole would show the last minutes only."""

LIMIT = 1000
_PATH = "/loki/api/v1/query_range"


class LokiSense:
    """`query` is LogQL with `{component}` and `{label}` (docs/how-to/senses.md).

    `page` makes an address for people of the query that was asked and its time.
    """

    name = "loki"

    def __init__(
        self,
        remote: Remote,
        query: str,
        label: str,
        graph: Neighbourhood | None = None,
        page: Callable[[str, Window], str] | None = None,
    ) -> None:
        self._page = page
        self._remote = remote
        self._graph = graph
        self._query = query
        self._label = label

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """Raises SenseError: no slice was answered, or nothing is known of the component."""
        until = self._remote.deadline()
        whole = with_baseline(window)
        query = fill(self._query, self._label, around(component, self._graph, whole))
        where = self._remote.where
        if query is None:
            raise SenseError(f"{where}: loki_query needs a component: compare with =~ in it")
        asks = [self._ask(query, part) for part in slices(whole, SLICES)]
        answers = self._remote.ask_all(asks, until)
        settle(answers)
        lines: list[LogLine] = []
        full = failed = 0
        for answer in answers:
            if isinstance(answer, SenseError):
                failed += 1
                continue
            some = self._lines(answer, component)
            full += len(some) >= LIMIT
            lines += some
        if not lines:
            what = component or "anything"
            raise SenseError(f"{where} has no lines of {what}: fit loki_label and loki_query")
        note = f"; {full} of {SLICES} slices hold more than {LIMIT} lines" if full else ""
        note += f"; {failed} of {SLICES} slices were not answered" if failed else ""
        url = self._page(query, whole) if self._page else None
        return story(where, lines, window, url=url, note=note)

    def _ask(self, query: str, part: Window) -> Ask:
        frame = {
            "query": query,
            "start": str(int(epoch(part.start) * 1e9)),
            "end": str(int(epoch(part.end) * 1e9)),
            "limit": str(LIMIT),
            "direction": "backward",
        }
        return Ask(_PATH, list(frame.items()))

    def _lines(self, answer: Any, component: str | None) -> list[LogLine]:
        where = self._remote.where
        try:
            data = answer["data"]
            if data["resultType"] != "streams":
                raise SenseError(f"{where} answered no lines: loki_query must select lines")
            found: list[LogLine] = []
            for stream in data["result"]:
                name = str(stream["stream"].get(self._label) or component or where)[:200]
                # Not more than was asked for, whatever comes: each line is compared with others.
                found += [
                    LogLine(int(entry[0]) / 1e9, name, str(entry[1])[:LONGEST])
                    for entry in stream["values"][: LIMIT - len(found)]
                ]
        except (TypeError, KeyError, ValueError, AttributeError, IndexError, OverflowError):
            raise SenseError(
                f"{where} answered in a shape that is not that of its API: check loki_url"
            ) from None
        return found
