"""A delivery says which issue to look at, and nothing else of it is believed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.hint import Hint
from mendwheel.integrations.jira.events import Ignored, MalformedEvent, read

US = "acc-mendwheel"
ROOT = Path(__file__).resolve().parents[2]


def payload(event: str = "jira:issue_updated", **other: Any) -> dict[str, Any]:
    issue = {"id": "10001", "key": "LP-7", "fields": {"updated": "2026-03-01T10:00:00.000+0000"}}
    said = {"timestamp": 1772359200000, "webhookEvent": event, "issue": issue}
    return said | {"user": {"accountId": "acc-mary"}} | other


def taken(what: object, identifier: str = "", projects: tuple[str, ...] = ()) -> Hint:
    found = read(json.dumps(what).encode(), identifier, projects, US)
    assert isinstance(found, Hint), found
    return found


def ignored(what: object, projects: tuple[str, ...] = ()) -> str:
    found = read(json.dumps(what).encode(), "", projects, US)
    assert isinstance(found, Ignored), found
    return found.why


@pytest.mark.parametrize(
    "event", ["jira:issue_created", "jira:issue_updated", "comment_created", "comment_updated"]
)
def test_events_about_an_issue_are_hints_at_it(event: str) -> None:
    comment = {"id": "5", "author": {"accountId": "acc-mary"}, "body": "/approve ABC123"}
    hint = taken(payload(event, comment=comment), "delivery-1")
    assert (hint.system, hint.key, hint.event) == ("jira", "LP-7", event)
    assert hint.delivery_id == "delivery-1"
    assert "approve" not in hint.model_dump_json(), "bodies are read again, never passed on"
    assert hint.who == "", "a name in a body is nobody that we have authenticated"


def test_a_retry_without_an_identifier_is_known_again_and_the_next_news_is_not() -> None:
    first, again = taken(payload()), taken(payload())
    assert first.delivery_id == again.delivery_id
    later = payload()
    later["issue"]["fields"]["updated"] = "2026-03-01T10:00:01.000+0000"
    others = [
        taken(later),
        taken(payload("jira:issue_created")),
        taken(payload("comment_created", comment={"id": "5"})),
        taken(payload("comment_created", comment={"id": "6"})),
    ]
    assert len({first.delivery_id, *(hint.delivery_id for hint in others)}) == 5


def test_news_without_any_time_are_told_apart_by_their_body() -> None:
    bare = {"issue": {"key": "LP-7"}, "n": 1}
    assert taken(bare).delivery_id == taken(bare).delivery_id
    assert taken(bare).delivery_id != taken(bare | {"n": 2}).delivery_id


def test_an_automation_rule_may_send_the_issue_itself_or_an_object_around_it() -> None:
    issue = payload()["issue"]
    assert taken(issue).key == taken({"issue": issue, "rule": {"id": 3}}).key == "LP-7"
    assert taken(issue).event == "automation"
    one, other = (taken({"issue": issue, "rule": {"id": each}}) for each in (1, 2))
    assert one.delivery_id != other.delivery_id, "two rules may tell two things"


def test_the_rule_that_we_ship_is_understood() -> None:
    recipe = (ROOT / "deploy" / "jira" / "automation-body.json").read_text("utf-8")
    sent = recipe.replace("{{issue.key}}", "LP-7")
    now, later = (sent.replace("{{issue.updated}}", f"2026-03-01T10:0{n}") for n in (0, 1))
    assert "{{" not in now, "every value is filled in"
    hints = [taken(json.loads(each)) for each in (now, now, later)]
    assert {hint.key for hint in hints} == {"LP-7"}
    assert hints[0].delivery_id == hints[1].delivery_id != hints[2].delivery_id


@pytest.mark.parametrize(
    "key",
    ["", "lp-7", "LP7", "LP-", "-7", "LP-7 ", "LP-7/../8", "LP-٣", "L-7\n", None, 7, ["LP-7"]],
)
def test_what_is_no_issue_key_is_ignored(key: object) -> None:
    said = payload()
    said["issue"]["key"] = key
    assert ignored(said) == "names no issue"


def test_data_centers_comment_event_names_no_issue() -> None:
    assert ignored({"webhookEvent": "comment_created", "comment": {"id": "1"}}) == "names no issue"


@pytest.mark.parametrize("event", ["jira:issue_deleted", "sprint_started", "comment_deleted"])
def test_other_events_are_ignored(event: str) -> None:
    assert ignored(payload(event)) == "not an event that is followed"


def test_only_the_projects_of_the_settings_are_followed() -> None:
    assert taken(payload(), projects=("LP",)).key == "LP-7"
    assert ignored(payload(), projects=("OTHER", "L")) == "not in a project that is followed"


def test_our_own_changes_and_edits_are_ignored() -> None:
    ours = {"accountId": US}
    assert ignored(payload(user=ours)) == "our own doing"
    edited = {"id": "5", "author": ours, "updateAuthor": ours}
    assert ignored(payload("comment_updated", comment=edited)) == "our own doing"


def test_what_others_do_to_our_comment_and_issues_of_ours_are_looked_at() -> None:
    edited = {"id": "5", "author": {"accountId": US}, "updateAuthor": {"accountId": "acc-mary"}}
    taken(payload("comment_updated", comment=edited, user={"accountId": US}))
    taken(payload("jira:issue_created", user={"accountId": US}))


def test_people_of_a_data_center_are_known_by_name() -> None:
    body = json.dumps(payload(user={"name": "wheel", "key": "JIRAUSER1"})).encode()
    assert isinstance(read(body, "", (), "wheel"), Ignored)
    assert isinstance(read(body, "", (), "JIRAUSER1"), Hint)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"LP-7"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEvent):
        read(body, "", (), "")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["issue", "key", "fields", "user", "comment", "updated", "webhookEvent"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_object_of_any_shape_breaks_the_reading(value: Any) -> None:
    body = json.dumps({"issue": value, **(value if isinstance(value, dict) else {})}).encode()
    found = read(body, "", (), US)
    assert isinstance(found, Ignored) or found.key
