"""Cards and their threads in Slack, written once under a key that each message carries."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from threading import Lock
from typing import Any

from mendwheel.domain.card import Card, CardLink, Message
from mendwheel.domain.ids import EffectKey, digest
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.place import SLACK, Place
from mendwheel.integrations.pace import Pace
from mendwheel.integrations.slack.card import card_blocks, card_text
from mendwheel.integrations.slack.client import TIMEOUT, sync_client
from mendwheel.integrations.slack.errors import TOO_LONG, explained, unanswered
from mendwheel.integrations.slack.limits import MESSAGE
from mendwheel.integrations.slack.message import message_blocks, message_text
from mendwheel.integrations.slack.names import EVENT_TYPE
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

LOOK_WITHIN = 3.0
"""Seconds for finding a message: with the write after it, one attempt stays below 8 s."""

_PAGE, _PAGES = 200, 3
_RECENT = 3600.0
_REMEMBERED = 256

Json = dict[str, Any]
Content = Callable[[int], Json]
"""Text and blocks within so many characters of JSON."""


class SlackBoard:
    """`ports.Board` over the Web API; any thread may call it. A reference is `CHANNEL:TS`.

    At a place with a thread (`slack:C1/TS`) the card is a reply there, and so is what it says
    later. What 600 newer messages have pushed out of sight is not found again.
    """

    def __init__(self, settings: Settings, timeout: float = TIMEOUT) -> None:
        self._writer = sync_client(settings, timeout)
        self._reader = partial(sync_client, settings)
        self._timeout = timeout
        self._sent: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()
        self._pace = Pace()

    def find_card(self, place: str, key: EffectKey) -> str | None:
        spot = _spot(place)
        return self._find(place, spot.address, spot.thread, key)

    def open_card(self, place: str, card: Card, key: EffectKey) -> str:
        spot = _spot(place)
        content = partial(_of_card, card)
        reference = self._post(place, spot.address, spot.thread, content, key)
        self._remember(reference, digest(content(MESSAGE)))
        self._pace.written(reference)
        return reference

    def show(self, place: str, reference: str, card: Card) -> None:
        channel, ts = _parts(place, reference)
        content = partial(_of_card, card)
        seen = digest(content(MESSAGE))
        if not card.final and self._sent.get(reference) == seen:
            return  # another process may have shown something else; the last state is always sent
        with self._lock:
            self._sent.pop(reference, None)
        self._pace.keep(reference)
        update = {"channel": channel, "ts": ts, "parse": "none"}
        self._fitting(place, "chat.update", update, content)
        self._remember(reference, seen)

    def thread(self, place: str, reference: str) -> str:
        return f"{SLACK}:{_parts(place, reference)[0]}/{_root(place, reference)}"

    def find(self, place: str, reference: str, key: EffectKey) -> str | None:
        return self._find(place, _parts(place, reference)[0], _root(place, reference), key)

    def say(self, place: str, reference: str, message: Message, key: EffectKey) -> str:
        channel, content = _parts(place, reference)[0], partial(_of_message, message)
        return self._post(place, channel, _root(place, reference), content, key)

    def conclude(self, place: str, reference: str, card: Card, outcome: Outcome) -> bool:
        return False  # the card's last state says it; Slack keeps no status of its own

    def link(self, place: str, reference: str) -> CardLink | None:
        channel, ts = _parts(place, reference)
        try:
            with explained(place):
                found = self._reader(min(self._timeout, LOOK_WITHIN)).api_call(
                    "chat.getPermalink", data={"channel": channel, "message_ts": ts}
                )
        except PlaceError:
            return None  # a link is an extra
        url = found.get("permalink")
        return CardLink(title="Slack", url=str(url)) if url else None

    def close(self) -> None:
        """Nothing stays open between calls."""

    def _post(self, place: str, channel: str, thread: str, content: Content, key: EffectKey) -> str:
        body = {
            "channel": channel,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": str(key)}},
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if thread:
            body["thread_ts"] = thread
        said = self._fitting(place, "chat.postMessage", body, content)
        if not said.get("ts"):
            raise unanswered(place, "answer", "did not name the message it wrote")
        return f"{said.get('channel') or channel}:{said['ts']}"

    def _fitting(self, place: str, method: str, body: Json, content: Content) -> Json:
        """Write; where Slack finds it too long, once more at half the length.

        A refusal has written nothing, so this is no second write.
        """
        try:
            return self._write(place, method, {**body, **content(MESSAGE)})
        except PlaceError as error:
            if error.kind not in TOO_LONG:
                raise
        return self._write(place, method, {**body, **content(MESSAGE // 2)})

    def _write(self, place: str, method: str, body: Json) -> Json:
        with explained(place):
            return _answer(self._writer.api_call(method, json=body).data)

    def _find(self, place: str, channel: str, thread: str, key: EffectKey) -> str | None:
        for message in self._messages(place, channel, thread):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT_TYPE and payload.get("key") == str(key):
                return f"{channel}:{message['ts']}"
        return None

    def _messages(self, place: str, channel: str, thread: str) -> Iterator[Json]:
        """The newest of a channel; of a thread, which comes oldest first, the first and the newest.

        Raises PlaceError: not read in time. Not to know is not the same as not to find.
        """
        query = {"channel": channel, "limit": _PAGE, "include_all_metadata": "true"}
        method = "conversations.replies" if thread else "conversations.history"
        if thread:
            query["ts"] = thread
        until = time.monotonic() + LOOK_WITHIN
        for _ in range(_PAGES):
            page = self._page(place, method, query, until)
            yield from page.get("messages") or []
            query["cursor"] = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not query["cursor"]:
                return
        if thread:
            query |= {"cursor": "", "oldest": f"{time.time() - _RECENT:.6f}"}
            yield from self._page(place, method, query, until).get("messages") or []

    def _page(self, place: str, method: str, query: Json, until: float) -> Json:
        left = until - time.monotonic()
        if left <= 0:
            raise unanswered(place, "timeout", "takes too long to look for what was written")
        with explained(place):
            return _answer(self._reader(min(self._timeout, left)).api_call(method, data=query).data)

    def _remember(self, reference: str, seen: str) -> None:
        with self._lock:
            self._sent[reference] = seen
            while len(self._sent) > _REMEMBERED:
                self._sent.popitem(last=False)


def _of_card(card: Card, room: int) -> Json:
    return {"text": card_text(card), "blocks": card_blocks(card, room)}


def _of_message(message: Message, room: int) -> Json:
    return {"text": message_text(message), "blocks": message_blocks(message, room)}


def _answer(data: Any) -> Json:
    """Raises ValueError: not an object."""
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    return data


def _spot(place: str) -> Place:
    """Raises PlaceError: not a place in Slack."""
    try:
        spot = Place.parse(place)
    except ValueError as error:
        raise PlaceError(place, "bad_place", str(error)) from None
    if spot.system != SLACK:
        raise PlaceError(place, "bad_place", f"{place} is not in Slack: write slack:CHANNEL")
    return spot


def _parts(place: str, reference: str) -> tuple[str, str]:
    """Channel and timestamp. Raises PlaceError: not a reference of this board."""
    channel, _, ts = reference.partition(":")
    if not channel or not ts:
        what = f"{place}: {reference!r} is no message in Slack: expected CHANNEL:TS"
        raise PlaceError(place, "bad_reference", what)
    return channel, ts


def _root(place: str, reference: str) -> str:
    """Timestamp of the message that the thread hangs on."""
    return _spot(place).thread or _parts(place, reference)[1]
