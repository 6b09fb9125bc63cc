"""Methods that read a workspace: conversations, people, groups, and who is asking."""

from typing import Any

from mendwheel.testing.slack_chat import truth
from mendwheel.testing.slack_state import (
    BOT,
    BOT_USER,
    TEAM,
    Json,
    SlackChannel,
    SlackMessage,
    SlackProblem,
    Workspace,
)


def auth_test(space: Workspace, args: Json) -> Json:
    who = {"user": "app", "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False}
    return {"url": "https://local.slack.com/", "team": "local", "team_id": TEAM} | who


def history(space: Workspace, args: Json) -> Json:
    channel = _readable(space, args)
    found = [each for each in channel.messages if each.root and not each.deleted]
    found = [each for each in found if _within(each, args)]
    page, more = _page(found[::-1], args, 100)
    return _messages(page, args, channel) | more | {"pin_count": 0}


def replies(space: Workspace, args: Json) -> Json:
    channel = _readable(space, args)
    root = str(args.get("ts"))
    found = [each for each in channel.messages if not each.deleted]
    thread = [each for each in found if each.ts == root or each.thread_ts == root]
    if not any(each.ts == root for each in thread):
        raise SlackProblem("thread_not_found")
    thread = [each for each in thread if each.ts == root or _within(each, args)]
    page, more = _page(thread, args, 1000)
    return _messages(page, args, channel) | more


def info(space: Workspace, args: Json) -> Json:
    return {"channel": space.channel(args.get("channel")).shown()}


def channels(space: Workspace, args: Json) -> Json:
    found = [each for each in space.channels.values() if each.im_with is None]
    if truth(args.get("exclude_archived")):
        found = [each for each in found if not each.archived]
    page, more = _page(found, args, 100)
    return {"channels": [each.shown() for each in page]} | more


def members(space: Workspace, args: Json) -> Json:
    page, more = _page(sorted(space.channel(args.get("channel")).members), args, 100)
    return {"members": page} | more


def open_direct(space: Workspace, args: Json) -> Json:
    if args.get("channel"):
        return {"channel": space.channel(args["channel"]).shown()}
    users = [each for each in str(args.get("users") or "").split(",") if each]
    if not users:
        raise SlackProblem("users_list_not_supplied")
    return {"channel": space.direct(users[0]).shown()}


def user_info(space: Workspace, args: Json) -> Json:
    user = space.users.get(str(args.get("user")))
    if user is None:
        raise SlackProblem("user_not_found")
    return {"user": user.shown()}


def users(space: Workspace, args: Json) -> Json:
    page, more = _page(list(space.users.values()), args, 100)
    return {"members": [each.shown() for each in page]} | more


def by_email(space: Workspace, args: Json) -> Json:
    for user in list(space.users.values()):
        if user.email and user.email == args.get("email"):
            return {"user": user.shown()}
    raise SlackProblem("users_not_found")


def groups(space: Workspace, args: Json) -> Json:
    return {
        "usergroups": [
            {"id": id, "team_id": TEAM, "handle": handle, "name": handle, "users": sorted(who)}
            for id, (handle, who) in space.groups.items()
        ]
    }


def group_users(space: Workspace, args: Json) -> Json:
    group = space.groups.get(str(args.get("usergroup")))
    if group is None:
        raise SlackProblem("no_such_subteam")
    return {"users": sorted(group[1])}


def _readable(space: Workspace, args: Json) -> SlackChannel:
    channel = space.channel(args.get("channel"))
    if channel.im_with is None and BOT_USER not in channel.members:
        raise SlackProblem("not_in_channel")
    return channel


def _within(message: SlackMessage, args: Json) -> bool:
    inclusive = truth(args.get("inclusive"))
    oldest, latest = args.get("oldest"), args.get("latest")
    if inclusive and message.ts in (oldest, latest):
        return True
    at = float(message.ts)
    after = not oldest or at > float(oldest)
    return after and (not latest or at < float(latest))


def _messages(page: list[SlackMessage], args: Json, channel: SlackChannel) -> Json:
    metadata = truth(args.get("include_all_metadata"))
    shown = []
    for each in page:
        data = each.shown(metadata=metadata)
        if each.thread_ts == each.ts:
            under = [one for one in channel.messages if one.thread_ts == each.ts and one != each]
            data["reply_count"] = len([one for one in under if not one.deleted])
        shown.append(data)
    return {"messages": shown}


def _page(items: list[Any], args: Json, usual: int) -> tuple[list[Any], Json]:
    """A page, and `has_more` with the cursor of the next one. Raises SlackProblem."""
    cursor, limit = str(args.get("cursor") or "0"), str(args.get("limit") or usual)
    if not cursor.isdigit():
        raise SlackProblem("invalid_cursor")
    if not limit.isdigit() or not 1 <= int(limit) <= 1000:
        raise SlackProblem("invalid_limit")
    start = int(cursor)
    end = start + int(limit)
    more = end < len(items)
    following = {"next_cursor": str(end) if more else ""}
    return items[start:end], {"has_more": more, "response_metadata": following}
