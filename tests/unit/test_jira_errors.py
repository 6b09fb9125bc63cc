"""What Jira says when it refuses, and what people are told."""

import json

import pytest
from requests import ConnectionError, ConnectTimeout, ReadTimeout, RequestException, Response
from requests.exceptions import ChunkedEncodingError, SSLError

from mendwheel.integrations.jira.errors import (
    moved,
    reading_answer,
    refused,
    said,
    unreachable,
)
from mendwheel.ports.world import PlaceError


def answer(status: int, body: object = None, **headers: str) -> Response:
    response = Response()
    response.status_code = status
    response._content = (body if isinstance(body, str) else json.dumps(body or {})).encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pytest.mark.parametrize(
    ("status", "retryable", "way_out"),
    [
        (400, False, "Jira refused to comment on PROJ-7 (400)"),
        (401, False, "set jira_token"),
        (403, False, "project PROJ"),
        (404, False, "PROJ-7 is gone, or the account cannot see it"),
        (405, False, "jira_deployment"),
        (409, True, "(409)"),
        (410, False, "has removed that request"),
        (413, False, "too long"),
        (429, True, "tried again later"),
        (500, True, "tried again later"),
        (503, True, "tried again later"),
        (599, True, "tried again later"),
    ],
)
def test_each_refusal_names_the_thing_and_the_way_out(
    status: int, retryable: bool, way_out: str
) -> None:
    error = refused(answer(status), "jira:PROJ-7", "comment on PROJ-7")
    assert (error.kind, error.retryable, error.where) == (str(status), retryable, "jira:PROJ-7")
    assert way_out in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(("status", "seconds"), [(429, 10.0), (503, 10.0), (403, None)])
def test_jira_is_waited_for_by_its_own_clock_and_only_where_another_attempt_may_help(
    status: int, seconds: float | None
) -> None:
    headers = {
        "Retry_After": "Sun, 22 Nov 2026 12:00:30 GMT",
        "Date": "Sun, 22 Nov 2026 12:00:20 GMT",
    }
    error = refused(answer(status, **headers), "jira:PROJ-7", "comment on PROJ-7")
    assert error.retry_after == seconds


def test_jiras_own_words_are_kept_short_and_without_secrets() -> None:
    body = {"errorMessages": ["no\nway"], "errors": {"comment": "password=hunter2-very-secret"}}
    assert said(answer(400, body)).startswith("no way comment: ")
    assert "hunter2" not in said(answer(400, body))
    assert len(said(answer(400, {"errorMessages": ["x" * 9000]}))) == 300
    assert said(answer(403, {"message": "not allowed"})) == "not allowed"


@pytest.mark.parametrize("body", ["<html>log in</html>", "[1]", '"x"', '{"errorMessages": 3}', ""])
def test_an_answer_in_no_known_shape_says_nothing(body: str) -> None:
    assert said(answer(500, body or "{}")) == ""


@pytest.mark.parametrize(
    ("error", "kind", "retryable"),
    [
        (ConnectTimeout(), "timeout", True),
        (ReadTimeout(), "timeout", True),
        (ConnectionError(), "unreachable", True),
        (ChunkedEncodingError(), "broken_answer", True),
        (SSLError(), "tls", False),
    ],
)
def test_no_answer_says_so_and_is_tried_again(
    error: RequestException, kind: str, retryable: bool
) -> None:
    told = unreachable(error, "jira:PROJ-7", "read PROJ-7")
    assert (told.kind, told.retryable) == (kind, retryable)
    assert "read PROJ-7" in str(told)


def test_a_redirect_is_not_followed_but_told() -> None:
    error = moved(answer(302), "jira:PROJ-7", "read PROJ-7")
    assert (error.kind, error.retryable) == ("moved", False)
    assert "jira_base_url" in str(error)


def test_an_answer_of_another_shape_is_unreadable_and_no_defect() -> None:
    with (
        pytest.raises(PlaceError, match="not its own") as caught,
        reading_answer("jira:PROJ-7", "read PROJ-7"),
    ):
        raise KeyError("fields")
    assert caught.value.kind == "unreadable"
