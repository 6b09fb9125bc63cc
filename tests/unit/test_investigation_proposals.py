"""Five investigators propose causes; what others see is held against them, and weighed."""

from datetime import UTC, datetime, timedelta

import pytest

from mendwheel.activities.establishing import against, confronted, investigated, merged
from mendwheel.agents.agent import Brief
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.hypothesis import Hypothesis
from mendwheel.domain.ticket import Report
from mendwheel.investigation import Case, Exhibit, Finding, conclude
from mendwheel.investigation.contradictions import contradictions
from mendwheel.investigation.investigators import INVESTIGATORS, look, propose

BEGAN = datetime(2024, 5, 1, 10, 5, tzinfo=UTC)
BODY = f"errors since {BEGAN:%Y-%m-%dT%H:%M:%SZ}"


def metrics(measure: str, **services: tuple[float, float]) -> tuple[str, str, str]:
    """Ten minutes of one measure: each service's level before and after the trouble began."""
    rows = [
        f"{BEGAN + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ},{name},"
        f"{before if minute < 0 else after}"
        for minute in range(-5, 5)
        for name, (before, after) in services.items()
    ]
    return "metrics.csv", "metrics", "\n".join([f"time,service,{measure}", *rows])


def change(service: str, minutes: int, what: str = "release 7") -> tuple[str, str, str]:
    """A change, so many minutes after the trouble began."""
    at = BEGAN + timedelta(minutes=minutes)
    line = f'{{"time":"{at:%Y-%m-%dT%H:%M:%SZ}","component":"{service}","change":"{what}"}}'
    return "changes.jsonl", "changes", line


def pods(**ready: bool) -> tuple[str, str, str]:
    listed = ",".join(
        f'{{"name":"{name}","phase":"Running","containers":[{{"name":"c","ready":{said}}}]}}'
        for name, said in ((name, str(is_ready).lower()) for name, is_ready in ready.items())
    )
    return "pods.json", "state", f'{{"pods":[{listed}]}}'


def case(*exhibits: tuple[str, str, str], **more: object) -> Case:
    shown = [Exhibit(id=name, name=name, kind=kind, text=text) for name, kind, text in exhibits]
    return Case.model_validate({"title": "t", "body": BODY, "exhibits": shown, **more})


def finding(component: str, fault: str, weight: float, sense: str = "logs") -> Finding:
    return Finding(
        statement=f"{component} shows {fault}",
        exhibit_ids=["x"],
        component=component,
        fault=fault,
        weight=weight,
        sense=sense,
        id=f"{component} {fault}",
    )


def said_against(case: Case, *findings: Finding) -> dict[str | None, str]:
    """What is held against the causes that the findings propose, by component."""
    proposed = [
        each for found in findings for each in propose(found.sense, case, [found])
    ]  # one investigator's proposal for each
    found = contradictions(case, list(findings), proposed)
    assert all(each.against for each in found)
    return {each.component: each.statement for each in found}


def heard(case: Case) -> Dossier:
    """The dossier of a ticket after five investigators were heard and confronted."""
    dossier = Dossier()
    dossier.add(
        [
            Evidence(
                kind=EvidenceKind.EXHIBIT, title=e.name, source=e.name, media=e.kind, text=e.text
            )
            for e in case.exhibits
        ]
    )
    report = Report(title=case.title, body=case.body)
    brief = Brief(report=report, evidence=list(dossier.evidence))
    merged(dossier, [investigated(name, brief) for name in INVESTIGATORS])
    confronted(dossier, against(dossier, brief))
    return dossier


def of(dossier: Dossier, investigator: str) -> list[Hypothesis]:
    return [each for each in dossier.hypotheses if each.proposed_by == [investigator]]


def test_each_investigator_proposes_from_what_it_looks_at() -> None:
    dossier = heard(
        case(
            metrics("cpu_percent", pay=(20, 95), web=(20, 20)),
            ("logs.txt", "logs", "2024-05-01T10:06:00Z web ERROR no such host: pay\n" * 3),
            change("pay", -10),
        )
    )
    assert [each.name for each in of(dossier, "metrics")] == ["cpu saturation at pay"]
    assert [each.name for each in of(dossier, "logs")] == ["name resolution failure at web"]
    assert [each.name for each in of(dossier, "changes")] == ["bad deployment at pay"]
    assert of(dossier, "graph") == []


def test_every_id_for_and_against_a_cause_is_in_the_dossier() -> None:
    dossier = heard(
        case(
            metrics("p95_ms", web=(90, 900), pay=(80, 800), cat=(50, 50)),
            ("logs.txt", "logs", "2024-05-01T10:06:00Z cat ERROR request timed out after 5 s\n"),
            ("topology.txt", "topology", "web -> pay\nweb -> cat\n"),
            change("cat", 3),
            title="web is slow",
        )
    )
    there = {item.id for item in dossier.evidence}
    ids = {name for each in dossier.hypotheses for name in each.for_ids}
    cited = {each.evidence_id for one in dossier.hypotheses for each in one.against}
    assert ids
    assert cited
    assert ids | cited <= there


def test_figures_that_held_their_level_speak_against_a_fault_that_they_would_show() -> None:
    flat = case(metrics("cpu_percent", web=(20, 20.5)))
    said = said_against(flat, finding("web", "cpu saturation", 0.7))
    assert said == {"web": "cpu_percent of web held its level: 20 % before, 20.5 % now."}


