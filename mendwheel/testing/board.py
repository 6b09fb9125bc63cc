"""A board in memory: what people would see of tickets at its places, and every edit on the way."""

import threading

from mendwheel.domain.card import Card, CardLink, Message
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import Outcome
from mendwheel.ports import PlaceError


class InMemoryBoard:
    """`ports.Board`. `cards`: every state a place's card was in; `said`: messages, by place.

    `failing` holds errors by place, raised in order, one a call; an error under `for_good` is
    raised by every call. `lose_answers` places write and then raise, as if the answer was lost.
    """

    def __init__(self) -> None:
        self.cards: dict[str, list[Card]] = {}
        self.said: dict[str, list[Message]] = {}
        self.concluded: dict[str, list[Outcome]] = {}
        self.failing: dict[str, list[PlaceError]] = {}
        self.for_good: dict[str, PlaceError] = {}
        self.lose_answers: set[str] = set()
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()

    def find_card(self, place: str, key: EffectKey) -> str | None:
        return self._keys.get(str(key))

    def open_card(self, place: str, card: Card, key: EffectKey) -> str:
        with self._lock:
            self._fail(place)
            if place in self.cards:
                raise AssertionError(f"{place} has a card already: a ticket has one a place")
            self.cards[place] = [card]
            return self._written(place, f"card@{place}", key)

    def show(self, place: str, reference: str, card: Card) -> None:
        with self._lock:
            self._fail(place)
            self.cards[place].append(card)

    def thread(self, place: str, reference: str) -> str:
        return f"{place}/{reference}"

    def find(self, place: str, reference: str, key: EffectKey) -> str | None:
        return self._keys.get(str(key))

    def say(self, place: str, reference: str, message: Message, key: EffectKey) -> str:
        with self._lock:
            self._fail(place)
            said = self.said.setdefault(place, [])
            said.append(message)
            return self._written(place, f"{len(said)}@{place}", key)

    def conclude(self, place: str, reference: str, card: Card, outcome: Outcome) -> bool:
        with self._lock:
            self._fail(place)
            self.concluded.setdefault(place, []).append(outcome)
            return True

    def link(self, place: str, reference: str) -> CardLink | None:
        return CardLink(title=place, url=f"https://board.test/{reference}")

    def close(self) -> None:
        """Nothing is open."""

    def _fail(self, place: str) -> None:
        if place in self.for_good:
            raise self.for_good[place]
        if self.failing.get(place):
            raise self.failing[place].pop(0)

    def _written(self, place: str, reference: str, key: EffectKey) -> str:
        self._keys[str(key)] = reference
        if place in self.lose_answers:
            self.lose_answers.discard(place)
            raise PlaceError("memory", "timeout", "the answer was lost", retryable=True)
        return reference
