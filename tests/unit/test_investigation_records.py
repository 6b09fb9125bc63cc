"""Promises of the text side: error clusters, cluster state, events, templates, changes."""

import json

import pytest

from mendwheel.investigation import Case, Exhibit, Finding, conclude, records
from mendwheel.investigation.symptoms import classify
from mendwheel.investigation.vocabulary import choose_fault, metric_kind


def case(text: str, kind: str = "tool_output", name: str = "out.txt", **more: object) -> Case:
    exhibit = Exhibit(id="x", name=name, kind=kind, text=text)
    return Case.model_validate({"title": "", "body": "", "exhibits": [exhibit], **more})


def first(found: list[Finding]) -> Finding:
    return found[0]


@pytest.mark.parametrize(
    ("line", "family"),
    [
        ("Warning  Failed  Failed to pull image shop:v9: manifest unknown", "image"),
        ("0/2 nodes are available: 2 Insufficient memory.", "capacity"),
        ("1 node(s) didn't match Pod's node affinity/selector", "scheduling"),
        ('storageclass.storage.k8s.io "fast" not found', "storage"),
        ("curl: (6) Could not resolve host: billing", "dns"),
        ("dial tcp 10.0.0.7:5432: connect: connection refused", "dependency"),
        ("last state terminated: OOMKilled, exit code 137", "memory"),
        ("FATAL: remaining connection slots are reserved", "connections"),
        ("x509: certificate has expired or is not yet valid", "certificate"),
        ("open /data/x: permission denied", "permission"),
        ("write /var/lib/x: no space left on device", "disk"),
        ("replication lag is 412 s on replica-2", "lag"),
        ("environment variable DB_URL is not set", "configuration"),
        ("NullPointerException at Cart.java:31", "code"),
        ("Readiness probe failed: HTTP probe failed with statuscode: 500", "probe"),
        ("connection to 10.0.0.7:443 denied by network policy", "policy"),
    ],
)
def test_wording_of_trouble_names_its_family(line: str, family: str) -> None:
    symptom = classify(line)
    assert symptom is not None
    assert symptom.family == family


@pytest.mark.parametrize(
    "line", ["GET /health 200 OK 3 ms", "done, 0 errors", "errors=0 retries=1", "all is well"]
)
def test_quiet_line_is_no_symptom(line: str) -> None:
    assert classify(line) is None


@pytest.mark.parametrize(
    ("line", "family"),
    [
        ("checkout OOMKilled during rollout", "memory"),
        ("database no longer reachable: connection refused", "dependency"),
        ("the export service no longer responds, it timed out", "latency"),
        ("subsequently failed: no space left on device", "disk"),
        ("transient error: connection refused", "dependency"),
        ("cache cleared, NullPointerException at Cart.java:31", "code"),
    ],
)
def test_words_that_only_sound_like_an_end_excuse_no_cause(line: str, family: str) -> None:
    symptom = classify(line)
    assert symptom is not None
    assert symptom.family == family


@pytest.mark.parametrize(
    "line", ["server upgraded from 1.2 to 1.3", "version 2 of the client follows the upgrade"]
)
def test_an_upgrade_by_itself_is_no_symptom(line: str) -> None:
    assert classify(line) is None


def test_the_milliseconds_of_a_time_are_no_status() -> None:
    symptom = classify("17:30:39.401 ERROR could not sum")
    assert symptom is not None
    assert symptom.family is None


def test_trouble_that_is_over_counts_as_calm() -> None:
    symptom = classify("Node n1 was NotReady and recovered after 30s")
    assert symptom is not None
    assert symptom.family == "healthy"


def test_lines_that_differ_in_numbers_are_one_finding_with_their_count() -> None:
    text = "\n".join(f"2024-05-01T10:00:0{i}Z pay ERROR timeout after {i}00 ms" for i in range(5))
    found = records(case(text, "logs", "app.log"))
    assert len(found) == 1
    assert "(5 times)" in found[0].statement
    assert found[0].component == "pay"


def test_failed_tool_call_says_nothing_about_the_system() -> None:
    head = json.dumps({"status": "error", "invocation": "kubectl logs x", "params": {}})
    assert records(case(f"{head}\nError from server: connection refused")) == []


def test_advice_is_not_taken_for_something_seen_here() -> None:
    text = "If the pod is OOMKilled, raise its memory limit."
    assert records(case(text, name="wiki_page.html")) == []


def test_alert_that_always_fires_by_design_needs_no_action() -> None:
    text = "Heartbeat\nIts silence is what pages somebody: this rule is supposed to be firing."
    ticket = case(text, name="wiki_page.html", title="Heartbeat", body="Heartbeat fires")
    assert conclude(ticket, records(ticket)).healthy


