"""Jira issues as places: one progress comment a ticket, edited in place, and comments beside it."""

import logging
from collections.abc import Callable
from functools import partial

from mendwheel.domain.card import Card, CardLink, Message, MessageKind
from mendwheel.domain.ids import EffectKey, digest
from mendwheel.domain.outcome import Outcome
from mendwheel.domain.place import JIRA, Place
from mendwheel.integrations.jira.body import share
from mendwheel.integrations.jira.card import called, card_markdown, message_markdown
from mendwheel.integrations.jira.client import JiraClient
from mendwheel.integrations.jira.marker import Mark
from mendwheel.integrations.jira.shown import Shown
from mendwheel.integrations.jira.split import split
from mendwheel.integrations.jira.transitions import move
from mendwheel.integrations.pace import Pace
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

DEADLINE = 7.5
"""Seconds for all requests of one call; shorter than the ledger's deadline of one attempt."""

MOST_LINKS = 3
"""Of one issue to elsewhere: each is a request within the deadline."""

PROPERTY = "mendwheel"
"""Name of the entity property that holds where the ticket stands."""

_log = logging.getLogger(__name__)


class JiraBoard:
    """Writes tickets to the issues of one site (the Board port). Thread-safe."""

    def __init__(self, settings: Settings, client: JiraClient | None = None) -> None:
        self._settings = settings
        self._client = client or JiraClient(settings)
        self._share = partial(share, cloud=self._client.cloud)
        self._shown = Shown()
        self._pace = Pace()

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()

    def find_card(self, place: str, key: EffectKey) -> str | None:
        with self._client.http.deadline(DEADLINE):
            return self._client.find_comment(_issue(place), str(key))

    def open_card(self, place: str, card: Card, key: EffectKey) -> str:
        with self._client.http.deadline(DEADLINE):
            issue, text = _issue(place), card_markdown(card, self._share)
            mark = Mark(key=str(key))
            reference = self._client.add_comment(issue, text, mark, self._internal(issue))
            self._shown.keep(place, reference, text, mark)
            self._note(issue, card)
            return reference

    def show(self, place: str, reference: str, card: Card) -> None:
        """Raises PlaceError of kind `comment_gone`: somebody has deleted the comment."""
        issue, text = _issue(place), card_markdown(card, self._share)
        if self._shown.stands(place, reference, text):
            return
        self._pace.keep(reference)
        with self._client.http.deadline(DEADLINE):
            # Forgotten first: when the answer is lost, nobody knows what the comment says.
            self._shown.forget(place, reference)
            mark = self._mark(place, reference, card)
            self._client.edit_comment(issue, reference, text, mark, self._internal(issue))
            self._shown.keep(place, reference, text, mark)
            self._note(issue, card)

    def thread(self, place: str, reference: str) -> str:
        """All comments of an issue are its one thread."""
        return f"{JIRA}:{_issue(place)}"

    def find(self, place: str, reference: str, key: EffectKey) -> str | None:
        with self._client.http.deadline(DEADLINE):
            return self._client.find_comment(_issue(place), str(key))

    def say(self, place: str, reference: str, message: Message, key: EffectKey) -> str:
        """The id of the comment, or of the first of several where one cannot hold the text."""
        issue = _issue(place)
        parts = split(message_markdown(message), self._share)
        with self._client.http.deadline(DEADLINE):
            # Whoever reported it has to see what they are asked.
            internal = message.kind is not MessageKind.QUESTION and self._internal(issue)
            written = self._client.find_parts(issue, str(key)) if len(parts) > 1 else {}
            ids = {number: found for number, (found, _) in written.items()}
            for number, text in enumerate(parts, 1):
                if number not in ids:
                    mark = Mark(key=str(key), part=number, of=len(parts))
                    mention = called(message) if number == 1 else []
                    ids[number] = self._client.add_comment(issue, text, mark, internal, mention)
        return ids[1]

    def conclude(self, place: str, reference: str, card: Card, outcome: Outcome) -> bool:
        """Label, link, property, and the status at last. All of them are safe to repeat."""
        issue, client, settings = _issue(place), self._client, self._settings
        steps: list[Callable[[], object]] = [
            partial(client.set_property, issue, PROPERTY, _state(card, outcome))
        ]
        if settings.jira_label:
            steps.append(partial(client.add_labels, issue, [settings.jira_label]))
        for link in self._elsewhere(card):
            name = f"mendwheel={card.ticket_id}&to={digest(link.url)[:12]}"
            steps.append(partial(client.remote_link, issue, link.url, link.title, name))
        wanted = settings.jira_transitions.get(outcome.kind.value)
        if wanted:
            steps.append(partial(move, client, issue, wanted, settings.jira_transition_fields))
        with client.http.deadline(DEADLINE):
            _all_of(steps)
        return True

    def link(self, place: str, reference: str) -> CardLink | None:
        issue = _issue(place)
        return CardLink(title=f"Jira {issue}", url=self._client.browse_url(issue, reference))

    def _mark(self, place: str, reference: str, card: Card) -> Mark:
        """The mark that the comment was written with: an edit must not wipe it out."""
        known = self._shown.mark(place, reference)
        known = known or self._client.mark_of(_issue(place), reference)
        return known or Mark(key=f"{card.ticket_id}/0/card/{place}")

    def _internal(self, issue: str) -> bool:
        if not self._settings.jira_internal:
            return False
        # Asked each time: an issue that was moved keeps its old key as a name.
        return self._client.service_desk(self._client.project(issue))

    def _elsewhere(self, card: Card) -> list[CardLink]:
        """The run and the Slack threads: where else to look. Jira links to itself are none."""
        here = self._client.http.base_url + "/"
        web = [link for link in card.links if link.url.startswith(("https://", "http://"))]
        return [link for link in web if not link.url.startswith(here)][:MOST_LINKS]

    def _note(self, issue: str, card: Card) -> None:
        """Where the ticket stands, for automations; a card is worth more than this."""
        if not self._shown.is_new_phase(issue, card):
            return
        try:
            self._client.set_property(issue, PROPERTY, _state(card))
        except PlaceError as error:
            _log.warning("%s: the property %s was not set: %s", issue, PROPERTY, error)


def _all_of(steps: list[Callable[[], object]]) -> None:
    """Every step although one was refused; the first refusal is raised at the end.

    What may go better later is raised at once: the rest comes with the next attempt.
    """
    refused: PlaceError | None = None
    for step in steps:
        try:
            step()
        except PlaceError as error:
            if error.retryable:
                raise
            refused = refused or error
    if refused is not None:
        raise refused


def _state(card: Card, outcome: Outcome | None = None) -> dict[str, str | int]:
    kind = outcome.kind if outcome else card.outcome
    return {
        "ticket": card.ticket_id,
        "round": card.round,
        "phase": card.phase.value,
        "outcome": kind.value if kind else "",
        "standing": outcome.standing.value if outcome else "",
    }


def _issue(place: str) -> str:
    """Raises PlaceError: `place` is no issue of Jira's."""
    system, _, key = place.partition(":")
    if system != JIRA or not key:
        raise PlaceError(place, "not_jira", f"{place!r} is no Jira issue: write jira:KEY")
    return Place.parse(place).address
