"""Cards at places: written once through the ledger, edited in place from then on."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime

from temporalio import activity

from mendwheel.activities.briefs import Texts
from mendwheel.activities.cards import card
from mendwheel.activities.outgoing import Outgoing
from mendwheel.contracts.presenting import PresentingStub, PresentRequest
from mendwheel.domain.access import WITHHELD, Access, without_findings
from mendwheel.domain.card import Card, CardLink
from mendwheel.domain.ids import CARD, EffectKey, digest
from mendwheel.domain.letter import LetterStanding
from mendwheel.domain.place import Place, PlaceRule, Verbosity
from mendwheel.domain.remedy import EffectState, Receipt
from mendwheel.domain.ticket import Severity
from mendwheel.effects.perform import perform, repeat
from mendwheel.ports import Artifacts, Board, Ledger, Letters, OnCall, PlaceError, Threads

NOTHING = Receipt(state=EffectState.FRESH)
REMOVED = ("comment_gone", "message_not_found")
LINKS = 10_000
"""Links kept in memory: a card's does not change."""
URGENT = (Severity.HIGH, Severity.CRITICAL)

Rules = Callable[[str], PlaceRule | None]


class Boards:
    """The board of each system, and the card that a ticket has at a place."""

    def __init__(self, boards: Mapping[str, Board], ledger: Ledger, threads: Threads) -> None:
        self._boards = boards
        self._ledger = ledger
        self._threads = threads
        self._links: OrderedDict[tuple[str, str], CardLink] = OrderedDict()

    def at(self, place: str) -> Board:
        """Raises PlaceError: nothing of that kind is set up."""
        system = Place.parse(place).system
        if system not in self._boards:
            raise PlaceError(
                system, "not_set_up", f"{place} cannot be written: set MENDWHEEL_{system.upper()}_…"
            )
        return self._boards[system]

    def known(self, ticket_id: str, place: str) -> str | None:
        """Reference of the ticket's card at `place`, if it was written."""
        key = card_key(ticket_id, place)
        for written, receipt in self._ledger.entries(ticket_id):
            if written == key and receipt.state is EffectState.DONE:
                return receipt.reference
        return None

    def link(self, ticket_id: str, place: str) -> CardLink | None:
        """Where a browser finds the ticket's card at `place`; asked of the place once."""
        reference = self.known(ticket_id, place)
        if reference is None:
            return None
        known = self._links.get((place, reference))
        if known is None and (known := self.at(place).link(place, reference)):
            self._links[place, reference] = known
            while len(self._links) > LINKS:
                self._links.popitem(last=False)
        return known

    def open(self, place: str, shown: Card) -> str:
        """Write the card, once whatever happens; replies to it belong to the ticket."""
        board, key = self.at(place), card_key(shown.ticket_id, place)
        receipt = perform(
            self._ledger,
            key,
            digest([shown.ticket_id, place]),
            find=lambda: board.find_card(place, key),
            write=lambda: board.open_card(place, shown, key),
        )
        self._threads.bind(board.thread(place, receipt.reference), shown.ticket_id)
        return receipt.reference


def card_key(ticket_id: str, place: str) -> EffectKey:
    """One card a ticket and place, whatever round it is in."""
    return EffectKey(ticket_id=ticket_id, round=0, step=CARD, target=place)


def call_out_key(request: PresentRequest) -> EffectKey:
    """One call a ticket and round."""
    return EffectKey(
        ticket_id=request.ticket.id, round=request.round, step="call-out", target="on-call"
    )


