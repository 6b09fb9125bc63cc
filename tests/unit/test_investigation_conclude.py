"""Promises of the conclusion and of the whole package: honest, quoted, bounded, never raising."""

import json
import random
import time

import pytest

from mendwheel.investigation import Case, Exhibit, Finding, conclude, records, signals


def finding(component: str | None, fault: str | None, weight: float, **more: str) -> Finding:
    return Finding(
        statement=more.get("statement", f"{component} shows {fault}"),
        exhibit_ids=[more.get("exhibit", "x")],
        component=component,
        fault=fault,
        weight=weight,
        sense="signals",
    )


def ticket(*exhibits: tuple[str, str, str], **more: object) -> Case:
    shown = [Exhibit(id=name, name=name, kind=kind, text=text) for name, kind, text in exhibits]
    return Case.model_validate({"title": "t", "body": "", "exhibits": shown, **more})


def test_no_evidence_gives_no_suspect_and_no_confidence() -> None:
    conclusion = conclude(ticket(), [])
    assert (conclusion.suspects, conclusion.healthy, conclusion.confidence) == ([], False, 0.0)


def test_ten_weak_hints_do_not_outrank_one_strong_finding() -> None:
    hints = [finding("a", "cpu", 0.3) for _ in range(10)]
    conclusion = conclude(ticket(), [*hints, finding("b", "network", 0.8)])
    assert conclusion.suspects[0].component == "b"


def test_of_two_with_the_same_fault_the_dependency_is_the_origin() -> None:
    case = ticket(("g", "topology", "web -> db"))
    conclusion = conclude(case, [finding("web", "dns", 0.9), finding("db", "dns", 0.8)])
    assert conclusion.suspects[0].component == "db"


def test_cause_names_the_fault_over_what_is_felt() -> None:
    found = [finding("db", "error responses", 0.9), finding("db", "connection exhaustion", 0.8)]
    assert conclude(ticket(), found).suspects[0].fault == "connection exhaustion"


def test_component_outside_the_candidates_is_never_the_suspect() -> None:
    case = ticket(components=["web"], faults=["cpu"])
    conclusion = conclude(case, [finding("ghost", "cpu", 0.9), finding("web", "cpu", 0.5)])
    assert [s.component for s in conclusion.suspects] == ["web"]


def test_one_calm_source_is_not_enough_to_do_nothing() -> None:
    assert not conclude(ticket(), [finding(None, "healthy", 0.5)]).healthy


def test_two_calm_sources_and_no_trouble_need_no_action() -> None:
    calm = [finding(None, "healthy", 0.5, exhibit=e) for e in ("pods", "monitors")]
    assert conclude(ticket(), calm).healthy
    assert not conclude(ticket(), [*calm, finding("web", "cpu", 0.6)]).healthy


def test_unknown_fault_keeps_confidence_low() -> None:
    assert conclude(ticket(), [finding("web", None, 0.9)]).confidence <= 0.4


def test_close_race_is_less_certain_than_a_clear_one() -> None:
    clear = conclude(ticket(), [finding("a", "cpu", 0.9), finding("b", "cpu", 0.2)])
    close = conclude(ticket(), [finding("a", "cpu", 0.9), finding("b", "cpu", 0.88)])
    assert close.confidence < clear.confidence < 1


def test_summary_keeps_its_cap_and_leads_with_the_cause() -> None:
    many = [finding("a", "cpu", 0.9, statement=f"{i} " + "x" * 300) for i in range(20)]
    summary = conclude(ticket(), many).summary
    assert summary.startswith("Root cause: cpu at a.")
    assert len(summary) <= 1400


SHOP = (
    (
        "metrics.csv",
        "metrics",
        "time,service,cpu_percent,error_rate,p95_ms\n"
        + "\n".join(
            f"2024-05-01T10:0{m}:00Z,{s},20,{e if m > 4 else 0.001},90"
            for m in range(10)
            for s, e in (("web", 0.2), ("pay", 0.4), ("cat", 0.001))
        ),
    ),
    (
        "logs.txt",
        "logs",
        "2024-05-01T10:01:00Z web INFO ok\n"
        + "2024-05-01T10:05:10Z pay ERROR connection pool exhausted: 20 of 20 in use\n" * 4,
    ),
    ("topology.txt", "topology", "web -> pay\nweb -> cat\n"),
    (
        "changes.jsonl",
        "changes",
        '{"time":"2024-05-01T10:03:00Z","component":"pay","change":"pool size 20 -> 5"}\n',
    ),
)


def test_plain_product_evidence_is_solved_end_to_end() -> None:
    case = ticket(*SHOP, body="errors since 2024-05-01T10:05:00Z")
    conclusion = conclude(case, signals(case) + records(case))
    top = conclusion.suspects[0]
    assert (top.component, top.fault) == ("pay", "connection exhaustion")
    assert "pool size 20 -> 5" in conclusion.summary
    assert conclusion.confidence > 0.8


def test_every_quote_occurs_in_an_exhibit_it_cites() -> None:
    case = ticket(*SHOP, body="errors since 2024-05-01T10:05:00Z")
    texts = {e.id: " ".join(e.text.split()) for e in case.exhibits}
    found = signals(case) + records(case)
    assert found
    for one in found:
        assert any(" ".join(one.quote.split()) in texts[i] for i in one.exhibit_ids)


_HOSTILE = {
    "empty": "",
    "nothing but nulls": "\0" * 200_000,
    "one endless line": "a" * 1_000_000,
    "deep JSON": "[" * 100_000,
    "odd numbers": '{"m":[{"metric_name":"cpu","values":[NaN,1e308,-1e308,9,9,9]},'
    '{"statement":"x","load":' + "9" * 400 + "}]}",
    "half a surrogate": json.dumps({"events": [{"message": "error \ud800 failed"}]}),
    "open quote": 'a,b\n"' + "x" * 300_000,
    "flag after flag": '{"invocation":"kubectl get' + " --a" * 400 + '","params":{}}\n',
    "long digits": ("1" * 900 + " error\n") * 1000,
    "words before an error": ("a" * 980 + "exception\n") * 1000,
    "arrows": "a -> b\n" * 100_000,
}


@pytest.mark.parametrize("name", _HOSTILE)
@pytest.mark.parametrize("kind", ["metrics", "logs", "tool_output", "topology", "changes"])
def test_hostile_text_never_raises_and_stays_cheap(name: str, kind: str) -> None:
    case = ticket(("x.txt", kind, _HOSTILE[name]), components=["a", "b"])
    began = time.process_time()
    conclude(case, signals(case) + records(case))
    assert time.process_time() - began < 2.0


def test_random_bytes_yield_no_confident_answer() -> None:
    noise = random.Random(7)
    text = "".join(chr(noise.randrange(256)) for _ in range(100_000))
    case = ticket(("core", "tool_output", text))
    conclusion = conclude(case, signals(case) + records(case))
    assert not conclusion.healthy
    assert conclusion.confidence < 0.5


def test_small_case_is_a_matter_of_milliseconds() -> None:
    case = ticket(*SHOP, body="errors since 2024-05-01T10:05:00Z")
    began = time.process_time()
    for _ in range(50):
        conclude(case, signals(case) + records(case))
    assert (time.process_time() - began) / 50 < 0.01
