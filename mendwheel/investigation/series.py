"""Turns tables into before/after series of one measure of one component, and into calls."""

from dataclasses import dataclass, field
from statistics import fmean

from mendwheel.investigation.clock import align, seconds, unwrapped
from mendwheel.investigation.counters import is_counter, rates
from mendwheel.investigation.tables import Table, number

SERIES_LIMIT = 4000


@dataclass(slots=True)
class Series:
    """`measure` of `component`. `values` are in time order; `split` is where *after* begins.

    `usual` and `spread` are a stated normal mean and deviation. `quote` is a raw supporting row.
    `clocked`: `times` are moments (Unix seconds, or seconds of the day), not mere positions.
    `rate`: the values are growth per second of what was recorded as a counter.
    """

    component: str
    measure: str
    values: list[float | None]
    times: list[float]
    split: int | None = None
    usual: float | None = None
    spread: float | None = None
    quote: str = ""
    lines: list[str] = field(default_factory=list)
    operation: str = ""
    clocked: bool = False
    rate: bool = False

    @property
    def subject(self) -> str:
        """The component, with the operation where the figures are of one operation only."""
        return f"{self.component} ({self.operation})" if self.operation else self.component


@dataclass(slots=True)
class Call:
    """Caller to callee, with figures before and now by measure (for example `p95 ms`)."""

    caller: str
    callee: str
    figures: dict[str, tuple[float | None, float | None]]
    quote: str


def series_of(table: Table, began: float | None) -> list[Series]:
    """Every series in a table of components; empty for tables of calls and of messages."""
    component = table.place("component")
    if component is None or table.place("message") is not None or table.place("caller") is not None:
        return []
    if any(c.role == "moment" for c in table.columns):
        return _over_columns(table, component, began)
    if table.place("time") is not None:
        return _over_rows(table, component, began)
    return _before_after(table, component)


def _over_columns(table: Table, component: int, began: float | None) -> list[Series]:
    moments = [i for i, c in enumerate(table.columns) if c.role == "moment"]
    times = [float(table.columns[i].measure) for i in moments]
    split = _split(times, began)
    metric, statistic = table.place("metric"), table.place("statistic")
    usual, spread = table.place("before"), table.place("spread")
    found = []
    for row, line in zip(table.rows[:SERIES_LIMIT], table.lines, strict=False):
        if len(row) < len(table.columns):
            continue
        names = [row[i] for i in (metric, statistic) if i is not None]
        values = [number(row[i]) for i in moments]
        series = Series(row[component], " ".join(names), values, times, split, quote=line)
        series.usual = number(row[usual]) if usual is not None else None
        series.spread = number(row[spread]) if spread is not None else None
        series.clocked = True
        if series.usual is None:
            _uncount(series)
        found.append(series)
    return found


def _uncount(series: Series) -> None:
    """A counter's values become its growth per second, whatever resets lie between."""
    if is_counter(series.measure, series.values):
        series.values = rates(series.values, series.times)
        series.rate = True


def _split(times: list[float], began: float | None) -> int | None:
    """Index of the first sample taken at or after the onset; None when the onset is unknown."""
    moment = align(began, times) if began is not None else None
    if moment is None:
        return None
    return max(1, sum(t < moment for t in times))


def _over_rows(table: Table, component: int, began: float | None) -> list[Series]:
    time, metric, value = (table.place(r) for r in ("time", "metric", "value"))
    measures = [i for i, c in enumerate(table.columns) if c.role in ("measure", "before", "during")]
    grouped: dict[tuple[str, str], Series] = {}
    for row, line in zip(table.rows, table.lines, strict=False):
        if len(row) < len(table.columns) or time is None:
            continue
        stamp = seconds(row[time])
        if stamp is None:
            continue
        if metric is not None and value is not None:
            cells = [(row[metric], row[value])]
        else:
            cells = [(table.header[i], row[i]) for i in measures]
        for measure, cell in cells:
            key = (row[component], measure)
            if key not in grouped:
                if len(grouped) >= SERIES_LIMIT:
                    continue
                grouped[key] = Series(*key, [], [])
            series = grouped[key]
            series.values.append(number(cell))
            series.times.append(stamp)
            series.lines.append(line)
    for series in grouped.values():
        _in_time_order(series)
        _uncount(series)
        series.split = _split(series.times, began)
    return list(grouped.values())


def _in_time_order(series: Series) -> None:
    """Sorts rows that came in any order; several of one moment become their mean."""
    rows: dict[float, list[int]] = {}
    for at, stamp in enumerate(unwrapped(series.times)):
        rows.setdefault(stamp, []).append(at)
    order = sorted(rows)
    series.values = [_mean([series.values[at] for at in rows[stamp]]) for stamp in order]
    series.lines = [series.lines[rows[stamp][-1]] for stamp in order]
    series.times = order
    series.clocked = True


def _mean(values: list[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return fmean(present) if present else None


def _before_after(table: Table, component: int) -> list[Series]:
    metric, operation = table.place("metric"), table.place("operation")
    found: list[Series] = []
    for measure, before, now in _pairs(table):
        if len(found) >= SERIES_LIMIT:
            break
        for row, line in zip(table.rows[:SERIES_LIMIT], table.lines, strict=False):
            if len(row) < len(table.columns):
                continue
            name = row[metric] if metric is not None else measure
            values = [number(row[before]), number(row[now])]
            series = Series(row[component], name, values, [0.0, 1.0], 1, quote=line)
            series.operation = row[operation] if operation is not None else ""
            found.append(series)
    return found


def _pairs(table: Table) -> list[tuple[str, int, int]]:
    """(measure, column before, column now); a lone pair belongs together whatever its words."""
    before = [(c.measure, i) for i, c in enumerate(table.columns) if c.role == "before"]
    now = [(c.measure, i) for i, c in enumerate(table.columns) if c.role == "during"]
    if len(before) == len(now) == 1:
        return [(before[0][0], before[0][1], now[0][1])]
    later = dict(now)
    return [(measure, i, later[measure]) for measure, i in before if measure in later]


def calls_of(table: Table, known: set[str]) -> list[Call]:
    """Every caller/callee row; one column `a_b` is split where both halves are `known` names."""
    caller, callee, edge = (table.place(r) for r in ("caller", "callee", "edge"))
    pairs = _pairs(table)
    found = []
    for row, line in zip(table.rows[:SERIES_LIMIT], table.lines, strict=False):
        if len(row) < len(table.columns):
            continue
        if caller is not None and callee is not None:
            ends = (row[caller], row[callee])
        elif edge is not None and (halves := _halves(row[edge], known)):
            ends = halves
        else:
            continue
        figures = {m: (number(row[b]), number(row[n])) for m, b, n in pairs}
        found.append(Call(*ends, figures, line))
    return found


def _halves(text: str, known: set[str]) -> tuple[str, str] | None:
    for arrow in ("->", "→", "=>", ">"):
        if arrow in text:
            left, _, right = text.partition(arrow)
            return left.strip(), right.strip()
    for at, mark in enumerate(text[:200]):
        if mark in "_-:/" and text[:at] in known and text[at + 1 :] in known:
            return text[:at], text[at + 1 :]
    return None
