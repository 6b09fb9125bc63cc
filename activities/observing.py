"""Looks at running systems side by side, and keeps what they show as exhibits.

Kept are at most `KEPT` characters of one observation and `KEPT_OF_A_LOOK` of all of them together.

A sense that hangs is left behind with its thread: it is not asked again until that has returned,
so that a system that never answers costs one thread and no ticket.
"""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from temporalio import activity

from mendwheel.activities.briefs import Texts
from mendwheel.contracts.observing import ObserveRequest, ObservingStub
from mendwheel.domain.evidence import ArtifactRef, Evidence, EvidenceKind
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.domain.web import web_link
from mendwheel.ports import Artifacts, LiveSense, SenseError
from mendwheel.security.redaction import redact
from mendwheel.tools.summary import summarise

WITHIN = 25.0
"""Seconds for all senses together; each has to end by itself after 20."""

LOOK_BACK, LOOK_AHEAD = timedelta(minutes=60), timedelta(minutes=15)
"""Around the report. What a baseline takes before that is a sense's own affair."""

EXCERPT = 400
EXCERPTS = {"customer": 2000}
"""Characters of media that are short by nature, and read by those who answer questions."""
KEPT = 4_000_000
"""Characters of one observation that are kept; investigators read fewer. What is longer is kept as
its summary (head, tail, error lines, counts) of that length, and the rest is lost."""
_NAME = 2000
"""Characters of a title that are redacted: half a token would not be known as one."""
KEPT_OF_A_LOOK = 12_000_000
"""Characters of all of them: a million take a second to redact, and the activity has 60."""


class Observing(ObservingStub):
    """Holds the senses, whom each serves, and which are still busy with an earlier look."""

    def __init__(
        self,
        senses: Sequence[LiveSense],
        artifacts: Artifacts,
        now: Callable[[], datetime],
        tenants: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._tenants = dict(tenants or {})
        self._senses = list(senses)
        self._texts = Texts(artifacts)
        self._now = now
        self._stuck: Counter[str] = Counter()

    @activity.defn(name="mendwheel.observe")
    async def observe(self, request: ObserveRequest) -> ArtifactRef:
        report = await asyncio.to_thread(self._texts.report, request.ticket)
        serving = [each for each in self._senses if self._serves(each.name, request)]
        seen = await asyncio.gather(*(self._look(sense, request, report) for sense in serving))
        return await asyncio.to_thread(
            self._kept, request, [item for each in seen for item in each]
        )

    def _serves(self, name: str, request: ObserveRequest) -> bool:
        """Nothing is said of a sense of others: not even that they have one."""
        wanted = not request.senses or name in request.senses
        return wanted and request.ticket.tenant in self._tenants.get(name, [request.ticket.tenant])

    async def _look(
        self, sense: LiveSense, request: ObserveRequest, report: Report
    ) -> list[tuple[str, Observation]]:
        if self._stuck[sense.name]:
            return [_missing(sense.name, "still hangs in an earlier look")]
        ticket, triage = request.ticket, request.triage
        component = (triage.component if triage else None) or ticket.component
        window = self._window(ticket)
        try:
            found = await self._in_a_thread(
                sense.name, lambda: sense.observe(ticket, report, component, window)
            )
        except TimeoutError:
            return [_missing(sense.name, f"did not answer within {WITHIN:.0f} s")]
        except SenseError as error:
            return [_missing(sense.name, str(error))]
        except Exception as error:  # a host's own sense may raise anything: say so and go on
            return [_missing(sense.name, f"failed ({type(error).__name__})")]
        good = [each for each in found if isinstance(each, Observation)] if _many(found) else []
        if not good and found:
            return [_missing(sense.name, "returned something else than observations")]
        return [(sense.name, each) for each in good]

    async def _in_a_thread(
        self, name: str, call: Callable[[], list[Observation]]
    ) -> list[Observation]:
        """A thread of its own, so that one that never returns keeps nobody else waiting."""
        loop, done = asyncio.get_running_loop(), asyncio.Future[list[Observation]]()
        returned = left_behind = False

        def settle(result: list[Observation] | None, error: Exception | None) -> None:
            nonlocal returned
            returned = True
            if left_behind:
                self._stuck[name] -= 1
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result or [])

        def run() -> None:
            result: list[Observation] | None = None
            failure: Exception | None = None
            try:
                result = call()
            except Exception as error:
                failure = error
            except BaseException as error:  # sys.exit(): it would hang for ever in our eyes
                failure = SenseError(f"failed ({type(error).__name__})")
            with contextlib.suppress(RuntimeError):  # the worker has ended meanwhile
                loop.call_soon_threadsafe(settle, result, failure)

        threading.Thread(target=run, name=f"sense {name}", daemon=True).start()
        try:
            async with asyncio.timeout(WITHIN):
                return await done
        finally:
            # Only now: a look under way must not keep another ticket's look from starting.
            if not returned:
                left_behind = True
                self._stuck[name] += 1

    def _window(self, ticket: Ticket) -> Window:
        opened = ticket.opened_at
        return Window(start=opened - LOOK_BACK, end=min(self._now(), opened + LOOK_AHEAD))

    def _kept(
        self, request: ObserveRequest, seen: Sequence[tuple[str, Observation]]
    ) -> ArtifactRef:
        dossier = self._texts.dossier(request.dossier)
        room = _room([len(each.text) for _, each in seen])
        dossier.add([self._evidence(request.ticket, name, each, room) for name, each in seen])
        return self._texts.keep(request.ticket, dossier)

    def _evidence(self, ticket: Ticket, name: str, seen: Observation, room: int) -> Evidence:
        text = redact(summarise(seen.text, room))
        return Evidence(
            kind=EvidenceKind.EXHIBIT,
            title=redact(seen.title[:_NAME])[:200],
            source=name,
            read=name,
            media=seen.media,
            text=summarise(text, EXCERPTS.get(seen.media, EXCERPT)),
            artifact=self._texts.keep_text(ticket, text),
            url=web_link(seen.url),
            # What names no time of its own shows how it stood when it was looked at.
            window=seen.window or Window(start=self._now(), end=self._now()),
        )


def _room(sizes: Sequence[int]) -> int:
    """Characters that each observation may keep: small ones leave theirs to the large ones."""
    left, more = KEPT_OF_A_LOOK, len(sizes)
    for size in sorted(sizes):
        if size * more > left:
            return min(KEPT, left // more)
        left, more = left - size, more - 1
    return KEPT


def _missing(name: str, why: str) -> tuple[str, Observation]:
    """That nothing was seen is worth a line: silence would read as health."""
    return name, Observation(title=f"{name} could not be looked at", media="missing", text=why)


def _many(found: object) -> bool:
    return isinstance(found, list)
