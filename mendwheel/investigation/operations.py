"""Operations that stopped or appeared while all else kept its pace: the code took another path."""

from mendwheel.investigation.case import Case, Finding
from mendwheel.investigation.change import mean_of
from mendwheel.investigation.reading import quotable
from mendwheel.investigation.series import Series
from mendwheel.investigation.vocabulary import choose_fault, metric_kind, plain_words

BUSY = 5.0
STEADY_SHARE = 0.9


def operation_findings(case: Case, series: list[tuple[str, Series]]) -> list[Finding]:
    """Stopped or new operations, only where at least 90 % of the busy ones kept their rate.

    A component that lost every operation merely is no longer called: it is left out.
    """
    rates = [
        (identity, one, *_rates(one)) for identity, one in series if one.operation and _counts(one)
    ]
    busy = [row for row in rates if max(row[2], row[3]) >= BUSY]
    odd = [row for row in busy if not 0.3 <= (row[3] + 0.01) / (row[2] + 0.01) <= 1 / 0.3]
    if not odd or len(odd) > (1 - STEADY_SHARE) * len(busy):
        return []
    turned = {id(row[1]) for row in odd}
    alive = {row[1].component for row in busy if id(row[1]) not in turned}
    return [
        Finding(
            statement=f"{one.component} {'stopped' if now < before else 'began'} {one.operation}: "
            f"{before:g} before, {now:g} now, while other operations kept their rate.",
            exhibit_ids=[identity],
            quote=quotable(one.quote),
            component=one.component,
            fault=choose_fault("code", case.faults),
            weight=0.55,
            sense="signals",
        )
        for identity, one, before, now in odd
        if one.component in alive
    ][:10]


def _counts(one: Series) -> bool:
    kind = metric_kind(one.measure)
    words = plain_words(one.measure).split()
    return "spans" in words or "count" in words or (kind is not None and kind[0] == "traffic")


def _rates(one: Series) -> tuple[float, float]:
    split = one.split or 1
    return mean_of(one.values[:split]), mean_of(one.values[split:])
