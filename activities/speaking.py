"""Messages in a card's thread: to whom, whether now, and once."""

from collections.abc import Callable
from datetime import datetime

from mendwheel.activities.briefs import Texts
from mendwheel.activities.cards import numbered, numbering, sources
from mendwheel.activities.membership import look
from mendwheel.activities.presenting import NOTHING, Boards, Rules
from mendwheel.contracts.recording import PublishRequest
from mendwheel.domain.approval import Approval
from mendwheel.domain.card import Message, MessageKind
from mendwheel.domain.ids import EffectKey, digest
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.outside import NoDirectory
from mendwheel.domain.place import JIRA, Place, Verbosity
from mendwheel.domain.remedy import Receipt
from mendwheel.domain.ticket import Severity
from mendwheel.effects.perform import perform
from mendwheel.policy.live import LivePolicy
from mendwheel.policy.people import delegates, identities, members
from mendwheel.ports import Directory, Ledger

_ON_THE_CARD = (MessageKind.ASKED, MessageKind.REMINDER, MessageKind.ESCALATED)
"""In Jira the open question stands in the progress comment; nobody is sent a comment for each."""

_JUDGED = (OutcomeKind.ANSWERED, OutcomeKind.RUNBOOK, OutcomeKind.FIXED, OutcomeKind.PROPOSED)
_LEFT = (OutcomeKind.HANDED_OVER, OutcomeKind.FAILED)


class Speaker:
    """Says things at places, by the rules of each place."""

    def __init__(
        self,
        boards: Boards,
        texts: Texts,
        ledger: Ledger,
        policy: LivePolicy,
        rules: Rules,
        now: Callable[[], datetime],
        directory: Directory | None = None,
        owner: str = "",
    ) -> None:
        self._directory = directory or NoDirectory()
        self._owner = owner
        self._boards = boards
        self._texts = texts
        self._ledger = ledger
        self._policy = policy
        self._rules = rules
        self._now = now

    def message(self, request: PublishRequest, place: str, text: str) -> Message:
        """What is said, and who is called for it."""
        outcome = request.outcome
        return Message(
            kind=_kind(request),
            text=self._with_sources(request, text),
            approval=request.approval,
            mention=self._called(request, place),
            feedback=outcome is not None and outcome.kind in _JUDGED,
            ticket_id=request.ticket.id,
        )

    def _with_sources(self, request: PublishRequest, text: str) -> str:
        """The card's numbers instead of evidence ids, and what they stand for below."""
        outcome = request.outcome
        if outcome is None or outcome.diagnosis is None:
            return text
        dossier = self._texts.dossier(outcome.dossier)
        numbers = numbering(self._texts.diagnosis(outcome.diagnosis), dossier)
        listed = sources(dossier, numbers)
        return numbered(text, numbers) + (f"\n\nSources:\n\n{listed}" if listed else "")

    def say(self, request: PublishRequest, place: str, text: str) -> Receipt:
        """Once; FRESH where the place is not told this. Raises PlaceError, EffectHeld."""
        reference = self._boards.known(request.ticket.id, place)
        if reference is None or not self.wanted(request, place):
            return NOTHING
        said = self.message(request, place, text)
        board, key = self._boards.at(place), publish_key(request, place)
        return perform(
            self._ledger,
            key,
            digest(said.text),
            find=lambda: board.find(place, reference, key),
            write=lambda: board.say(place, reference, said, key),
            bound=False,
        )

    def wanted(self, request: PublishRequest, place: str) -> bool:
        """Whether the place is told such things at all."""
        kind = _kind(request)
        # Not parsed: what is no place at all is refused where it is written to, and noted.
        if place.partition(":")[0] == JIRA and kind in _ON_THE_CARD:
            return False
        rule = self._rules(place)
        if kind is MessageKind.REMINDER and rule is not None:
            return rule.verbosity is Verbosity.FULL and not self._quiet(request, place)
        return True

    def _called(self, request: PublishRequest, place: str) -> list[str]:
        """Approvers of a question; whoever is named for hand-overs; nobody in quiet hours."""
        if self._quiet(request, place):
            return []
        asked, rule = request.approval, self._rules(place)
        if asked is not None:
            escalated = request.step.startswith("escalated")
            names = [*asked.approvers, *(asked.escalate_to if escalated else [])]
            return self._people(asked, names, Place.parse(place).system)
        if request.outcome is not None and request.outcome.kind in _LEFT and rule is not None:
            return rule.hand_over_to
        return []

    def _people(self, asked: Approval, names: list[str], system: str) -> list[str]:
        """Approvers, and who stands in for one of them today, as `system` knows them."""
        policy = self._policy.now()
        outside = look(self._directory, policy, names)
        people = members(policy, names, self._owner, outside)
        component, tool = asked.component or "", asked.tool
        away = delegates(policy, people, component=component, tool=tool, now=self._now())
        return identities(policy, list(dict.fromkeys([*names, *away])), system, outside)

    def _quiet(self, request: PublishRequest, place: str) -> bool:
        rule = self._rules(place)
        critical = request.triage is not None and request.triage.severity is Severity.CRITICAL
        return rule is not None and rule.quiet_at(self._now()) and not critical


def publish_key(request: PublishRequest, target: str) -> EffectKey:
    """One message a step, round and place."""
    return EffectKey(
        ticket_id=request.ticket.id,
        round=request.round,
        step=f"publish-{request.step}",
        target=target,
    )


def _kind(request: PublishRequest) -> MessageKind:
    if request.approval is not None:
        kind = request.step.split("-", 1)[0]
        return MessageKind(kind) if kind in set(MessageKind) else MessageKind.ASKED
    return MessageKind.FINAL if request.outcome is not None else MessageKind.QUESTION
