"""Who is in a user group of the workspace; needs the scope `usergroups:read`."""

from slack_sdk.web import WebClient

from mendwheel.domain.outside import SLACK_GROUP
from mendwheel.integrations.slack.errors import explained
from mendwheel.ports.world import PlaceError


def group(client: WebClient, name: str) -> tuple[list[str], str]:
    """The subjects in `slack-group:S0123` or `slack-group:@HANDLE`, and how it is called.

    Raises PlaceError.
    """
    with explained(name):
        id = _id(client, name)
        users = client.usergroups_users_list(usergroup=id).get("users")
    if not isinstance(users, list):
        raise PlaceError(name, "answer", f"{name}: Slack's answer names no people")
    return [f"slack:{user}" for user in users], f"slack:{id}"


def _id(client: WebClient, name: str) -> str:
    wanted = name.removeprefix(SLACK_GROUP)
    if not wanted.startswith("@"):
        return wanted
    for each in client.usergroups_list().get("usergroups") or []:
        if each.get("handle") == wanted[1:]:
            return str(each["id"])
    raise PlaceError(name, "no_such_subteam", f"{name}: no user group has this handle: correct it")
