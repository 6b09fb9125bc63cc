"""Feedback buttons under an answer: a fact about its outcome."""

from mendwheel.integrations.slack.feedback import read_feedback
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.listeners.replying import thumb
from mendwheel.integrations.slack.reading import Payload, clicked, where
from mendwheel.integrations.slack.telling import Told


async def given(reception: Reception, body: Payload) -> Told | None:
    """One of both thumbs."""
    try:
        ticket, helpful = read_feedback(clicked(body))
    except ValueError:
        return Told(text="This button does nothing here: it belongs to another version of the app.")
    await thumb(reception, ticket, where(body).subject, helpful=helpful)
    return Told(text="Noted, thank you.")
