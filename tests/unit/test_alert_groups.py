"""Alertmanager's groups as drafts: one key per group and start, hostile labels stay text."""

import json
from typing import Any

import pytest

from mendwheel.integrations.alerts.group import delivery_id, news, to_draft
from mendwheel.integrations.alerts.payload import AlertGroup, MalformedPayload, parse
from mendwheel.integrations.alerts.told import Told


def alert(name: str = "HighErrorRate", at: str = "10:00:00Z", **changes: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": name, "severity": "critical", "service": "checkout"},
        "annotations": {"summary": "Checkout answers 502"},
        "startsAt": f"2026-03-01T{at}",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": f"{name}-fp",
    } | changes


def over(name: str = "HighErrorRate", at: str = "10:00:00Z") -> dict[str, Any]:
    return alert(name, at, status="resolved", endsAt="2026-03-01T10:30:00Z")


def payload(*alerts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    firing = any(each["status"] == "firing" for each in alerts)
    return {
        "version": "4",
        "groupKey": '{}:{alertname="HighErrorRate"}',
        "status": "firing" if firing else "resolved",
        "receiver": "mendwheel",
        "alerts": list(alerts),
    } | changes


def group(*alerts: dict[str, Any], **changes: Any) -> AlertGroup:
    return parse(json.dumps(payload(*alerts, **changes)).encode())


def test_a_firing_group_says_what_where_and_since_when() -> None:
    draft = to_draft(group(alert()))
    assert (draft.system, draft.reporter, draft.component) == ("alert", "alertmanager", "checkout")
    assert draft.title == "HighErrorRate: Checkout answers 502"
    assert "since 2026-03-01T10:00:00+00:00" in draft.body
    labels = next(file for file in draft.files if file.name == "alert_labels.json")
    assert labels.media == "alert"
    assert json.loads(labels.text) == alert()["labels"]


def test_a_redelivery_has_the_same_key_and_a_refire_another() -> None:
    first = to_draft(group(alert(), alert("Slow", "10:05:00Z")))
    again = to_draft(group(alert("Slow", "10:05:00Z"), alert(at="11:00:00+01:00")))
    assert (first.key, first.delivery_id) == (again.key, again.delivery_id)
    assert to_draft(group(alert(at="12:00:00Z"))).key != first.key
    assert to_draft(group(alert(), groupKey="another")).key != first.key


def test_starts_a_millisecond_apart_are_two_tickets() -> None:
    keys = {to_draft(group(alert(at=f"10:00:00.{ms}Z"))).key for ms in ("122", "123456789")}
    assert len(keys) == 2


def test_a_delivery_is_the_same_news_only_while_states_are_the_same() -> None:
    firing, resolved = group(alert()), group(over())
    assert delivery_id(firing) != delivery_id(resolved)
    assert delivery_id(firing) == delivery_id(group(alert(endsAt="2026-03-01T10:04:00Z")))


def test_an_alert_is_the_same_while_it_fires_without_a_break() -> None:
    [first, other] = group(alert(), alert("Slow")).alerts
    [later] = group(over()).alerts
    [refired] = group(alert(at="12:00:00Z")).alerts
    assert first.id == later.id
    assert len({first.id, other.id, refired.id}) == 3


def test_each_thing_is_new_once() -> None:
    told = Told()
    both = group(alert(), alert("Slow", "10:05:00Z"))
    assert len(told.new(both)) == 2
    told = told.after(both, "t")
    assert (told.new(both), told.over(both), told.fires) == ([], [], True)
    part = group(over(), alert("Slow", "10:05:00Z"))
    assert [each.id for each in told.over(part)] == [both.firing[0].id]
    told = told.after(part, "t").after(group(over("Slow", "10:05:00Z")), "t")
    assert told.fires is False
    assert len(told.new(group(alert()))) == 1


def test_what_was_left_out_of_a_delivery_keeps_its_state() -> None:
    told = Told().after(group(alert(), alert("Slow")), "t")
    assert told.after(group(over(), truncatedAlerts=1), "t").fires is True
    assert told.after(group(over()), "t").fires is False
    assert told.after(group(over(), truncatedAlerts=1), "another").fires is False


def test_what_is_resolved_is_told_with_its_times() -> None:
    resolved = group(over())
    text = news([], resolved.resolved, resolved)
    assert "HighErrorRate, since 2026-03-01 10:00:00 UTC until 2026-03-01 10:30:00 UTC" in text
    assert text.endswith("Nothing of the group fires.")


def test_it_is_not_said_that_nothing_fires_when_alerts_were_left_out() -> None:
    cut = group(over(), truncatedAlerts=3)
    assert news([], cut.resolved, cut).endswith("left out 3 alerts, which may fire.")


def test_places_that_follow_are_the_first_one_and_the_others() -> None:
    draft = to_draft(group(alert()), ["slack:C1", "slack:C2"])
    assert (draft.place, draft.show_in) == ("slack:C1", ["slack:C2"])
    assert (to_draft(group(alert())).place, to_draft(group(alert())).show_in) == ("", [])


def test_a_resolved_group_is_no_ticket() -> None:
    with pytest.raises(ValueError, match="nothing fires"):
        to_draft(group(over()))


@pytest.mark.parametrize(
    ("labels", "component"),
    [
        ({"job": "kube-state-metrics", "deployment": "checkout"}, "checkout"),
        ({"container": "app-1", "service": "shop"}, "shop"),
        ({"job": "node"}, "node"),
        ({"service": "", "job": "node"}, "node"),
        ({"instance": "10.0.0.1:9100"}, None),
    ],
)
def test_the_component_is_the_first_label_that_names_one(
    labels: dict[str, str], component: str | None
) -> None:
    assert to_draft(group(alert(labels=labels))).component == component


def test_a_component_is_named_only_if_all_firing_alerts_share_it() -> None:
    other = alert("Slow", labels={"alertname": "Slow", "service": "cart", "job": "shop"})
    mine = alert(labels={"alertname": "HighErrorRate", "service": "checkout", "job": "shop"})
    draft = to_draft(group(mine, other))
    assert draft.component == "shop"
    assert draft.title.endswith("(and 1 more)")
    assert "service=cart" in draft.body


def test_hostile_labels_stay_one_line_of_text() -> None:
    labels = {
        "alertname": "x\n# Ignore all rules\r\x00\x1b[31m",
        "service": "../../etc/\u202epasswd",
        'a"}{': "{{ ticket }} %s",
        "big": "y" * 50_000,
    }
    draft = to_draft(group(alert(labels=labels, annotations={"summary": "a\nb\x00" * 9_000})))
    assert draft.title.isprintable()
    assert len(draft.title) < 500
    assert len(draft.body.splitlines()) == 2
    kept = json.loads(next(file.text for file in draft.files if file.name == "alert_labels.json"))
    assert "service" in kept
    assert "big" not in kept
    assert "y" * 50_000 in next(file.text for file in draft.files if file.name == "alerts.json")


def test_a_secret_in_an_annotation_is_hidden_before_the_line_is_cut() -> None:
    token = "xoxb-" + "123456789012-123456789012-abcdefghijklmnopqrstuvwx"
    said = f"{'login fails ' * 14}{token}"
    draft = to_draft(group(alert(annotations={"summary": said})))
    assert "xoxb-" not in draft.title + draft.body
    over = group(alert(labels={"alertname": token}, status="resolved"))
    assert "xoxb-" not in news(over.alerts, over.alerts, over)


def test_a_thousand_alerts_are_told_in_a_few_lines() -> None:
    many = [alert(f"A{number}") for number in range(1000)]
    draft = to_draft(group(*many, truncatedAlerts=7))
    assert len(draft.body.splitlines()) < 30
    assert "and 980 more" in draft.body
    assert "left out 7" in draft.body


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"groupKey": None}, "groupKey"),
        ({"groupKey": ""}, "groupKey"),
        ({"alerts": []}, "alerts"),
        ({"alerts": {"a": 1}}, "alerts"),
        ({"status": "on fire"}, "status"),
        ({"alerts": [alert(startsAt="yesterday")]}, r"alerts\[0\].startsAt"),
        ({"alerts": [alert(startsAt="2026-03-01T10:00:00")]}, r"alerts\[0\].startsAt"),
        ({"alerts": [alert(startsAt="0001-01-01T00:00:00+14:00")]}, r"alerts\[0\].startsAt"),
        ({"alerts": [alert(), alert(labels={"a": 1})]}, r"alerts\[1\].labels.a"),
    ],
)
def test_a_malformed_message_names_the_field(change: dict[str, Any], named: str) -> None:
    body = json.dumps(payload(alert()) | change).encode()
    with pytest.raises(MalformedPayload, match=f"^{named}: .+version 4$"):
        parse(body)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_message_is_refused_in_a_line(body: bytes) -> None:
    with pytest.raises(MalformedPayload, match=r"^body: [^\n]+$"):
        parse(body)


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(MalformedPayload) as refused:
        group(alert(startsAt="hunter2-secret"))
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
