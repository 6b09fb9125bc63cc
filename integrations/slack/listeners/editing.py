"""Other arguments for what is proposed: a new question, with a hash of its own."""

from mendwheel.domain.place import SLACK
from mendwheel.integrations.reach import IntakeError
from mendwheel.integrations.refused import EDIT, write_down
from mendwheel.integrations.slack import modals
from mendwheel.integrations.slack.listeners.deciding import decision_id
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.modals import Origin
from mendwheel.integrations.slack.people import with_people
from mendwheel.integrations.slack.reading import Payload, clicked, where
from mendwheel.integrations.slack.telling import Told


async def ask(reception: Reception, body: Payload) -> Told | None:
    """The button opens a dialog with the arguments of the question, as the store has them."""
    asked, who = await reception.question(clicked(body)), where(body)
    now = await reception.ask(reception.edge.stores.questions.open, asked.ticket_id)
    if now is None or now.request_id != asked.request_id:
        row = write_down(
            *(reception.edge.stores, asked.ticket_id, EDIT),
            subject=who.subject,
            channel=SLACK,
            reason="the question is not open any more",
            request=asked.request_id,
        )
        await reception.within(row)
        return Told(text="Too late: this question is not open any more.")
    if not asked.arguments:
        return Told(text="There is nothing to edit: this remedy has no arguments.")
    origin = Origin(question=asked.request_id, channel=who.channel, thread=who.thread)
    return await reception.open(body, modals.edit(asked, origin))


async def propose(reception: Reception, body: Payload) -> Told | None:
    """The dialog, sent; what does not fit is said under its input."""
    origin, who = Origin.of(body["view"]), where(body)
    asked = await reception.question(origin.question)
    edited, wrong = modals.arguments(asked.arguments, modals.values(body["view"]))
    if wrong:
        return Told(text="Some arguments do not fit.", errors=wrong)
    if edited == asked.arguments:
        return Told(text="Nothing is changed: approve it as it is, or change something.")
    work = reception.edge.decisions.amend(
        asked.ticket_id,
        edited,
        subject=who.subject,
        channel="slack",
        request_id=asked.request_id,
        decision_id=await decision_id(reception, asked, who, ["edit", edited]),
    )
    try:
        await reception.decided(work, who)
    except IntakeError as error:
        return Told(text=with_people(str(error)))
    return None
