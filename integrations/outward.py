"""What the settings put to work: boards, inboxes, whoever is on call. Imported only when used."""

from collections.abc import Callable
from functools import partial

from temporalio.client import Client

from mendwheel.converter import with_converter
from mendwheel.integrations.edge import Edge
from mendwheel.ports import Board, Inbox, OnCall
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores


def boards(settings: Settings) -> dict[str, Board]:
    """The board of each system that is set up. Opens nothing."""
    found: dict[str, Board] = {}
    if settings.slack:
        from mendwheel.integrations.slack.chat import SlackBoard

        found["slack"] = SlackBoard(settings)
    if settings.jira:
        from mendwheel.integrations.jira.tracker import JiraBoard

        found["jira"] = JiraBoard(settings)
    return found


def inboxes(stores: Stores, settings: Settings) -> dict[str, Callable[[Client], Inbox]]:
    """What opens the inbox of each system that is set up, on a worker's client."""
    names = [name for name in ("slack", "jira") if getattr(settings, name)]
    return {name: partial(inbox, name, stores=stores, settings=settings) for name in names}


def inbox(system: str, client: Client, stores: Stores, settings: Settings) -> Inbox:
    """The inbox of `system`, on a worker's client."""
    edge = Edge.over(with_converter(client), stores, settings)
    if system == "slack":
        from mendwheel.integrations.slack.inbox import SlackInbox

        return SlackInbox(edge, settings)
    from mendwheel.integrations.jira.client import JiraClient
    from mendwheel.integrations.jira.inbox import JiraInbox
    from mendwheel.integrations.jira.tracker import JiraBoard

    jira, tell = JiraClient(settings), None
    if settings.slack:
        from mendwheel.integrations.slack.telling import tell_asker

        tell = partial(tell_asker, settings)
    return JiraInbox(edge, jira, settings, JiraBoard(settings, jira), tell)


def on_call(settings: Settings) -> OnCall | None:
    """Whoever is called when a human has to go on; None: nobody."""
    if settings.oncall_url is None:
        return None
    from mendwheel.integrations.oncall import OnCallPort

    return OnCallPort(settings)
