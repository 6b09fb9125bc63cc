"""Keeps what was given up, and says whether it may be done again."""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError
from temporalio import activity

from mendwheel.activities.presenting import call_out_key, card_key
from mendwheel.activities.speaking import Speaker, publish_key
from mendwheel.contracts.letters import (
    Again,
    GiveUpRequest,
    LettersStub,
    RetriedRequest,
    RetryRequest,
    TakenUp,
)
from mendwheel.contracts.presenting import PresentRequest
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.letter import DeadLetter, LetterKind, LetterStanding
from mendwheel.domain.remedy import EffectState
from mendwheel.policy.evaluate import forbidden
from mendwheel.policy.live import LivePolicy
from mendwheel.ports import Artifacts, Audit, Cases, Ledger, Letters, Questions
from mendwheel.security.redaction import redact

_REASON = 300


class LettersDesk(LettersStub):
    """Notes, refuses, closes. Repeating is done by the activity that did it first."""

    def __init__(
        self,
        letters: Letters,
        artifacts: Artifacts,
        cases: Cases,
        ledger: Ledger,
        questions: Questions,
        audit: Audit,
        policy: LivePolicy,
        speaker: Speaker,
        now: Callable[[], datetime],
    ) -> None:
        self._letters = letters
        self._artifacts = artifacts
        self._cases = cases
        self._ledger = ledger
        self._questions = questions
        self._audit = audit
        self._policy = policy
        self._speaker = speaker
        self._now = now

    @activity.defn(name="mendwheel.give_up", no_thread_cancel_exception=True)
    def give_up(self, request: GiveUpRequest) -> None:
        key = _key(request.kind, request.again)
        if self._moot(request, key):
            return
        letter = DeadLetter(
            key=key,
            kind=request.kind,
            reason=redact(" ".join(request.reason.split()))[:_REASON],
            at=self._now(),
            request=self._artifacts.put(
                self._tenant(request.again),
                request.again.model_dump_json(exclude_defaults=True),
                key.ticket_id,
            ),
            unknown=request.unknown,
        )
        self._letters.add(letter)
        detail = {"effect": str(key), "kind": request.kind.value}
        self._audit.append(key.ticket_id, "effect given up", "mendwheel", detail)

    def _moot(self, request: GiveUpRequest, key: EffectKey) -> bool:
        """Its last attempt came through after all, or the place is not told such things."""
        if request.kind is LetterKind.CARD:
            return False  # what stands there may be old
        publish = request.again.publish
        if publish is not None and not self._speaker.wanted(publish, key.target):
            return True
        known = dict(self._ledger.entries(key.ticket_id)).get(key)
        return known is not None and known.state is EffectState.DONE

    def _tenant(self, again: Again) -> str:
        """Raises LookupError: a call belongs to no ticket that is known."""
        asked = again.publish or again.present
        if asked is not None:
            return asked.ticket.tenant
        assert again.write is not None, "something is to be done again"
        case = self._cases.get(again.write.key.ticket_id)
        if case is None:
            raise LookupError(f"no ticket {again.write.key.ticket_id} is known")
        return case.tenant

    @activity.defn(name="mendwheel.take_up", no_thread_cancel_exception=True)
    def take_up(self, request: RetryRequest) -> TakenUp:
        letter = self._letters.get(request.key)
        if letter is None:
            return TakenUp(
                refused=f"no dead letter {request.key}: `mendwheel effects list` shows them"
            )
        refused, again = over(letter) or self._unsafe(letter, request), None
        if not refused:
            refused, again = self._read(letter)
        if again is None or refused:
            return TakenUp(refused=refused, kind=letter.kind)
        looked = {"looked": request.who} if request.looked else {}
        detail = {"effect": str(letter.key), **looked}
        self._audit.append(letter.key.ticket_id, "effect retried", request.who, detail)
        return TakenUp(kind=letter.kind, again=_vouched(again, looked=request.looked))

    def _unsafe(self, letter: DeadLetter, request: RetryRequest) -> str:
        if letter.unknown and not request.looked:
            return (
                f"it is not known what came of {letter.key}, and repeating it could do it twice: "
                "look there first. If it is not there, retry with --looked; if it is, discard it"
            )
        if letter.kind in (LetterKind.TOOL, LetterKind.HTTP):
            return forbidden(self._policy.now(), letter.key.target) or ""
        return ""

    def _read(self, letter: DeadLetter) -> tuple[str, Again | None]:
        if letter.request is None:
            return f"{letter.key} cannot be repeated: {letter.reason}. Discard it", None
        try:
            again = Again.model_validate_json(self._artifacts.get(letter.request))
        except LookupError:
            return f"what {letter.key} said was forgotten: discard it", None
        except ValidationError:
            return f"what {letter.key} said cannot be read any more: discard it", None
        asked = again.publish.approval if again.publish else None
        if asked is not None:
            standing = self._questions.open(letter.key.ticket_id)
            if standing is None or standing.request_id != asked.request_id:
                return f"the question of {letter.key} is not open any more: discard it", None
        return "", again

    @activity.defn(name="mendwheel.retried", no_thread_cancel_exception=True)
    def retried(self, request: RetriedRequest) -> None:
        if self._letters.end(request.key, LetterStanding.DONE, request.who, "retried"):
            self._audit.append(
                request.key.ticket_id,
                "effect done",
                request.who,
                {"effect": str(request.key), "reference": request.receipt.reference},
            )


def over(letter: DeadLetter) -> str:
    """Why there is nothing left to do about it; empty while it is open."""
    if letter.standing is LetterStanding.OPEN:
        return ""
    return f"{letter.key} was {letter.standing.value} already, by {letter.ended_by}"


def _key(kind: LetterKind, again: Again) -> EffectKey:
    if again.publish is not None:
        return publish_key(again.publish, again.publish.place or again.publish.ticket.place or "")
    if again.write is not None:
        return again.write.key
    assert again.present is not None, "something is to be done again"
    return _presented(kind, again.present)


def _presented(kind: LetterKind, request: PresentRequest) -> EffectKey:
    if kind is LetterKind.CARD:
        return card_key(request.ticket.id, request.place)
    if kind is LetterKind.CALL_OUT:
        return call_out_key(request)
    return EffectKey(
        ticket_id=request.ticket.id, round=request.round, step="conclude", target=request.place
    )


def _vouched(again: Again, *, looked: bool) -> Again:
    """A call is repeated only because somebody says that they looked."""
    if again.write is None or not looked:
        return again
    return again.model_copy(update={"write": again.write.model_copy(update={"looked": True})})