def test_selector_that_matched_nothing_is_quoted_with_the_failure() -> None:
    text = (
        "Name: importer\nNode-Selectors:  disk=ssd\nEvents:\n"
        "  Warning  FailedScheduling  5s  1 node(s) didn't match Pod's node affinity/selector"
    )
    ticket = case(text)
    assert "disk=ssd" in conclude(ticket, records(ticket)).summary


def test_name_one_letter_off_is_pointed_out() -> None:
    text = 'namespaces "shop-prods" not found\nactive namespaces: shop-prod default'
    statements = [f.statement for f in records(case(text))]
    assert any("shop-prods is not found, while shop-prod exists" in s for s in statements)


def test_class_that_nobody_defined_is_a_dangling_reference() -> None:
    head = json.dumps({"status": "success", "invocation": "kubectl get -A -o wide ingressclass"})
    empty = Exhibit(id="a", name="classes", kind="tool_output", text=f"{head}\nNo resources found")
    shown = Exhibit(id="b", name="ing", kind="tool_output", text="Ingress Class:    ghost\n")
    found = records(Case(title="web unreachable", body="", exhibits=[empty, shown]))
    assert "ghost" in first(found).statement
    assert set(first(found).exhibit_ids) == {"a", "b"}


def pod(name: str, ready: bool, **more: object) -> dict[str, object]:
    state = {"running": True} if ready else {"waiting": True, "reason": "CrashLoopBackOff"}
    container = {"name": "app", "ready": ready, "restart_count": 3, "state": state}
    return {"name": name, "phase": "Running", "containers": [container], **more}


def cluster(*pods: dict[str, object], ready: int = 2) -> Case:
    texts = {
        "pods.json": {"pods": list(pods)},
        "deployments.json": {"deployments": [{"name": "web", "desired": 2, "ready": ready}]},
        "events.json": {
            "events": [
                {
                    "reason": "BackOff",
                    "type": "Warning",
                    "message": "Back-off restarting web-old"
                    " (resolved: the container is now running)",
                }
            ]
        },
    }
    exhibits = [
        Exhibit(id=name, name=name, kind="tool_output", text=json.dumps(data))
        for name, data in texts.items()
    ]
    return Case(title="web restarted", body="", exhibits=exhibits)


def test_past_restart_of_ready_pods_is_healthy() -> None:
    ticket = cluster(pod("web-1", True), pod("web-2", True))
    assert conclude(ticket, records(ticket)).healthy


def test_old_pod_on_its_way_out_does_not_make_the_workload_sick() -> None:
    old = pod("web-old", False, deletion_timestamp="2024-05-01T10:00:00Z")
    ticket = cluster(pod("web-1", True), pod("web-2", True), old)
    assert conclude(ticket, records(ticket)).healthy


def test_pod_that_is_down_now_is_never_healthy() -> None:
    ticket = cluster(pod("web-1", True), pod("web-2", False), ready=1)
    conclusion = conclude(ticket, records(ticket))
    assert not conclusion.healthy
    assert "CrashLoopBackOff" in conclusion.summary


def test_error_message_that_is_new_outweighs_one_that_was_always_there() -> None:
    text = (
        "app\tprevious count\tcurrent count\tline\n"
        "cart\t5\t5\tERROR Cart#9 stale session\npay\t0\t6\tERROR Pay#7 cannot sum"
    )
    found = records(case(text, "logs", "templates.tsv"))
    assert [f.component for f in found] == ["pay"]


def test_change_just_before_the_onset_weighs_more_than_an_old_or_a_later_one() -> None:
    lines = [
        json.dumps({"time": f"2024-05-{day}Z", "component": name, "change": "deploy v2"})
        for day, name in (("01T09:50:00", "near"), ("28T10:00:00", "later"))
    ]
    lines.append('{"time": "2024-04-20T10:00:00Z", "component": "old", "change": "pool size 5"}')
    ticket = case("\n".join(lines), "changes", "changes.jsonl", body="since 2024-05-01T10:00:00Z")
    weights = {f.component: f.weight for f in records(ticket)}
    assert weights["near"] > weights["old"] > weights["later"]


def test_fault_is_named_in_the_words_of_the_candidates() -> None:
    assert choose_fault("latency", ["slow answers", "failing answers"]) == "slow answers"
    assert choose_fault("memory", ["bug", "out of memory"]) == "out of memory"
    assert choose_fault("latency", ["code", "cpu"]) is None
    assert choose_fault("dns", []) == "name resolution failure"
    assert choose_fault("cpu", ["disk", "resource_leak", "cpu"]) == "cpu"


def test_metric_is_classed_by_the_meaning_of_its_name() -> None:
    kinds = ("RequestDurationP99(ms)", "error_rate", "disk_free_bytes", "availability Average")
    assert [kind and kind[0] for kind in map(metric_kind, kinds)] == [
        "latency",
        "errors",
        "free",
        "availability",
    ]
    assert metric_kind("HostCpuBusy(%)") is None
