"""How one world is set up, and what its worker and its server are told when they are born."""

import json
from typing import TYPE_CHECKING, Any

from lanternpost.chat.stage import APPROVER, Scene
from lanternpost.stage import HERE
from pydantic import SecretStr

from bench.faults import ways
from mendwheel.embedded_process import free_port
from mendwheel.settings import Settings

if TYPE_CHECKING:
    from bench.faults.world import World

EDITOR = "priya"
"""May decide, and corrects what is asked about; so somebody else has to approve it."""

WATCHED = 6.0
"""Seconds after its end in which what is said about a ticket goes to its workflow."""

ON_CALL_KEY = "counterpart-routing-key"
ATTESTATION_KEY = "counterpart-attestation-key-of-this-world"


def settings(world: "World", component: str) -> Settings:
    """Both counterparts behind the proxy; Jira's issues are followed in #operations too."""
    policy, operations = world.folder / "policy.toml", f"slack:{world.channels['operations']}"
    slack = [f"slack:{world.slack.users[name]}" for name in (APPROVER, EDITOR)]
    text = (HERE / "policy.toml").read_text("utf-8")
    text = text.replace('["demo-approver"]', json.dumps([*slack, f"jira:{APPROVER}"]))
    policy.write_text(text.replace("allowed_tools = [", f'allowed_tools = ["{ways.SERVER}.*", '))
    return Settings.model_validate(
        {
            "home": world.folder,
            "policy": policy,
            "log_level": "warning",
            "temporal_address": world.temporal.address,
            "listen": f"127.0.0.1:{free_port(0)}",
            # Tickets are watched for seconds instead of a week.
            "limits": {"watch_window": WATCHED, "ask_wait": 0},
            "model_routes": [
                {"base_url": f"{world.proxy.origin}/model/v1", "model": "m", "agents": ["reviewer"]}
            ],
            "mcp_servers": ways.server(world.ways, world.proxy.origin, world.platform),
            "attestation_key": ATTESTATION_KEY,
            "slack_base_url": f"{world.proxy.origin}/slack/api/",
            "slack_bot_token": world.slack.bot_token,
            "slack_signing_secret": world.slack.signing_secret,
            "jira_base_url": f"{world.proxy.origin}/jira",
            "jira_token": world.jira.token,
            "jira_webhook_secret": world.jira.webhook_secret,
            "jira_deployment": "datacenter",
            "jira_projects": [world.jira.project],
            "jira_poll_seconds": 20,
            "oncall_url": f"{world.proxy.origin}/call/v2/enqueue",
            "oncall_key": ON_CALL_KEY,
            "alerts_show_in": [operations],
            "places": [
                {"place": f"jira:{world.jira.project}", "show_in": [operations]},
                {"place": operations, "component": component},
            ],
        }
    )


def order(world: "World", kind: str, scene: Scene) -> dict[str, Any]:
    """Everything a process of `kind` has to know, as JSON."""
    alarms = {
        str(each.component): [one.model_dump() for one in each.evidence]
        for each in (*scene.tickets, scene.second)
        if each.role == "anomaly"
    }
    return {
        "kind": kind,
        "folder": str(world.folder),
        "log": str(world.folder / f"{kind}.log"),
        "settings": _told(world.settings),
        "alarms": alarms,
        "plain": world.plain,
        "ways": world.ways,
        "origin": world.proxy.origin,
    }


def _told(settings: Settings) -> dict[str, Any]:
    """Settings as JSON, with their secrets: all of them are counterparts'."""
    told = json.loads(settings.model_dump_json())
    secrets = {name: value for name, value in settings if isinstance(value, SecretStr)}
    return told | {name: value.get_secret_value() for name, value in secrets.items()}
