"""Promises of the disguises: what the evidence shows stays, what it is called goes."""

import random
from typing import Any

import pytest

from bench.leave_out import (
    by_kind,
    denied,
    found,
    in_disguise,
    is_telemetry,
    refitted,
    right_about,
    unknown,
)
from bench.leave_out_disguise import (
    DISGUISES,
    at_midnight,
    renamed,
    restyled,
    shifted,
    shuffled,
    skewed,
)
from mendwheel.investigation import Case, Exhibit
from mendwheel.investigation.clock import onset

METRICS = "time,service,CpuPercent\n" + "".join(
    f"2024-05-01T23:5{m}:00Z,{name},{97 if name == 'pay' and m > 4 else 20 + m % 2}\n"
    for m in range(10)
    for name in ("web", "pay", "cat")
)
BODY = "web is degraded since 2024-05-01T23:55:00Z (unix 1714607700)"


def case() -> Case:
    return Case(
        title="pay is slow",
        body=BODY,
        exhibits=[Exhibit(id="X1", name="m.csv", kind="metrics", text=METRICS)],
        components=["web", "pay", "cat"],
        faults=["cpu", "network"],
    )


def row(name: str) -> dict[str, Any]:
    return {
        "id": f"own-{name}",
        "title": "something is slow",
        "body": BODY,
        "evidence": [{"name": "m.csv", "type": "metrics", "text": METRICS}],
        "candidates": {"services": ["web", "pay", "cat"], "types": ["cpu", "network"]},
        "expected": {"root_cause_service": "pay", "root_cause_type": "cpu"},
    }


def test_renamed_services_are_called_the_same_everywhere_and_nothing_of_the_old_is_left() -> None:
    new = renamed(case(), random.Random(1))
    text = new.title + new.body + new.exhibits[0].text
    assert not {"web", "pay", "cat"} & set(text.replace(",", " ").split())
    assert all(name in text for name in new.components)


def test_a_name_that_begins_with_another_one_is_renamed_as_a_whole() -> None:
    both = case().model_copy(update={"title": "pay-api is slow", "components": ["pay", "pay-api"]})
    new = renamed(both, random.Random(1))
    assert new.title == f"{new.components[1]} is slow"


def test_incident_moved_over_midnight_begins_just_after_it() -> None:
    new = at_midnight(case(), random.Random(1))
    began = onset(f"{new.title}\n{new.body}")
    assert began is not None
    assert began % 86_400 == 30


def test_a_skewed_clock_moves_what_is_measured_and_not_the_report() -> None:
    new = skewed(case(), random.Random(1))
    assert new.body == case().body
    assert new.exhibits[0].text != METRICS


def test_shifted_moments_keep_their_distances() -> None:
    new = shifted(case(), random.Random(1))
    assert "2024-05-01" not in new.exhibits[0].text
    assert "1714607700" not in new.body
    assert len(set(new.exhibits[0].text.splitlines())) == len(set(METRICS.splitlines()))


def test_shuffled_table_keeps_its_header_and_its_rows() -> None:
    lines = shuffled(case(), random.Random(1)).exhibits[0].text.splitlines()
    assert lines[0] == METRICS.splitlines()[0]
    assert lines[1:] != METRICS.splitlines()[1:]
    assert sorted(line for line in lines if line) == sorted(METRICS.splitlines())


def test_restyled_metric_is_the_same_word_in_the_other_style() -> None:
    new = restyled(case(), random.Random(1)).exhibits[0].text
    assert new.startswith("time,service,cpu_percent\n")


@pytest.mark.parametrize("name", DISGUISES)
def test_plain_incident_is_solved_in_every_disguise(name: str) -> None:
    assert all(right_about(*in_disguise(row("a"), name, seed)) for seed in range(3))


def test_only_tickets_with_a_component_and_choices_are_telemetry() -> None:
    assert is_telemetry(row("a"))
    assert not is_telemetry({**row("a"), "candidates": {}})
    assert not is_telemetry({**row("a"), "expected": {"root_cause_service": None}})


def test_report_counts_each_kind_and_says_what_is_claimed_when_the_kind_is_withheld() -> None:
    rows = [row("a"), row("b")]
    assert by_kind(rows, found(rows)) == {"own cpu": {"n": 2, "rate": 1.0}}
    assert refitted(rows)["all"] == 1.0
    assert unknown(rows)["own cpu"]["component"] == 1.0


def test_what_speaks_against_a_cause_is_counted_and_against_the_true_one_apart() -> None:
    wronged = row("b")
    log = {"name": "l.txt", "type": "logs", "text": "23:56:01 web ERROR cpu starvation\n" * 3}
    wronged["evidence"] = [*wronged["evidence"], log]
    mistaken = wronged | {"expected": {"root_cause_service": "web", "root_cause_type": "cpu"}}
    assert denied([row("a")]) == {"own": {"n": 1, "any": 0, "true": 0}}
    assert denied([row("a"), wronged, mistaken]) == {"own": {"n": 3, "any": 2, "true": 1}}
