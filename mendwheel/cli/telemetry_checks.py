"""Checks of what telemetry and changes are read from: whether it is there, and names components."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from mendwheel.cli.checks import Check, fail, ok, warn
from mendwheel.domain.observation import Window
from mendwheel.integrations.senses.changes import ChangeAddress
from mendwheel.integrations.senses.fetch import Ask, Remote
from mendwheel.settings import Settings

WITHIN = 0.7
"""Seconds for one of them."""

Look = Callable[[], Check]


def telemetry(settings: Settings) -> Iterator[tuple[str, Look]]:
    """A look for each thing that is configured. A look raises SenseError."""
    if settings.prometheus_url:
        yield "prometheus", partial(_prometheus, settings, settings.prometheus_url)
    if settings.loki_url:
        yield "loki", partial(_loki, settings, settings.loki_url)
    if settings.jaeger_url:
        yield "jaeger", partial(_jaeger, settings, settings.jaeger_url)
    if settings.logs_paths:
        yield "logs", partial(_readable, settings.logs_paths, "logs_paths")
    if settings.changes_file:
        yield "changes", partial(_readable, [settings.changes_file], "changes_file")
    if settings.changes_url:
        yield "deployments", partial(_changes, settings, settings.changes_url)


def _prometheus(settings: Settings, url: str) -> Check:
    remote = Remote(
        "Prometheus", url, settings.prometheus_token, settings.prometheus_headers, within=WITHIN
    )
    label = settings.prometheus_label
    return _names(remote, f"/api/v1/label/{label}/values", f"prometheus_label {label}")


def _loki(settings: Settings, url: str) -> Check:
    remote = Remote("Loki", url, settings.loki_token, settings.loki_headers, within=WITHIN)
    label = settings.loki_label
    return _names(remote, f"/loki/api/v1/label/{label}/values", f"loki_label {label}")


def _jaeger(settings: Settings, url: str) -> Check:
    remote = Remote("Jaeger", url, settings.jaeger_token, settings.jaeger_headers, within=WITHIN)
    return _names(remote, "/api/services", "its services")


def _names(remote: Remote, path: str, what: str) -> Check:
    """Whether it knows components: with another label nothing would ever be found."""
    answer: Any = remote.ask(Ask(path), remote.deadline())
    data = answer.get("data") if isinstance(answer, dict) else None
    names = [each for each in data if isinstance(each, str)] if isinstance(data, list) else []
    if not names:
        return warn("", f"{remote.url} has nothing under {what}", "name the label of components")
    return ok("", f"{len(names)} components at {remote.url}, as {', '.join(names[:3])}")


def _readable(paths: list[Path], setting: str) -> Check:
    for path in paths:
        if not os.access(path, os.R_OK):
            return fail("", f"{path} cannot be read", f"correct {setting}")
    return ok("", ", ".join(str(path) for path in paths[:3]))


def _changes(settings: Settings, url: str) -> Check:
    address = ChangeAddress(
        url, settings.changes_token, settings.changes_headers, settings.changes_items
    )
    now = datetime.now(UTC)
    window = Window(start=now - timedelta(hours=settings.changes_hours), end=now)
    return ok("", f"{len(address.read(None, window))} in {settings.changes_hours:g} hours")
