"""What none of our features takes: acknowledged, and answered where a person waits."""

import logging

from mendwheel.integrations.slack.escape import plain
from mendwheel.integrations.slack.listeners.reception import Reception
from mendwheel.integrations.slack.reading import Payload
from mendwheel.integrations.slack.telling import Told

_log = logging.getLogger(__name__)


async def command(reception: Reception, body: Payload) -> Told:
    """A command that the app's manifest has and the setting `slack_command` has not."""
    ours = plain(reception.edge.settings.slack_command)
    return Told(text=f"{plain(str(body['command']))} is not ours. Say `{ours} help`.")


async def shortcut(reception: Reception, body: Payload) -> Told:
    return Told(text="This shortcut does nothing here: it belongs to another version of the app.")


async def action(reception: Reception, body: Payload) -> Told | None:
    """A link button is reported too; it did its work in the browser."""
    if any(action.get("url") for action in body.get("actions") or []):
        return None
    return Told(text="This button does nothing here: it belongs to another version of the app.")


async def view(reception: Reception, body: Payload) -> Told:
    return Told(text="Nothing was done: this dialog belongs to another version of the app.")


async def event(reception: Reception, body: Payload) -> None:
    _log.debug("an event that nothing here takes: %s", body["event"].get("type"))
