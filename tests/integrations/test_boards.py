"""What a ticket's places know of each other."""

from pathlib import Path

from mendwheel.activities.presenting import Boards
from mendwheel.domain.card import CardLink
from mendwheel.stores.bundle import Stores
from mendwheel.testing.board import InMemoryBoard
from tests.cards import card


class Counting(InMemoryBoard):
    """A board that counts how often it is asked for a link."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def link(self, place: str, reference: str) -> CardLink | None:
        self.asked += 1
        return super().link(place, reference)


def test_a_place_is_asked_once_where_its_card_is(tmp_path: Path) -> None:
    board = Counting()
    with Stores(tmp_path / "store.db") as stores:
        boards = Boards({"slack": board}, stores.ledger, stores.threads)
        shown = card()
        assert boards.link(shown.ticket_id, "slack:C1") is None
        boards.open("slack:C1", shown)
        links = {str(boards.link(shown.ticket_id, "slack:C1")) for _ in range(3)}
    assert len(links) == 1
    assert board.asked == 1
