"""The `views.*` methods: modals and App Home, with the short life of what opens them."""

import time
from dataclasses import dataclass, field
from typing import Any

from mendwheel.testing.slack_elements import Texts
from mendwheel.testing.slack_limits import VIEW_BLOCKS, check_blocks, parsed
from mendwheel.testing.slack_state import APP, BOT, TEAM, Json, SlackProblem, Workspace

TRIGGER_LIFE = 3.0
"""Seconds in which a click or command may open a modal."""


@dataclass
class SlackViews:
    """Views that are open, by id; `home` by user; `opened` in order."""

    opened: list[Json] = field(default_factory=list)
    home: dict[str, Json] = field(default_factory=dict)
    triggers: dict[str, float] = field(default_factory=dict)
    """Trigger id → monotonic time it was given out; used ones are gone."""

    def trigger(self, number: int) -> str:
        """A new trigger id."""
        name = f"{number}.trigger"
        self.triggers[name] = time.monotonic()
        return name

    def open(self, space: Workspace, args: Json) -> Json:
        name = str(args.get("trigger_id") or "")
        if name not in self.triggers:
            raise SlackProblem("invalid_trigger_id" if name else "invalid_arguments")
        if time.monotonic() - self.triggers[name] > TRIGGER_LIFE:
            raise SlackProblem("expired_trigger_id")
        view = self._made(space, _checked(args.get("view"), "modal"))
        del self.triggers[name]
        self.opened.append(view)
        return {"view": view}

    def update(self, space: Workspace, args: Json) -> Json:
        view = self._named(args)
        if args.get("hash") not in (None, "", view["hash"]):
            raise SlackProblem("hash_conflict")
        view.update(_checked(args.get("view"), "modal"))
        view["hash"] = f"{space.number()}.hash"
        return {"view": view}

    def publish(self, space: Workspace, args: Json) -> Json:
        user = str(args.get("user_id"))
        if user not in space.users:
            raise SlackProblem("user_not_found")
        view = self._made(space, _checked(args.get("view"), "home"))
        self.home[user] = view
        return {"view": view}

    def _made(self, space: Workspace, view: Json) -> Json:
        number = space.number()
        known = {"id": f"V0{number}", "hash": f"{number}.hash", "state": {"values": {}}}
        return {**view, **known, "team_id": TEAM, "app_id": APP, "bot_id": BOT}

    def _named(self, args: Json) -> Json:
        for view in self.opened:
            if args.get("view_id") == view["id"]:
                return view
            if args.get("external_id") and args["external_id"] == view.get("external_id"):
                return view
        raise SlackProblem("not_found")


def _checked(value: Any, kind: str) -> Json:
    view = parsed(value, "view")
    if not isinstance(view, dict) or view.get("type") != kind:
        raise _wrong([f"must be a valid enum value [json-pointer:/view/type]: {kind}"])
    check_blocks(view.get("blocks"), most=VIEW_BLOCKS, modal=kind == "modal")
    found: list[str] = []
    if kind == "modal":
        found += Texts.plain(view.get("title"), "/view/title", 24)
        for name in ("submit", "close"):
            if name in view:
                found += Texts.plain(view[name], f"/view/{name}", 24)
        if "submit" not in view and any(each["type"] == "input" for each in view["blocks"]):
            found.append("missing required field: submit [json-pointer:/view]")
    if len(view.get("private_metadata") or "") > 3000:
        found.append("must be less than 3001 characters [json-pointer:/view/private_metadata]")
    if len(view.get("callback_id") or "") > 255:
        found.append("must be less than 256 characters [json-pointer:/view/callback_id]")
    if found:
        raise _wrong(found)
    return dict(view)


def _wrong(found: list[str]) -> SlackProblem:
    said = {"messages": [f"[ERROR] {each}" for each in found]}
    return SlackProblem("invalid_arguments", response_metadata=said)
