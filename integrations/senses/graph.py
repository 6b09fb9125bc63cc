"""Who calls whom, by Jaeger's dependencies: what else to look at when a component is not well."""

from typing import Any, Protocol

from mendwheel.domain.observation import Window
from mendwheel.integrations.senses.fetch import Ask, Remote
from mendwheel.integrations.senses.spans import plain
from mendwheel.integrations.senses.trace_story import Edge
from mendwheel.integrations.senses.windows import epoch
from mendwheel.ports import SenseError

NEIGHBOURS = 12
_EDGES = 5000


class Neighbourhood(Protocol):
    """Knows what a component depends on."""

    def callees(self, component: str, window: Window) -> list[str]:
        """The nearest first; empty where nothing is known."""
        ...


def around(component: str | None, graph: Neighbourhood | None, window: Window) -> list[str]:
    """The component and what it depends on, as far as a graph is at hand; empty: everything."""
    if component is None:
        return []
    return [component, *(graph.callees(component, window) if graph else [])]


class ServiceGraph:
    """Asks anew for each look: a graph of yesterday sends people the wrong way."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def callees(self, component: str, window: Window) -> list[str]:
        """What `component` calls, directly or through others, at most `NEIGHBOURS`."""
        try:
            edges = self.read(window)
        except SenseError:
            return []  # the sense of traces asks the same, and tells what is wrong there
        found = [component]
        for caller in found:
            busiest = sorted(
                (edge for edge in edges if edge[0] == caller), key=lambda edge: -edges[edge]
            )
            found += [callee for _, callee in busiest if callee not in found]
            if len(found) > NEIGHBOURS:
                break
        return found[1 : NEIGHBOURS + 1]

    def read(self, window: Window) -> dict[Edge, int]:
        """Calls by caller and callee. Raises SenseError.

        Takes a third of a look's time at most: what the graph is for needs the rest.
        """
        until = self._remote.deadline(1 / 3)
        end = int(epoch(window.end) * 1000)
        lookback = end - int(epoch(window.start) * 1000)
        ask = Ask("/api/dependencies", [("endTs", str(end)), ("lookback", str(lookback))])
        found: dict[Edge, int] = {}
        for each in listed(self._remote, self._remote.ask(ask, until))[:_EDGES]:
            if isinstance(each, dict) and each.get("parent") and each.get("child"):
                count = each.get("callCount")
                edge = (plain(each["parent"]), plain(each["child"]))
                found[edge] = found.get(edge, 0) + (count if isinstance(count, int) else 0)
        return found


def listed(remote: Remote, answer: Any) -> list[Any]:
    """What stands under `data` in an answer of Jaeger. Raises SenseError: it is no list."""
    data = answer.get("data", answer) if isinstance(answer, dict) else answer
    if data is None:
        return []
    if not isinstance(data, list):
        raise SenseError(
            f"{remote.where} answered in a shape that is not that of its API: check jaeger_url"
        )
    return data