class Presenting(PresentingStub):
    """Writes what people see."""

    def __init__(
        self,
        boards: Boards,
        artifacts: Artifacts,
        ledger: Ledger,
        rules: Rules,
        on_call: OnCall | None,
        run_url: Callable[[str], str | None],
        now: Callable[[], datetime],
        access: Access,
        letters: Letters,
        outgoing: Outgoing,
    ) -> None:
        self._boards = boards
        self._letters = letters
        self._access = access
        self._outgoing = outgoing
        self._texts = Texts(artifacts)
        self._ledger = ledger
        self._rules = rules
        self._on_call = on_call
        self._run_url = run_url
        self._now = now

    @activity.defn(name="mendwheel.present", no_thread_cancel_exception=True)
    def present(self, request: PresentRequest) -> Receipt:
        request, place = self._shown(request), request.place
        reference = self._boards.known(request.ticket.id, place)
        if reference is None:
            if not self._speaks(request):
                return NOTHING
            reference = self._boards.open(place, self._card(request))
            self._mended(request)
            return Receipt(state=EffectState.DONE, reference=reference)
        try:
            board, shown = self._boards.at(place), self._card(request)
            repeat(lambda: board.show(place, reference, shown))
        except PlaceError as error:
            if error.kind not in REMOVED:
                raise
            # People took the card away: it stays away, and what there is to say is said.
            return Receipt(state=EffectState.DONE, reference=reference, detail="removed")
        self._mended(request)
        return Receipt(state=EffectState.DONE, reference=reference)

    def _mended(self, request: PresentRequest) -> None:
        """An update that was given up is overtaken by this one: to repeat it would undo this."""
        key = card_key(request.ticket.id, request.place)
        self._letters.end(key, LetterStanding.DONE, "mendwheel", "shown since")

    @activity.defn(name="mendwheel.conclude", no_thread_cancel_exception=True)
    def conclude(self, request: PresentRequest) -> Receipt:
        request = self._shown(request)
        place, outcome = request.place, request.outcome
        reference = self._boards.known(request.ticket.id, place)
        if outcome is None or reference is None:
            return NOTHING
        board = self._boards.at(place)
        shown = self._card(request)
        done = repeat(lambda: board.conclude(place, reference, shown, outcome))
        return Receipt(state=EffectState.DONE, reference=reference) if done else NOTHING

    @activity.defn(name="mendwheel.call_out", no_thread_cancel_exception=True)
    def call_out(self, request: PresentRequest) -> Receipt:
        severity = request.triage.severity if request.triage else None
        if self._on_call is None or severity not in URGENT or self._quiet(request):
            return NOTHING
        request = self._shown(request)
        port, ticket = self._on_call, request.ticket
        key = call_out_key(request)
        shown = self._card(request)
        return perform(
            self._ledger,
            key,
            digest([ticket.id, request.round]),
            # The key is the incident's own key over there: the same call again is the same one.
            find=lambda: None,
            write=lambda: port.call(shown, key),
        )

    def _shown(self, request: PresentRequest) -> PresentRequest:
        """What may be read there. The place may have joined when documents had been looked up
        that may not: then it is shown how far the ticket is, and nothing of what was found."""
        outcome, tenant = request.outcome, request.ticket.tenant
        refs = {request.dossier, outcome.dossier if outcome else None} - {None}
        if all(self._access.shows(self._texts.dossier(ref), tenant, request.place) for ref in refs):
            return request
        return request.model_copy(
            update={
                "dossier": None,
                "diagnosis": None,
                "remedy": None,
                "approval": None,
                "decided": "",
                "steps": [],
                "problem": WITHHELD,
                "outcome": without_findings(outcome) if outcome else None,
            }
        )

    def _speaks(self, request: PresentRequest) -> bool:
        """A quiet place hears nothing before the end or a question, and then only if it is sure."""
        rule = self._rules(request.place)
        if rule is None or rule.verbosity is not Verbosity.QUIET:
            return True
        sure = request.diagnosis is not None and request.diagnosis.confidence >= rule.quiet_above
        return sure and (request.final or request.approval is not None)

    def _quiet(self, request: PresentRequest) -> bool:
        """Quiet hours of where it was reported; what is critical is told all the same."""
        rule = self._rules(request.ticket.place)
        critical = request.triage is not None and request.triage.severity is Severity.CRITICAL
        return rule is not None and rule.quiet_at(self._now()) and not critical

    def _card(self, request: PresentRequest) -> Card:
        links = self._links(request)
        drawn = card(request, self._texts, links, self._run_url, self._now())
        return self._outgoing.card(drawn, self._texts.dossier(request.dossier))

    def _links(self, request: PresentRequest) -> list[CardLink]:
        """The run, and the ticket's other places."""
        url = self._run_url(request.ticket.id)
        links = [CardLink(title="Temporal run", url=url)] if url else []
        for place in request.places:
            if place != request.place and (link := self._boards.link(request.ticket.id, place)):
                links.append(link)
        return links
