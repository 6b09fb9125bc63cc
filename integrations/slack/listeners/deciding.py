"""Yes and no: by button, by dialog, by command. The ticket's workflow judges; we hand over."""

import logging

from mendwheel.domain.approval import Approval, Reply
from mendwheel.domain.ids import digest
from mendwheel.domain.outside import AGAIN
from mendwheel.domain.place import SLACK
from mendwheel.integrations.reach import IntakeError
from mendwheel.integrations.slack import modals
from mendwheel.integrations.slack.escape import inline_code
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.modals import Origin
from mendwheel.integrations.slack.people import with_people
from mendwheel.integrations.slack.reading import Payload, Where, clicked, where
from mendwheel.integrations.slack.telling import Told
from mendwheel.ports import StoreUnavailable

_log = logging.getLogger(__name__)


async def approve(reception: Reception, body: Payload) -> None:
    """The button. Its author is told later if it does not count; if it does, the card shows it."""
    asked, who = await reception.question(clicked(body)), where(body)
    decision = await decision_id(reception, asked, who, True)
    handing_over = reception.edge.clicks.hand_over(
        asked, True, channel=SLACK, subject=who.subject, decision_id=decision
    )
    await reception.within(handing_over)
    reception.later(_tell_verdict(reception, who, asked, decision))


async def _tell_verdict(reception: Reception, who: Where, asked: Approval, decision: str) -> None:
    try:
        told = shown(await reception.edge.clicks.verdict(asked, decision), asked)
    except IntakeError as error:
        told = Told(text=with_people(str(error)))
    except StoreUnavailable as error:
        _log.warning("the verdict on a click in Slack cannot be read: %s", error)
        return
    if told is not None:
        await reception.voice.tell(who, told)


async def ask_why(reception: Reception, body: Payload) -> Told | None:
    """The other button opens a dialog."""
    asked, who = await reception.question(clicked(body)), where(body)
    origin = Origin(question=asked.request_id, channel=who.channel, thread=who.thread)
    return await reception.open(body, modals.reject(asked, origin))


async def reject(reception: Reception, body: Payload) -> Told | None:
    """The dialog, sent."""
    origin, given = Origin.of(body["view"]), modals.values(body["view"])
    reason = given.get(modals.REASON, "").strip()
    if not reason:
        return Told(text="Say why: the agents and the next person read it.")
    asked, who = await reception.question(origin.question), where(body)
    told = shown(await decide(reception, who, asked, approved=False, note=reason), asked)
    if told is not None:
        reception.tell_later(who, told)  # it counts: the dialog has to close
    return None


async def decide(
    reception: Reception, who: Where, asked: Approval, *, approved: bool, note: str = ""
) -> Reply | None:
    """None: it is on its way, and its author is told later. Raises DecisionRefused, NotTaken."""
    return await reception.decided(
        reception.edge.decisions.decide(
            asked.ticket_id,
            approved,
            subject=who.subject,
            note=note,
            channel="slack",
            request_id=asked.request_id,
            decision_id=await decision_id(reception, asked, who, approved),
        ),
        who,
    )


async def decision_id(reception: Reception, asked: Approval, who: Where, said: object) -> str:
    """The same click again is the same decision, whoever delivers it twice.

    Under another policy it is another one: who was refused is judged anew once that is corrected.
    So it is after somebody was told to send it again, since it could not be judged.
    """
    policy = await reception.ask(reception.policy.now)
    again = await reception.ask(_unjudged, reception, asked, who)
    named = [asked.request_id, who.user, said, policy.version, *([again] if again else [])]
    return f"slack-{digest(named)[:32]}"


def _unjudged(reception: Reception, asked: Approval, who: Where) -> int:
    """How often this person was told to send it again."""
    kept = reception.edge.stores.questions.decisions(asked.request_id)
    return sum(
        each.subject == who.subject and not accepted and reason.endswith(AGAIN)
        for each, accepted, reason in kept
    )


def shown(reply: Reply | None, asked: Approval) -> Told | None:
    """What the card does not show by itself: that more must agree, that no worker is there."""
    if reply is None:
        return None
    if reply.waiting_for:
        ticket, why = inline_code(asked.ticket_id), f" ({reply.reason})" if reply.reason else ""
        return Told(text=f"Counted for {ticket}: {reply.waiting_for} more must agree{why}.")
    return Told(text=with_people(reply.reason)) if reply.reason else None
