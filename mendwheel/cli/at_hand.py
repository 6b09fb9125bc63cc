"""What runs beside us and is not used yet: `mendwheel doctor` says which line would use it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from mendwheel.cli.checks import Check
from mendwheel.integrations.senses.http_get import get
from mendwheel.integrations.senses.kubernetes_access import kubeconfig
from mendwheel.ports import SenseError
from mendwheel.settings import Settings

WITHIN = 0.4


class Neighbour(NamedTuple):
    """A system at its usual address. `key` stands in its answer to `path`, a JSON object."""

    name: str
    setting: str
    url: str
    path: str
    key: str


NEIGHBOURS = (
    Neighbour(
        "Prometheus",
        "prometheus_url",
        "http://127.0.0.1:9090",
        "/api/v1/query?query=prometheus_build_info",
        "data",
    ),
    Neighbour(
        "Loki", "loki_url", "http://127.0.0.1:3100", "/loki/api/v1/status/buildinfo", "version"
    ),
    Neighbour("Jaeger", "jaeger_url", "http://127.0.0.1:16686", "/api/services", "data"),
)


def at_hand(settings: Settings, neighbours: tuple[Neighbour, ...] = NEIGHBOURS) -> list[Check]:
    """A check for each thing that is there and that no setting names. Asks this machine only."""
    unused = [each for each in neighbours if not getattr(settings, each.setting, None)]
    found = list(_cluster(settings))
    if not unused:
        return found
    with ThreadPoolExecutor(len(unused), thread_name_prefix="at-hand") as pool:
        there = list(pool.map(_answers, unused))
    for each, answers in zip(unused, there, strict=True):
        if answers:
            line = f'{each.setting} = "{each.url}"'
            found.append(_proposal(f"{each.name} runs at {each.url} and is not used", line))
    return found


def _cluster(settings: Settings) -> Iterator[Check]:
    if settings.kubernetes_namespaces:
        return
    try:
        path = kubeconfig(settings)
    except SenseError:  # named in the settings, and not there: its own check says so
        return
    if path is not None:
        told = f"a kubeconfig lies at {path} and is not used"
        yield _proposal(told, 'kubernetes_namespaces = ["default"]')


def _answers(neighbour: Neighbour) -> bool:
    try:
        answer = get(neighbour.url + neighbour.path, within=WITHIN)
        said: Any = json.loads(answer.body)
    except (SenseError, ValueError, RecursionError):
        return False
    return answer.status == 200 and isinstance(said, dict) and neighbour.key in said


def _proposal(detail: str, line: str) -> Check:
    return Check(name="at hand", state="ok", detail=detail, way_out=f"to use it, set {line}")
