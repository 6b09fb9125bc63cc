"""The `chat.*` and `reactions.*` methods: what an app writes."""

from typing import Any

from mendwheel.testing.slack_limits import (
    MARKDOWN_TEXT,
    MESSAGE_TEXT,
    UPDATE_TEXT,
    check_blocks,
    parsed,
)
from mendwheel.testing.slack_state import (
    BOT_USER,
    Json,
    SlackChannel,
    SlackMessage,
    SlackProblem,
    Workspace,
)


def post_message(space: Workspace, args: Json) -> Json:
    channel = _writable(space, args)
    text, blocks = _content(args)
    thread = args.get("thread_ts")
    if thread and not any(each.ts == str(thread) for each in channel.messages):
        raise SlackProblem("thread_not_found")
    message = SlackMessage(
        channel=channel.id,
        ts=space.ts(),
        user=BOT_USER,
        text=text[:MESSAGE_TEXT],
        blocks=blocks,
        attachments=parsed(args.get("attachments"), "attachments") or [],
        thread_ts=str(thread) if thread else None,
        broadcast=truth(args.get("reply_broadcast")),
        by_app=True,
        metadata=_metadata(args),
        link_names=truth(args.get("link_names")) or args.get("parse") == "full",
    )
    space.place(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.shown(metadata=True)}


def update(space: Workspace, args: Json) -> Json:
    channel = _writable(space, args)
    message = space.message(channel, args.get("ts"))
    if not message.by_app:
        raise SlackProblem("cant_update_message")
    text, blocks = _content(args, before=message)
    if len(text) > UPDATE_TEXT and "text" in args:
        raise SlackProblem("msg_too_long")
    message.text, message.blocks = text, blocks
    if "metadata" in args:
        message.metadata = _metadata(args)
    message.edited_ts = space.ts()
    message.remember()
    shown = message.shown(metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": shown}


def delete(space: Workspace, args: Json) -> Json:
    channel = space.channel(args.get("channel"))
    message = space.message(channel, args.get("ts"))
    if not message.by_app:
        raise SlackProblem("cant_delete_message")
    message.deleted = True
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(space: Workspace, args: Json) -> Json:
    channel = _writable(space, args)
    if args.get("user") not in channel.members:
        raise SlackProblem("user_not_in_channel")
    _content(args)
    return {"message_ts": space.ts()}


def permalink(space: Workspace, args: Json) -> Json:
    channel = space.channel(args.get("channel"))
    message = space.message(channel, args.get("message_ts"))
    link = f"https://local.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def add_reaction(space: Workspace, args: Json) -> Json:
    channel = space.channel(args.get("channel"))
    message = space.message(channel, args.get("timestamp"))
    reaction = (str(args.get("name")), BOT_USER)
    if reaction in message.reactions:
        raise SlackProblem("already_reacted")
    message.reactions.append(reaction)
    return {}


def truth(value: Any) -> bool:
    """A flag as forms and JSON bodies give it."""
    return str(value).lower() in ("true", "1")


def _writable(space: Workspace, args: Json) -> SlackChannel:
    channel = space.channel(args.get("channel"))
    if channel.archived:
        raise SlackProblem("is_archived")
    if channel.im_with is None and BOT_USER not in channel.members:
        raise SlackProblem("not_in_channel")
    return channel


def _content(args: Json, before: SlackMessage | None = None) -> tuple[str, list[Json]]:
    """(text, blocks) of a message that Slack would take. Raises SlackProblem."""
    markdown = args.get("markdown_text")
    given = parsed(args.get("blocks"), "blocks")
    if markdown:
        if args.get("text") or given:
            raise SlackProblem("markdown_text_conflict")
        if len(markdown) > MARKDOWN_TEXT:
            raise SlackProblem("msg_too_long")
        return markdown, [{"type": "markdown", "text": markdown}]
    if given:
        check_blocks(given)
    text = str(args.get("text") or "")
    if not (text or given or args.get("attachments")):
        raise SlackProblem("no_text")
    if before is not None and given is None and "text" not in args:
        return before.text, before.blocks
    return text, list(given or [])


def _metadata(args: Json) -> Json | None:
    metadata = parsed(args.get("metadata"), "metadata")
    if not metadata:
        return None
    whole = isinstance(metadata, dict) and isinstance(metadata.get("event_payload"), dict)
    if not whole or not isinstance(metadata.get("event_type"), str):
        raise SlackProblem("invalid_metadata_format")
    return dict(metadata)