@pytest.mark.parametrize(
    ("exhibit", "fault"),
    [
        (metrics("cpu_percent", web=(20, 60)), "cpu saturation"),  # it moved
        (metrics("cpu_percent", web=(20, 20)), "code defect"),  # no figure shows that
        (metrics("cpu_percent", pay=(20, 20)), "cpu saturation"),  # of another component
        (metrics("cpu_percent", web=(50, 20)), "cpu saturation"),  # it did not hold
    ],
)
def test_figures_say_nothing_against_what_they_do_not_show(
    exhibit: tuple[str, str, str], fault: str
) -> None:
    assert said_against(case(exhibit), finding("web", fault, 0.7)) == {}


def test_what_a_caller_feels_is_explained_by_an_abnormal_part_below_it() -> None:
    deep = case(("topology.txt", "topology", "web -> pay\npay -> db\n"))
    said = said_against(
        deep,
        finding("web", "added latency", 0.8),
        finding("db", "connection exhaustion", 0.7),
    )
    assert said == {"web": "Explained deeper (web -> pay -> db): db shows connection exhaustion."}


@pytest.mark.parametrize(
    ("edges", "fault", "sense", "weight"),
    [
        ("web -> pay\n", "connection exhaustion", "logs", 0.8),  # db is not below web
        ("web -> db\ndb -> web\n", "connection exhaustion", "logs", 0.8),  # nor is either
        ("web -> db\n", "bad deployment", "changes", 0.8),  # a change shows nothing wrong
        ("web -> db\n", "connection exhaustion", "logs", 0.2),  # far less clear
    ],
)
def test_nothing_is_explained_by_what_is_not_abnormal_below_it(
    edges: str, fault: str, sense: str, weight: float
) -> None:
    deep = case(("topology.txt", "topology", edges))
    felt, other = finding("web", "added latency", 0.8), finding("db", fault, weight, sense)
    assert said_against(deep, felt, other) == {}


def test_the_walk_rejects_the_caller_where_it_began() -> None:
    dossier = heard(
        case(
            metrics("p95_ms", web=(90, 900), pay=(80, 880)),
            ("topology.txt", "topology", "web -> pay\n"),
            title="web is slow",
        )
    )
    [caller] = [each for each in of(dossier, "graph") if each.component == "web"]
    assert caller.against[0].why.startswith("pay, which web calls, accounts for 99% of its move")
    findings = dossier.of(EvidenceKind.FINDING)
    assert not next(item for item in findings if item.component == "pay").against


def test_a_change_after_the_trouble_began_is_proposed_and_contradicted() -> None:
    dossier = heard(case(change("pay", 12)))
    [late] = of(dossier, "changes")
    assert late.clearness <= 0.05
    assert late.against[0].why.startswith("The change to pay came 12 min after the trouble began")


def test_a_change_in_time_takes_the_blame_off_no_later_one_of_the_same_kind() -> None:
    both = "\n".join((change("pay", -10)[2], change("pay", 12)[2]))
    assert of(heard(case(("changes.jsonl", "changes", both))), "changes")[0].against == []


def test_a_part_that_runs_now_speaks_against_an_image_that_cannot_be_pulled() -> None:
    fault = "image cannot be pulled"
    found = said_against(case(pods(web=True)), finding("web", fault, 0.9))
    assert found == {"web": "pod web is in order now: Running, Ready or complete."}
    assert said_against(case(pods(web=False)), finding("web", fault, 0.9)) == {}
    assert said_against(case(pods(web=True)), finding("web", "cpu saturation", 0.9)) == {}


def test_of_two_equally_clear_causes_the_contradicted_one_loses() -> None:
    flat = case(metrics("cpu_percent", web=(20, 20)))
    found = [finding("web", "cpu saturation", 0.8), finding("db", "name resolution failure", 0.8)]
    assert conclude(flat, found).suspects[0].component == "web"
    proposed = propose("logs", flat, found)
    weighed = conclude(flat, found + contradictions(flat, found, proposed))
    assert [each.component for each in weighed.suspects] == ["db", "web"]


def test_a_cause_that_its_own_figures_deny_loses_to_a_somewhat_less_clear_one() -> None:
    flat = case(metrics("cpu_percent", web=(20, 20)))
    found = [finding("web", "cpu saturation", 0.9), finding("db", "name resolution failure", 0.6)]
    proposed = propose("logs", flat, found)
    weighed = conclude(flat, found + contradictions(flat, found, proposed))
    assert [each.component for each in weighed.suspects] == ["db", "web"]


def test_what_speaks_against_a_cause_neither_supports_it_nor_calms() -> None:
    denied = finding("web", "cpu saturation", 0.9, "metrics").model_copy(update={"against": True})
    conclusion = conclude(case(), [denied])
    assert (conclusion.suspects, conclusion.healthy, conclusion.told) == ([], False, [])


def test_a_runbook_proposes_the_fault_that_it_is_for() -> None:
    passage = Evidence(
        id="B1",
        kind=EvidenceKind.RUNBOOK,
        title="Connection pool exhausted › Steps",
        source="pool.md",
        text="1. Raise the pool size.",
        component="pay",
        score=5.0,
    )
    report = Report(title="connection pool exhausted at pay", body="")
    [proposed] = investigated("knowledge", Brief(report=report, evidence=[passage])).hypotheses
    assert (proposed.name, proposed.for_ids) == ("connection exhaustion at pay", ["B1"])


def test_an_unknown_investigator_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="no investigator dowser; there are metrics"):
        look("dowser", case())


@pytest.mark.parametrize("text", ["", "\0" * 50_000, "[" * 50_000, "a -> b\n" * 20_000, "9" * 900])
@pytest.mark.parametrize("kind", ["metrics", "logs", "topology", "changes", "state"])
def test_hostile_evidence_contradicts_nobody_and_raises_nothing(kind: str, text: str) -> None:
    accused = finding("web", "cpu saturation", 0.9)
    assert said_against(case(("x.txt", kind, text)), accused) == {}
    heard(case(("x.txt", kind, text)))
