"""Leads people to where a sense looked, by an address that the operator knows and we do not."""

from mendwheel.domain.looking import filled, placeholders
from mendwheel.domain.observation import Observation, Window
from mendwheel.domain.ticket import Report, Ticket
from mendwheel.integrations.senses.matching import segment
from mendwheel.integrations.senses.windows import epoch, stamp
from mendwheel.ports import LiveSense


class LinkedSense:
    """`sense`, with a link made from `template` where it gives none of its own."""

    def __init__(self, sense: LiveSense, template: str) -> None:
        self.name = sense.name
        self._sense = sense
        self._template = template

    def observe(
        self, ticket: Ticket, report: Report, component: str | None, window: Window
    ) -> list[Observation]:
        """What the sense saw. Raises what it raises."""
        return [
            each.model_copy(update={"url": self._link(ticket, component, each.window or window)})
            if each.url is None and each.media != "missing"
            else each
            for each in self._sense.observe(ticket, report, component, window)
        ]

    def _link(self, ticket: Ticket, component: str | None, window: Window) -> str | None:
        """None where it needs a component and there is none."""
        start, end = epoch(window.start), epoch(window.end)
        words = {
            "start": segment(stamp(start)),
            "end": segment(stamp(end)),
            "start_ms": str(int(start * 1000)),
            "end_ms": str(int(end * 1000)),
            "tenant": segment(ticket.tenant),
        }
        if component:
            words["component"] = segment(component)
        if not placeholders(self._template) <= words.keys():
            return None
        link: str = filled(self._template, words)
        return link
