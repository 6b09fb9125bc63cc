"""Clusters are read by GET; how pods are is kept, what they are given stays behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.observation import Observation
from mendwheel.integrations.senses.kubernetes import KubernetesSense
from mendwheel.integrations.senses.kubernetes_shape import deployment, event, moment, pod
from mendwheel.investigation.case import Case, Exhibit, Finding
from mendwheel.investigation.records import records
from mendwheel.ports import SenseError
from mendwheel.settings import Settings
from tests.integrations.sense_site import REPORT, WINDOW, Site, says, ticket

PODS, DEPLOYMENTS, EVENTS = (
    "/api/v1/namespaces/shop/pods",
    "/apis/apps/v1/namespaces/shop/deployments",
    "/api/v1/namespaces/shop/events",
)


def _pod(name: str, container: dict[str, Any], phase: str = "Running") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "annotations": {"note": "ANNOTATED"}},
        "spec": {
            "nodeName": "n1",
            "containers": [{"name": "app", "env": [{"name": "K", "value": "ENV-VALUE"}]}],
        },
        "status": {
            "phase": phase,
            "conditions": [
                {"type": "Ready", "status": str(phase == "Running"), "reason": "PodCompleted"}
            ],
            "containerStatuses": [{"name": "app", "restartCount": 0, **container}],
        },
    }


WELL = _pod("well-1", {"ready": True, "state": {"running": {"startedAt": "2026-05-01T00:00:00Z"}}})
DONE = _pod(
    "done-1",
    {"ready": False, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}},
    phase="Succeeded",
)
CRASHING = _pod(
    "broken-1",
    {
        "ready": False,
        "restartCount": 9,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "OUTPUT"}},
    },
)


def _event(reason: str, seen: str, message: str = "") -> dict[str, Any]:
    return {
        "type": "Warning",
        "reason": reason,
        "message": message,
        "count": 3,
        "lastTimestamp": seen,
        "involvedObject": {"kind": "Pod", "name": "broken-1"},
    }


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as site:
        _lists(site, [WELL], [])
        yield site


@pytest.fixture(autouse=True)
def _no_cluster_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


def _lists(site: Site, pods: list[Any], events: list[Any], ready: int = 2) -> None:
    deployment = {
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"image": "web:42"}]}}},
        "status": {"readyReplicas": ready},
    }
    for path, items in ((PODS, pods), (DEPLOYMENTS, [deployment]), (EVENTS, events)):
        site.routes[path] = says(json.dumps({"items": items}))


def _settings(site: Site, **more: Any) -> Settings:
    given = {"kubernetes_namespaces": ["shop"], "kubernetes_url": site.url, **more}
    return Settings(**given)


def _seen(settings: Settings) -> list[Observation]:
    return KubernetesSense(settings).observe(ticket(), REPORT, "web", WINDOW)


def _findings(seen: list[Observation], components: list[str]) -> list[Finding]:
    exhibits = [
        Exhibit(id=f"e{at}", name=each.title, kind=each.media, text=each.text)
        for at, each in enumerate(seen)
    ]
    return records(Case(title="", body="", exhibits=exhibits, components=components))


def test_only_three_lists_are_asked_for_and_the_token_goes_along(site: Site) -> None:
    _seen(_settings(site, kubernetes_token="sesame"))
    assert {path.partition("?")[0] for path, _ in site.asked} == {PODS, DEPLOYMENTS, EVENTS}
    assert {authorization for _, authorization in site.asked} == {"Bearer sesame"}


def test_environment_annotations_and_output_of_pods_stay_behind(site: Site) -> None:
    _lists(site, [WELL, CRASHING], [])
    whole = "".join(each.text for each in _seen(_settings(site)))
    assert "broken-1" in whole
    for secret in ("ENV-VALUE", "ANNOTATED", "OUTPUT"):
        assert secret not in whole


def test_investigators_find_the_pod_that_crashes_and_the_deployment_that_lacks(
    site: Site,
) -> None:
    _lists(site, [WELL, CRASHING], [], ready=1)
    statements = [each.statement for each in _findings(_seen(_settings(site)), ["web"])]
    assert any("broken-1" in each and "CrashLoopBackOff" in each for each in statements)
    assert any("web" in each and "unavailable=1" in each for each in statements)
    assert not any("well-1" in each for each in statements)


def test_investigators_find_nothing_where_pods_run_or_have_ended_well(site: Site) -> None:
    _lists(site, [WELL, DONE], [])
    findings = _findings(_seen(_settings(site)), [])
    assert findings
    assert {each.fault for each in findings} == {"healthy"}


def test_events_of_the_window_come_in_order_of_time(site: Site) -> None:
    _lists(
        site,
        [],
        [
            _event("Later", "2026-05-04T11:40:00Z", "OOM killed process 7"),
            _event("Earlier", "2026-05-04T11:20:00Z"),
            _event("LongAgo", "2026-05-03T11:20:00Z"),
        ],
    )
    (events,) = [each for each in _seen(_settings(site)) if "events" in each.title]
    rows = json.loads(events.text)["events"]
    assert [(row["reason"], row["object"], row["count"]) for row in rows] == [
        ("Earlier", "Pod/broken-1", 3),
        ("Later", "Pod/broken-1", 3),
    ]


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "is refused: renew it"), (403, "give its account the role view"), (503, "status 503")],
)
def test_what_the_cluster_refuses_is_one_line(site: Site, status: int, told: str) -> None:
    for path in (PODS, DEPLOYMENTS, EVENTS):
        site.routes[path] = says("{}", status=status)
    with pytest.raises(SenseError, match=told) as refused:
        _seen(_settings(site))
    assert "\n" not in str(refused.value)


def test_one_list_that_is_refused_leaves_the_others(site: Site) -> None:
    site.routes[EVENTS] = says("{}", status=403)
    titles = [each.title for each in _seen(_settings(site))]
    assert [title.removeprefix("kubernetes ") for title in titles] == [
        "pods of shop",
        "deployments of shop",
        "failed",
    ]


def test_something_else_at_the_address_is_one_line(site: Site) -> None:
    for path in (PODS, DEPLOYMENTS, EVENTS):
        site.routes[path] = says("<html>")
    with pytest.raises(SenseError, match="does not answer as a cluster"):
        _seen(_settings(site))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["metadata", "spec", "status", "state", "containerStatuses", "series"]),
            inner,
            max_size=4,
        )
    ),
)


@given(_JSON)
def test_no_shape_of_an_answer_breaks_the_look(item: Any) -> None:
    given_item = item if isinstance(item, dict) else {"status": item}
    for shape in (pod, deployment, event):
        json.dumps(shape(given_item))
    assert isinstance(moment(given_item), str)
