"""Asks Prometheus, or what speaks its API, how the signals of a component moved."""

from collections.abc import Mapping
from math import ceil, floor
from urllib.parse import urlencode

from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.fetch import Ask, Remote, settle
from mendwheel.integrations.senses.graph import Neighbourhood, around
from mendwheel.integrations.senses.matching import fill
from mendwheel.integrations.senses.matrix import HEADER, Line, read_matrix, rows
from mendwheel.integrations.senses.windows import epoch, stamp, table, with_baseline
from mendwheel.ports import SenseError

STEPS = 240
"""Samples of a series at most; the step is never under 15 s."""

SERIES = 40


class PrometheusSense:
    """One observation a signal: its series over the window and as long before.

    `queries` are PromQL by the name of what they measure, unit included, with `{component}` and
    `{label}` (docs/how-to/senses.md).
    """

    name = "prometheus"

    def __init__(
        self,
        remote: Remote,
        queries: Mapping[str, str],
        label: str,
        graph: Neighbourhood | None = None,
    ) -> None:
        self._remote = remote
        self._graph = graph
        self._queries = dict(queries)
        self._label = label

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """Raises SenseError: no query was answered, or nothing is known of the component."""
        until = self._remote.deadline()
        whole = with_baseline(window)
        start, end = floor(epoch(whole.start)), ceil(epoch(whole.end))
        step = max(15, ceil((end - start) / STEPS))
        names = around(component, self._graph, whole)
        asked = {
            metric: query
            for metric, template in self._queries.items()
            if (query := fill(template, self._label, names)) is not None
        }
        frame = [("start", str(start)), ("end", str(end)), ("step", str(step))]
        asks = [Ask("/api/v1/query_range", [("query", q), *frame]) for q in asked.values()]
        answers = self._remote.ask_all(asks, until)
        failed = [str(error) for error in settle(answers)]
        found: list[Observation] = []
        for (metric, query), answer in zip(asked.items(), answers, strict=True):
            if isinstance(answer, SenseError):
                continue
            try:
                lines = self._lines(answer, start, step, (end - start) // step + 1, component)
            except SenseError as error:
                failed.append(str(error))
                continue
            if lines:
                found.append(self._observation(metric, query, lines, whole, start, step))
        if not found:
            raise SenseError(failed[0] if failed else self._nothing(component, len(asked)))
        return found

    def _lines(
        self, answer: object, start: int, step: int, count: int, component: str | None
    ) -> list[Line]:
        otherwise = component or "all"
        lines = read_matrix(self._remote.where, answer, start, step, count, self._label, otherwise)
        kept = [line for line in lines if any(value is not None for value in line.values)]
        return sorted(kept, key=lambda line: (line.component != component, -line.moved()))[:SERIES]

    def _observation(
        self, metric: str, query: str, lines: list[Line], whole: Window, start: int, step: int
    ) -> Observation:
        of = lines[0].component if len(lines) == 1 else f"{len(lines)} series"
        return Observation(
            title=f"{self._remote.where}: {metric} of {of}",
            media="metrics",
            text=table(HEADER, rows(lines, metric, start, step)),
            url=self._page(query, whole),
            window=whole,
        )

    def _page(self, query: str, whole: Window) -> str:
        """The graph of the query over the window, for people."""
        seconds = round(epoch(whole.end) - epoch(whole.start))
        at = {
            "g0.expr": query,
            "g0.tab": "0",
            "g0.range_input": f"{seconds}s",
            "g0.end_input": stamp(epoch(whole.end))[:19].replace("T", " "),
        }
        return f"{self._remote.url}/graph?{urlencode(at)}"

    def _nothing(self, component: str | None, asked: int) -> str:
        if not asked:
            return (
                f"{self._remote.where}: no query can do without a component: compare with =~ in "
                "prometheus_queries"
            )
        return (
            f"{self._remote.where} has no series of {component or 'anything'}: "
            "fit prometheus_label and prometheus_queries to what is scraped"
        )
