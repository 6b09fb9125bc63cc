"""Who calls whom is read from what is about that, never from a log line that has an arrow."""

import pytest

from mendwheel.investigation.case import Case, Exhibit
from mendwheel.investigation.edges import tells_edges
from mendwheel.investigation.names import Names
from mendwheel.investigation.telemetry import graph_of

TOPOLOGY = "front -> cart, stock\ncart -> store\n"
LOG = (
    "12:00:01 INFO order state NEW -> PAID for 17\n"
    "12:00:02 WARN route /cart -> pool-b\n"
    "12:00:03 INFO done\n"
    "12:00:04 INFO done again\n"
)


def _edges(kind: str, text: str) -> dict[str, list[str]]:
    exhibit = Exhibit(id="X1", name="a", kind=kind, text=text)
    case = Case(title="t", body="b", exhibits=[exhibit])
    return {caller: list(found) for caller, found in graph_of(case, Names([])).callees.items()}


def test_arrows_in_a_log_are_no_edges() -> None:
    assert _edges("logs", LOG) == {}


@pytest.mark.parametrize("line", ["NEW -> PAID", "12:00:01 INFO order state NEW -> PAID"])
def test_not_even_where_every_line_of_prose_has_one(line: str) -> None:
    text = f"12:00:01 INFO moved {line} for 17\n" * 20
    assert _edges("logs", text) == {}


@pytest.mark.parametrize("kind", ["topology", "traces"])
def test_what_says_that_it_is_about_calls_is_believed(kind: str) -> None:
    said = f"Calls that were seen in the last hour by the mesh\nand by the gateway:\n\n{TOPOLOGY}"
    assert _edges(kind, said)["front"] == ["cart", "stock"]


@pytest.mark.parametrize(
    "text",
    [
        TOPOLOGY,
        "# calls\n- front -> cart\n- cart --> store\n- cart => stock\n",
        '"front" -> "cart";\n"cart" -> "store";\n',
        "front → cart: 12 calls\ncart → store: 40 calls\n",
    ],
)
def test_lines_that_are_edges_on_the_whole_need_no_media(text: str) -> None:
    assert _edges("text", text)["front"][0] == "cart"


def test_an_exhibit_without_an_arrow_tells_no_edges() -> None:
    assert not tells_edges("topology", "front calls cart")
