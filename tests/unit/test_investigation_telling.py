"""Promises about what is told: short, cause first, each thing once, and calm left alone."""

import json

import pytest

from mendwheel.agents.agent import Brief, Fact
from mendwheel.domain.diagnosis import Stance
from mendwheel.domain.evidence import Evidence, EvidenceKind
from mendwheel.domain.playbook import Thresholds
from mendwheel.domain.ticket import Report
from mendwheel.gateway.extractive.investigate import ANSWER_LIMIT, investigate
from mendwheel.investigation import Case, Exhibit, Finding, conclude, records, signals
from mendwheel.investigation.symptoms import classify, speaks_of_recovery
from mendwheel.investigation.telling import shortened, told


def ticket(*exhibits: tuple[str, str, str], **more: object) -> Case:
    shown = [Exhibit(id=name, name=name, kind=kind, text=text) for name, kind, text in exhibits]
    return Case.model_validate({"title": "t", "body": "", "exhibits": shown, **more})


def finding(statement: str, weight: float = 0.5, quote: str = "") -> Finding:
    return Finding(
        statement=statement, exhibit_ids=["x"], quote=quote, weight=weight, sense="records"
    )


def test_lines_of_one_template_are_told_once_with_their_count() -> None:
    lines = [f"worker {i} lost its lease on shard {i * 7}" for i in range(40)]
    points = told([finding(line, quote=line) for line in lines], range(40), 600)
    assert [point.text for point in points] == [f"{lines[0]} (40 alike)."]


def test_points_without_news_make_room_for_others() -> None:
    findings = [
        finding("disk of the queue host is full"),
        finding("the queue host: disk is full"),
        finding("certificate of gateway expired yesterday"),
    ]
    assert [point.finding for point in told(findings, range(3), 600)] == [0, 2]


def test_long_statement_ends_with_a_sentence_or_a_word() -> None:
    whole = "The broker refuses every write because its log directory is full. " + "And so on " * 50
    assert shortened(whole).endswith("log directory is full")
    assert shortened("word " * 200).endswith("word …")
    assert shortened("x" * 1000) != ""


@pytest.mark.parametrize("count", [1, 5, 50])
def test_summary_of_any_number_of_findings_fits_what_people_read_in_one_go(count: int) -> None:
    text = "".join(
        f"10:00:{i:02} pay ERROR {word} connection refused by host-{word}\n"
        for i, word in enumerate(f"{chr(97 + n % 26)}{chr(98 + n % 24)}kind" for n in range(count))
    )
    case = ticket(("app.log", "logs", text), components=["pay"])
    conclusion = conclude(case, signals(case) + records(case))
    assert conclusion.summary.startswith("Root cause: dependency failure at pay.")
    assert len(conclusion.summary) <= 600
    assert [case.exhibits[0].id] == conclusion_exhibits(case, conclusion.told[0].finding)


def conclusion_exhibits(case: Case, index: int) -> list[str]:
    return (signals(case) + records(case))[index].exhibit_ids


def brief(facts: list[Fact], *runbooks: Evidence, title: str = "Checkout is failing") -> Brief:
    exhibit = Evidence(
        id="X1", kind=EvidenceKind.EXHIBIT, title="app.log", source="app.log", media="logs"
    )
    return Brief(report=Report(title=title, body=""), evidence=[exhibit, *runbooks], facts=facts)


def runbook(title: str, component: str = "") -> Evidence:
    return Evidence(
        id="B1",
        kind=EvidenceKind.RUNBOOK,
        title=title,
        source=title,
        text="## Steps\n" + "\n".join(f"{n}. do the next sensible thing" for n in range(1, 60)),
        component=component,
        score=9.0,
        confidence=1.0,
    )


FACT = Fact(
    evidence_id="F1",
    statement="checkout: connection pool exhausted",
    component="checkout",
    fault="connection exhaustion",
    weight=0.9,
    sense="records",
    exhibit_ids=["X1"],
)


def test_cause_with_the_runbook_of_its_component_stays_short_and_cites_both() -> None:
    cause = investigate(brief([FACT], runbook("Pools", "checkout")), Thresholds())
    assert cause.stance is Stance.CAUSE
    assert [claim.evidence_ids for claim in cause.claims] == [["F1", "X1"], ["B1"]]
    assert sum(len(claim.text) + 2 for claim in cause.claims) <= ANSWER_LIMIT + 2


def test_runbook_about_something_else_is_not_put_beside_a_cause() -> None:
    cause = investigate(brief([FACT], runbook("Backup restore drill")), Thresholds())
    assert [claim.evidence_ids for claim in cause.claims] == [["F1", "X1"]]


RECOVERED = [
    "node pool returned to ready after 20s",
    "liveness probe failed once during a rolling update",
    "connection refused by the old replica: scaled down to 0",
    "pods evicted as planned: scheduled maintenance until 04:00",
    "job failed, then retried successfully",
    "queue depth alarm cleared, consumers stabilised",
]


@pytest.mark.parametrize("text", RECOVERED)
def test_trouble_that_is_over_or_meant_is_known_by_its_words(text: str) -> None:
    symptom = classify(text)
    assert speaks_of_recovery(text) or (symptom is not None and symptom.family == "healthy")


@pytest.mark.parametrize(
    "text",
    [
        "could not resolve host db-1",
        "the index has not recovered yet",
        "unexpected restart of the primary",
        "service was not restored",
        "unable to connect to upstream",
    ],
)
def test_trouble_that_goes_on_does_not_read_as_over(text: str) -> None:
    assert not speaks_of_recovery(text)


def pods(ready: bool) -> str:
    state = {"phase": "Running", "containers": [{"name": "api", "ready": ready}]}
    return json.dumps({"pods": [{"name": f"api-{n}", **state} for n in range(3)]})


def series(values: list[float]) -> str:
    named = ({"metric_name": f"{name} percent", "values": values} for name in ("cpu", "mem", "io"))
    return json.dumps({"metrics": list(named)})


LEVEL = [40.0, 41, 39, 40, 42, 40, 39, 41, 40, 40]


@pytest.mark.parametrize("message", RECOVERED)
def test_ticket_about_trouble_that_is_over_is_left_alone(message: str) -> None:
    events = json.dumps({"events": [{"reason": "Warning", "message": message}]})
    case = ticket(
        ("events.json", "tool_output", events), ("pods.json", "tool_output", pods(ready=True))
    )
    assert conclude(case, signals(case) + records(case)).healthy


def test_level_metrics_and_ready_pods_need_nothing_done() -> None:
    calm = ("metrics.json", "tool_output", series(LEVEL))
    case = ticket(calm, ("pods.json", "tool_output", pods(ready=True)))
    conclusion = conclude(case, signals(case) + records(case))
    assert conclusion.healthy
    assert conclusion.summary.startswith("Nothing is failing now")


def test_one_present_failure_outweighs_all_that_is_calm() -> None:
    calm = ("metrics.json", "tool_output", series(LEVEL))
    case = ticket(calm, ("pods.json", "tool_output", pods(ready=False)))
    assert not conclude(case, signals(case) + records(case)).healthy


def test_alert_that_is_meant_to_fire_always_is_left_alone() -> None:
    advice = "# DeadMansSwitch\nThis alert is meant to be always firing; it is not an issue."
    case = ticket(("runbook.md", "tool_output", advice), title="DeadMansSwitch")
    assert conclude(case, records(case)).healthy
