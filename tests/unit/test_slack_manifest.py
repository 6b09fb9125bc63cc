"""The manifest asks for what the code uses, and for nothing else."""

import re
from pathlib import Path
from typing import Any

import yaml

from mendwheel.integrations.slack import names
from mendwheel.integrations.slack.listeners import register
from mendwheel.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "deploy/slack/manifest.yaml").read_text("utf-8"))
REFERENCE = (ROOT / "docs/reference/slack.md").read_text("utf-8")
SOURCES = [*ROOT.glob("integrations/slack/**/*.py"), ROOT / "mendwheel/cli/slack_checks.py"]

OF_METHODS = {
    "apps.connections.open": set(),
    "assistant.threads.setSuggestedPrompts": {"assistant:write"},
    "auth.test": set(),
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
}
OF_EVENTS = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
}
SHAPE = {
    "_metadata": {"major_version"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "agent_view", "bot_user", "slash_commands", "shortcuts"},
    "oauth_config": {"scopes"},
    "settings": {
        "event_subscriptions", "interactivity", "org_deploy_enabled", "socket_mode_enabled",
        "token_rotation_enabled",
    },
}  # fmt: skip
_FAMILIES = "apps|assistant|auth|chat|conversations|reactions|usergroups|users|views|files"
_DOTTED = re.compile(rf'"((?:{_FAMILIES})(?:\.[a-zA-Z]+)+)"')
_CALLED = re.compile(rf"\.((?:{_FAMILIES})_[a-zA-Z_]+)\(")


def test_the_shape_is_slacks() -> None:
    assert {name: set(part) for name, part in MANIFEST.items()} == SHAPE
    shown, features = MANIFEST["display_information"], MANIFEST["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert set(features["agent_view"]) == {"agent_description", "suggested_prompts"}
    assert "assistant_view" not in features
    assert len(features["agent_view"]["agent_description"]) <= 300
    for prompt in features["agent_view"]["suggested_prompts"]:
        assert set(prompt) == {"title", "message"}
    assert len(features["slash_commands"][0]["description"]) <= 2000
    assert len(features["shortcuts"][0]["name"]) <= 24
    assert len(features["shortcuts"][0]["description"]) <= 150


def test_ids_and_the_command_are_those_of_the_code() -> None:
    features = MANIFEST["features"]
    [shortcut], [command] = features["shortcuts"], features["slash_commands"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", names.RESOLVE_THIS)
    assert command["command"] == Settings().slack_command
    addresses = [
        command["url"],
        MANIFEST["settings"]["event_subscriptions"]["request_url"],
        MANIFEST["settings"]["interactivity"]["request_url"],
    ]
    assert set(addresses) == {"https://mendwheel.example.net/slack/events"}
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_every_event_that_is_asked_for_is_listened_to_and_the_other_way_round() -> None:
    class Listening:
        """Takes down what is registered."""

        def __init__(self) -> None:
            self.events: list[Any] = []

        def __getattr__(self, kind: str) -> Any:
            def wire(constraint: Any) -> Any:
                if kind == "event":
                    self.events.append(constraint)
                return lambda listener: listener

            return wire

    class Nobody:
        def __init__(self) -> None:
            self.edge = self
            self.settings = Settings()

        def listener(self, feature: Any) -> Any:
            return feature

    app: Any = Listening()
    register(app, Nobody())  # type: ignore[arg-type]
    listened = {event for event in app.events if isinstance(event, str)}
    asked = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert {event.partition(".")[0] for event in asked} == listened
    assert set(asked) == set(OF_EVENTS)


def test_every_scope_is_needed_and_none_is_missing() -> None:
    used = _methods()
    assert used <= set(OF_METHODS), "a new method: say which scope it needs"
    needed = set().union(*(OF_METHODS[method] for method in used), *OF_EVENTS.values())
    scopes = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert sorted(scopes) == scopes
    assert set(scopes) == needed | {"commands", "assistant:write"}


def test_the_reference_lists_every_id_event_and_scope() -> None:
    ids = [value for name, value in vars(names).items() if name.isupper()]
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    for name in [*ids, *events, *MANIFEST["oauth_config"]["scopes"]["bot"]]:
        assert f"`{name}`" in REFERENCE, name


def _methods() -> set[str]:
    """Methods of the Web API that the sources name, in either of their spellings."""
    found = set()
    for source in SOURCES:
        text = source.read_text("utf-8")
        found |= set(_DOTTED.findall(text))
        found |= {called.replace("_", ".") for called in _CALLED.findall(text)}
    assert {"chat.postMessage", "views.open", "conversations.replies"} <= found
    return found
