"""`mendwheel init`: a settings file to edit, made from the settings themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mendwheel.cli.exits import CommandError
from mendwheel.cli.terminal import say

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from mendwheel.cli.settings_groups import Group

_EXAMPLE = "Example: `mendwheel init`, then edit `mendwheel.toml`, then `mendwheel doctor`."
_NAME = "mendwheel.toml"

_HEAD = """\
Settings of Mendwheel. Every line stands at its default or shows an example: take the # away from
what is to be another. The environment wins over this file: tenant is MENDWHEEL_TENANT there.
Secrets do not belong here, because files are shared and copied: their lines name the variable.
`mendwheel doctor` shows what is in force and says what is missing."""

EXAMPLES: dict[str, Any] = {
    "store": ".mendwheel/mendwheel.db",
    "temporal_ui_url": "http://127.0.0.1:8233",
    "policy": "policy.toml",
    "user": "ada",
    "jira_base_url": "https://SITE.atlassian.net",
    "jira_user": "mendwheel@example.net",
    "prometheus_url": "http://127.0.0.1:9090",
    "loki_url": "http://127.0.0.1:3100",
    "loki_grafana_url": "https://grafana.example.net",
    "loki_grafana_datasource": "P8E80F9AEF21F6940",
    "jaeger_url": "http://127.0.0.1:16686",
    "changes_file": "changes.jsonl",
    "changes_url": "https://deploys.example.net/api/deployments?since={start}",
    "oncall_url": "https://events.pagerduty.com/v2/enqueue",
    "model_base_url": "http://127.0.0.1:8000/v1",
    "model": "name-of-the-model",
    "embedding_base_url": "http://127.0.0.1:8000/v1",
    "moderation_base_url": "http://127.0.0.1:8000/v1",
    "moderation_model": "name-of-the-model",
    "kubernetes_kubeconfig": "~/.kube/config",
    "kubernetes_url": "https://kubernetes.example.net:6443",
    "kubernetes_ca": "ca.crt",
    "customer_url": "https://accounts.example.net/v1/{tenant}/{subject}",
    "customer_fields": ["account", "plan.name", "entitlements"],
    "payload_keys_file": ".mendwheel/payload.keys",
    "codec_origin": "http://127.0.0.1:8233",
}
"""For settings whose default is nothing, which TOML cannot say."""

_PLACE = {
    "place": "slack:C0123456789",
    "tenant": "default",
    "component": "checkout",
    "show_in": ["jira:OPS-1"],
    "quiet_hours": "22:00-07:00",
    "timezone": "Europe/Berlin",
    "hand_over_to": ["slack:S0123456789"],
    "labels": ["staff"],
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLE)(init)


def init(
    file: Annotated[Path, typer.Option("--file", help="Where to write it.")] = Path(_NAME),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a settings file in which every setting is explained and none is set.

    Secrets are not written: the file names the environment variable of each.
    """
    text = template()
    try:
        with file.open("w" if force else "x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise CommandError(
            f"{file} is there already: --force replaces it, --file writes another one"
        ) from None
    say(f"wrote      {file}")
    if file.name != _NAME:
        say(f"use it     export MENDWHEEL_SETTINGS={file}")
    say("edit       what is to be other than its default; everything is explained there")
    say("secrets    as environment variables: MENDWHEEL_SLACK_BOT_TOKEN, MENDWHEEL_JIRA_TOKEN, …")
    say("then       mendwheel doctor    says what is missing or wrong")
    say("           mendwheel up        runs Temporal and a worker here")
    say("           mendwheel serve     takes Slack, Jira and alerts in")


def template() -> str:
    """The file: loads as it is, and sets nothing."""
    from mendwheel.cli.settings_groups import GROUPS

    lines = [f"# {line}" for line in _HEAD.splitlines()]
    for group in GROUPS:
        lines += ["", "", f"# {group.title}", f"# {group.about}"]
        lines += _places() if group.names == ("places",) else _group(group)
    return "\n".join(lines) + "\n"


def _group(group: "Group") -> Iterator[str]:
    from mendwheel.settings import Settings

    for name in group.names:
        field = Settings.model_fields[name]
        yield ""
        yield f"# {field.description}"
        yield from _setting(name, field)


def _setting(name: str, field: "FieldInfo") -> Iterator[str]:
    from pydantic import BaseModel

    from mendwheel.cli.settings_groups import secret
    from mendwheel.settings_problems import PREFIX

    if secret(field):
        yield f"# export {PREFIX}{name.upper()}=…"
        return
    value = EXAMPLES.get(name, field.default)
    if isinstance(value, BaseModel):
        for key, part in value:
            # Dotted, because below a [table] every further line would belong to it.
            yield f"#{name}.{key} = {toml(part)}"
    else:
        yield f"#{name} = {toml(value)}"


def _places() -> Iterator[str]:
    """Tables, so they come last: every line below one belongs to it."""
    from mendwheel.domain.place import PlaceRule

    yield ""
    yield "# One such table per channel or project."
    yield "#[[places]]"
    for name, field in PlaceRule.model_fields.items():
        if field.description:
            yield f"# {field.description}"
        yield f"#{name} = {toml(_PLACE.get(name, field.default))}"


def toml(value: Any) -> str:
    """`value` as TOML writes it on one line."""
    match value:
        case bool() | int() | float():
            return str(value).lower()
        case dict():
            return f"{{{', '.join(f'{json.dumps(k)} = {toml(v)}' for k, v in value.items())}}}"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case _:
            return json.dumps(str(value), ensure_ascii=False)
