"""What Slack may bring, one file a feature. Here they are only registered."""

import re

from slack_bolt.async_app import AsyncApp

from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.listeners import (
    asking_for_more,
    command,
    deciding,
    editing,
    home,
    mention,
    message,
    reopening,
    shortcut,
    taking_over,
    thumbs,
    unknown,
)
from mendwheel.integrations.slack.listeners.reception import Reception

_ANY = re.compile(".*")


def register(app: AsyncApp, reception: Reception) -> None:
    """One line a feature; what nothing above it takes is answered by the last lines."""
    listen = reception.listener
    app.command(reception.edge.settings.slack_command)(listen(command.said))
    app.shortcut(names.RESOLVE_THIS)(listen(shortcut.resolve_this))
    app.event("app_mention")(listen(mention.mentioned))
    app.event("message")(listen(message.said))
    app.event("app_home_opened")(listen(home.opened))
    app.action(names.APPROVE)(listen(deciding.approve))
    app.action(names.REJECT)(listen(deciding.ask_why))
    app.view(names.REJECT_REASON)(listen(deciding.reject))
    app.action(names.EDIT)(listen(editing.ask))
    app.view(names.EDIT_ARGUMENTS)(listen(editing.propose))
    app.action(names.MORE)(listen(asking_for_more.ask))
    app.view(names.MORE_TEXT)(listen(asking_for_more.send))
    app.action(names.TAKE_OVER)(listen(taking_over.take_over))
    app.action(names.REOPEN)(listen(reopening.reopen))
    app.action(names.FEEDBACK)(listen(thumbs.given))
    app.command(_ANY)(listen(unknown.command))
    app.shortcut(_ANY)(listen(unknown.shortcut))
    app.action(_ANY)(listen(unknown.action))
    app.view(_ANY)(listen(unknown.view))
    app.event(_ANY)(listen(unknown.event))
