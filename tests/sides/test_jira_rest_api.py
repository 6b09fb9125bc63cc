"""The local Jira, through the jira library, on either deployment."""

import pytest
from jira import JIRA
from jira.exceptions import JIRAError

from mendwheel.testing import JiraSide, adf
from tests.sides.recorder import comment, library


def test_the_jira_library_works_with_either_deployment(either: JiraSide) -> None:
    key = either.add_issue("Broken", None).key
    client = library(either)
    issue = client.issue(key)
    assert issue.fields.description is None
    issue.update(update={"labels": [{"add": "x"}]})
    client.transition_issue(key, "31")
    for _ in range(2):
        client.add_remote_link(key, {"url": "http://x", "title": "t"}, globalId="g")
    comment(client, either, key, "one\ntwo")
    client.close()
    held = either.issue(key)
    assert (held.labels, held.status, held.resolution) == (["x"], "Done", "Done")
    assert len(held.links) == 1
    assert [each.text.split("\n") for each in either.comments(key, by_app=True)] == [["one", "two"]]
    kinds = [each.operation for each in either.writes(key)]
    assert kinds == ["issue.edit", "transition.do", "link.set", "link.set", "comment.create"]


def test_jira_refuses_strangers(cloud: JiraSide) -> None:
    key = cloud.add_issue("x").key
    with pytest.raises(JIRAError) as caught:
        JIRA(cloud.base_url, basic_auth=(cloud.user, "wrong"), max_retries=0).issue(key)
    assert caught.value.status_code == 401


def test_cloud_searches_by_token_and_the_old_search_is_gone(cloud: JiraSide) -> None:
    for number in range(5):
        cloud.add_issue(f"issue {number}")
    client = library(cloud)
    url = client._get_url("search/jql")
    query = {"jql": 'project = PROJ AND updated >= "-5m" ORDER BY key', "maxResults": "2"}
    first = client._session.get(url, params=query).json()
    following = {**query, "nextPageToken": first["nextPageToken"], "fields": "summary"}
    second = client._session.get(url, params=following).json()
    assert [sorted(each) for each in first["issues"]] == [["id"], ["id"]]
    assert [each["key"] for each in second["issues"]] == ["PROJ-3", "PROJ-4"]
    for path, params, status in (
        ("search", {"jql": "project = PROJ"}, 410),
        ("search/jql", {"jql": "ORDER BY updated"}, 400),
        ("search/jql", {"jql": "colour = red"}, 400),
    ):
        with pytest.raises(JIRAError) as caught:
            client._session.get(client._get_url(path), params=params)
        assert caught.value.status_code == status
    client.close()


@pytest.mark.parametrize(
    ("jql", "found"),
    [
        ("project = PROJ AND labels = red", ["PROJ-2"]),
        ("labels in (red, blue) OR key = PROJ-1", ["PROJ-2", "PROJ-1"]),
        ("project = PROJ AND statusCategory != Done", ["PROJ-3", "PROJ-2"]),
        ("resolution = Unresolved AND NOT labels = red", ["PROJ-3"]),
        ("assignee is EMPTY AND summary ~ thr", ["PROJ-3"]),
        ('status = "Done" ORDER BY created ASC', ["PROJ-1"]),
        ('created > "2999-01-01"', []),
    ],
)
def test_jql_finds_what_it_says(cloud: JiraSide, jql: str, found: list[str]) -> None:
    cloud.add_issue("one")
    cloud.add_issue("two", labels=["red"], assignee=cloud.ben)
    cloud.add_issue("three")
    cloud.human_transition("PROJ-1", "Done")
    client = library(cloud)
    assert [each.key for each in client.search_issues(jql, fields="summary")] == found
    client.close()


def test_cloud_says_in_jiras_words_why_a_comment_is_refused(cloud: JiraSide) -> None:
    key, client = cloud.add_issue("x").key, library(cloud)
    url = client._get_url(f"issue/{key}/comment")
    said = {}
    for name, body in (
        ("string", "plain"),
        ("invalid", {"type": "doc", "version": 1, "content": [{"type": "text", "text": "x"}]}),
        ("long", adf.from_text("x" * 32_768)),
    ):
        with pytest.raises(JIRAError) as caught:
            client._session.post(url, json={"body": body})
        said[name] = (caught.value.status_code, caught.value.text)
    client.close()
    assert said == {
        "string": (400, "Comment body is not valid!"),
        "invalid": (400, "INVALID_INPUT"),
        "long": (400, "CONTENT_LIMIT_EXCEEDED"),
    }
    assert cloud.comments(key) == []


def test_a_transition_may_need_fields_and_takes_no_others(cloud: JiraSide) -> None:
    key, client = cloud.add_issue("x").key, library(cloud)
    done = cloud.site.transitions[-1]
    done.fields = {"resolution": {"required": True, "name": "Resolution"}}
    for fields in ({}, {"resolution": {"name": "Done"}, "labels": ["x"]}):
        with pytest.raises(JIRAError) as caught:
            client.transition_issue(key, done.id, fields=fields)
        assert caught.value.status_code == 400
    client.transition_issue(key, done.id, fields={"resolution": {"name": "Won't Do"}})
    with pytest.raises(JIRAError):  # it is there already
        client.transition_issue(key, done.id, fields={"resolution": {"name": "Done"}})
    client.close()
    assert (cloud.issue(key).status, cloud.issue(key).resolution) == ("Done", "Won't Do")


def test_retry_after_comes_as_a_date_where_that_is_ordered(cloud: JiraSide) -> None:
    key, client = cloud.add_issue("x").key, library(cloud)
    cloud.fault("comment.create", "rate_limited", at=key, retry_after=30, http_date=True)
    with pytest.raises(JIRAError) as caught:
        comment(client, cloud, key, "x")
    client.close()
    assert caught.value.status_code == 429
    assert caught.value.response.headers["Retry-After"].endswith("GMT")


def test_what_people_change_stands_in_the_changelog(cloud: JiraSide) -> None:
    key = cloud.add_issue("x").key
    cloud.human_transition(key, "Done", cloud.ben)
    cloud.human_transition(key, "To Do", cloud.ann)
    said = cloud.human_comment(key, "first")
    cloud.human_edits(said, "second", cloud.ben)
    client = library(cloud)
    histories = client.issue(key, expand="changelog").changelog.histories
    client.close()
    changed = [
        (each.author.displayName, item.field, item.toString)
        for each in histories
        for item in each.items
    ]
    assert changed == [
        ("Ann", "status", "To Do"),
        ("Ann", "resolution", None),
        ("Ben", "status", "Done"),
        ("Ben", "resolution", "Done"),
    ]
    assert (said.text, said.author.name, said.editor.name) == ("second", "Ann", "Ben")
