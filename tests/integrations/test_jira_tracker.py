"""Cards, messages and ends on Jira issues: Data Center as jira820 plays it, Cloud with faults."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mendwheel.domain.card import CardLink, Message, MessageKind
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.outcome import Outcome, OutcomeKind
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.jira.client import JiraClient
from mendwheel.integrations.jira.marker import Mark
from mendwheel.integrations.jira.tracker import JiraBoard
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings
from mendwheel.testing.jira_side import JiraSide
from mendwheel.testing.jira_state import JiraTransition
from tests import cards
from tests.cards import asked
from tests.counterparts import BacklotCounterpart, JiraCounterpart

OUTCOME = Outcome(ticket_id="T", round=1, kind=OutcomeKind.FIXED)
QUESTION = asked(ticket_id="T", question="Purge the queue?", code="A1B2C3", approvers=["jira:ann"])
RESOLUTION = {
    "required": True,
    "name": "Resolution",
    "schema": {"type": "resolution", "system": "resolution"},
    "operations": ["set"],
    "allowedValues": [{"id": "1", "name": "Done"}, {"id": "2", "name": "Won't Do"}],
}


card = partial(
    cards.card,
    ticket_id="T",
    title="Mail is late",
    headline="looking",
    links=[CardLink(title="Run", url="https://t.example/run")],
)


def key(step: str, place: str) -> EffectKey:
    return EffectKey(ticket_id="T", round=1, step=step, target=place)


def said(text: str, **more: Any) -> Message:
    return Message(kind=MessageKind.FINAL, text=text, **more)


@pytest.fixture
def side() -> Iterator[JiraSide]:
    with JiraSide() as jira:
        yield jira


def cloud_settings(side: JiraSide, settings: Settings, **more: Any) -> Settings:
    given = {
        "jira_base_url": side.base_url,
        "jira_user": side.user,
        "jira_token": side.token,
        "jira_deployment": "cloud",
    }
    return Settings(**(settings.model_dump(exclude_unset=True) | given | more))


@pytest.fixture
def board(side: JiraSide, settings: Settings) -> Iterator[JiraBoard]:
    made = JiraBoard(cloud_settings(side, settings))
    yield made
    made.close()


@pytest.fixture
def client(side: JiraSide, settings: Settings) -> Iterator[JiraClient]:
    made = JiraClient(cloud_settings(side, settings))
    yield made
    made.close()


@pytest.fixture
def center(jira820: JiraCounterpart, settings: Settings) -> Iterator[JiraBoard]:
    given = {
        "jira_base_url": jira820.url,
        "jira_token": jira820.token,
        "jira_deployment": "datacenter",
        "jira_transition_fields": {
            "resolution": "Done",
            "Log Work": "5m",
            "assignee": "mendwheel",
        },
    }
    made = JiraBoard(Settings(**(settings.model_dump(exclude_unset=True) | given)))
    yield made
    made.close()


# Data Center


def test_a_card_on_data_center_is_one_comment_that_is_edited_in_place(
    jira820: JiraCounterpart, center: JiraBoard
) -> None:
    issue = jira820.create("Mail is late", None)
    place = f"jira:{issue}"
    reference = center.open_card(place, card(), key("card", place))
    assert center.find_card(place, key("card", place)) == reference
    center.show(place, reference, card(headline="asks *somebody*", approval=QUESTION))
    [comment] = jira820.comments(issue)
    assert "asks \\*somebody\\*" in comment["body"]
    assert "{{/approve A1B2C3}}" in comment["body"]
    assert center.find_card(place, key("card", place)) == reference
    assert center.thread(place, reference) == place


def test_a_marker_typed_by_somebody_else_is_not_ours(
    jira820: JiraCounterpart, center: JiraBoard
) -> None:
    issue = jira820.create("Mail is late", None)
    place = f"jira:{issue}"
    jira820.comment(issue, "{{mendwheel: T/1/final/" + place + "}}", "mara")
    assert center.find(place, "0", key("final", place)) is None


def test_a_long_message_is_several_comments_found_again_as_one(
    jira820: JiraCounterpart, center: JiraBoard
) -> None:
    issue = jira820.create("Mail is late", None)
    place = f"jira:{issue}"
    text = "\n\n".join(f"Paragraph {n} of the answer." for n in range(2500))
    reference = center.say(place, "0", said(text), key("final", place))
    comments = jira820.comments(issue)
    assert len(comments) > 1
    assert max(len(comment["body"]) for comment in comments) <= 32_767
    assert [f"({n}/{len(comments)})" for n in range(1, len(comments) + 1)] == [
        comment["body"].rstrip("}").rpartition(" ")[2].replace("\\", "") for comment in comments
    ]
    assert center.find(place, "0", key("final", place)) == reference == comments[0]["id"]


def test_the_end_of_a_round_on_data_center_moves_labels_and_links_once(
    jira820: JiraCounterpart, center: JiraBoard
) -> None:
    issue = jira820.create("Mail is late", None)
    place = f"jira:{issue}"
    jira820.call("PUT", f"issue/{issue}", {"fields": {"labels": ["mail"]}})
    for _ in range(2):
        assert center.conclude(place, "0", card(), OUTCOME) is True
    fields = jira820.issue(issue)["fields"]
    assert fields["status"]["name"] == "Done"
    assert fields["labels"] == ["mail", "mendwheel"]
    [link] = jira820.call("GET", f"issue/{issue}/remotelink")
    assert link["globalId"].startswith("mendwheel=T&to=")
    assert link["object"]["url"] == "https://t.example/run"


def test_an_issue_on_data_center_is_read_with_its_comments_and_changes(
    jira820: JiraCounterpart, center: JiraBoard
) -> None:
    issue = jira820.create("Mail is late", "h1. Steps\n* {{one}}")
    jira820.comment(issue, "*me* too", "tomas")
    center.open_card(f"jira:{issue}", card(), key("card", f"jira:{issue}"))
    found = center._client.read(issue)
    assert (found.description, found.service_desk) == ("# Steps\n- `one`", False)
    assert sorted((c.text.split("\n")[0], c.marker != "") for c in found.comments) == [
        ("**looking**", True),
        ("**me** too", False),
    ]
    assert found.reporter is not None
    assert found.reporter.subject == "jira:mara"
    page = center._client.search(f"project = {jira820.project}", limit=1)
    assert [len(page.issues), page.issues[0].project] == [1, jira820.project]


# Cloud


def test_a_card_on_cloud_carries_its_key_as_a_property(side: JiraSide, board: JiraBoard) -> None:
    issue = side.add_issue("Mail is late").key
    place = f"jira:{issue}"
    reference = board.open_card(place, card(), key("card", place))
    board.show(place, reference, card(phase=Phase.APPROVAL, approval=QUESTION))
    [comment] = side.comments(issue, by_app=True)
    assert comment.properties["mendwheel.effect"]["key"] == str(key("card", place))
    assert "/approve A1B2C3" in comment.text
    assert side.issue(issue).properties["mendwheel"]["phase"] == "waiting_for_approval"
    assert board.link(place, reference) == CardLink(
        title=f"Jira {issue}",
        url=f"{side.base_url}/browse/{issue}?focusedCommentId={reference}",
    )


def test_the_same_card_again_is_not_sent_again(side: JiraSide, board: JiraBoard) -> None:
    place = f"jira:{side.add_issue('Mail is late').key}"
    reference = board.open_card(place, card(), key("card", place))
    calls = len(side.calls)
    board.show(place, reference, card())
    assert len(side.calls) == calls
    board.show(place, reference, card(headline="found it"))
    board.show(place, reference, card())
    assert len(side.calls_of("comment.edit")) == 2


def test_an_edit_after_a_restart_keeps_the_mark(
    side: JiraSide, board: JiraBoard, settings: Settings
) -> None:
    place = f"jira:{side.add_issue('Mail is late').key}"
    reference = board.open_card(place, card(), key("card", place))
    later = JiraBoard(cloud_settings(side, settings))
    later.show(place, reference, card(headline="found it"))
    assert later.find_card(place, key("card", place)) == reference
    later.close()


def test_an_edit_whose_answer_was_lost_is_sent_again(side: JiraSide, board: JiraBoard) -> None:
    place = f"jira:{side.add_issue('Mail is late').key}"
    reference = board.open_card(place, card(), key("card", place))
    side.fault("comment.edit", "unavailable")
    with pytest.raises(PlaceError) as caught:
        board.show(place, reference, card(headline="found it"))
    assert caught.value.retryable
    board.show(place, reference, card(headline="found it"))
    assert "found it" in side.comments(side.issue(place[5:]).key)[0].text


def test_a_comment_that_somebody_deleted_is_told_as_gone(side: JiraSide, board: JiraBoard) -> None:
    issue = side.add_issue("Mail is late")
    place = f"jira:{issue.key}"
    reference = board.open_card(place, card(), key("card", place))
    issue.comments.clear()
    with pytest.raises(PlaceError, match="is gone") as caught:
        board.show(place, reference, card(headline="found it"))
    assert (caught.value.kind, caught.value.retryable) == ("comment_gone", False)


def test_a_comment_that_was_written_although_the_answer_was_lost_is_found(
    side: JiraSide, board: JiraBoard
) -> None:
    issue = side.add_issue("Mail is late").key
    place = f"jira:{issue}"
    side.fault("comment.create", "executed_answer_lost")
    with pytest.raises(PlaceError) as caught:
        board.say(place, "0", said("done"), key("final", place))
    assert caught.value.retryable
    [comment] = side.comments(issue)
    assert board.find(place, "0", key("final", place)) == comment.id


def test_parts_of_a_message_that_are_there_are_not_written_twice(
    side: JiraSide, board: JiraBoard
) -> None:
    issue = side.add_issue("Mail is late").key
    place, text = f"jira:{issue}", "\n\n".join(f"Paragraph {n} of it." for n in range(4000))
    side.fault("comment.create", "executed_answer_lost")
    with pytest.raises(PlaceError):
        board.say(place, "0", said(text), key("final", place))
    assert len(side.comments(issue)) == 1
    assert board.find(place, "0", key("final", place)) is None
    board.say(place, "0", said(text), key("final", place))
    numbers = [each.properties["mendwheel.effect"]["part"] for each in side.comments(issue)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 1


def test_comments_in_a_service_desk_are_internal_until_told_otherwise(
    side: JiraSide, board: JiraBoard, settings: Settings
) -> None:
    desk = f"jira:{side.add_issue('Mail is late', project='DESK').key}"
    board.say(desk, "0", said("for us"), key("final", desk))
    plain = f"jira:{side.add_issue('Mail is late').key}"
    board.say(plain, "0", said("for all"), key("final", plain))
    open_board = JiraBoard(cloud_settings(side, settings, jira_internal=False))
    open_board.say(desk, "0", said("for the customer"), key("other", desk))
    open_board.close()
    hidden = ["sd.public.comment" in each.properties for each in side.comments(desk[5:])]
    assert hidden == [True, False]
    assert "sd.public.comment" not in side.comments(plain[5:])[0].properties


def test_people_who_are_called_are_mentioned(side: JiraSide, board: JiraBoard) -> None:
    issue = side.add_issue("Mail is late").key
    place = f"jira:{issue}"
    board.say(
        place, "0", said("yours now", mention=[f"jira:{side.ann.id}", "slack:U1"]), key("x", place)
    )
    assert side.comments(issue)[0].body["content"][0]["content"][0]["attrs"]["id"] == side.ann.id


def test_the_end_of_a_round_on_cloud_leaves_status_label_link_and_property(
    side: JiraSide, board: JiraBoard
) -> None:
    issue = side.add_issue("Mail is late", labels=["mail"])
    place = f"jira:{issue.key}"
    links = [
        CardLink(title="Temporal run", url="https://t.example/run"),
        CardLink(title="Slack", url="https://example.slack.com/archives/C1/p1"),
        CardLink(title="Jira PROJ-7", url=f"{side.base_url}/browse/PROJ-7"),
    ]
    for _ in range(2):
        assert board.conclude(place, "0", card(phase=Phase.RECORD, links=links), OUTCOME) is True
    assert (issue.status, issue.labels) == ("Done", ["mail", "mendwheel"])
    assert [link["object"]["url"] for link in issue.links] == [links[0].url, links[1].url]
    assert all(link["globalId"].startswith("mendwheel=T&to=") for link in issue.links)
    assert issue.properties["mendwheel"] == {
        "ticket": "T",
        "round": 1,
        "phase": "record",
        "outcome": "fixed",
        "standing": "provisional",
    }
    assert len(side.calls_of("transition.do")) == 1


def test_an_outcome_without_a_transition_leaves_the_status(
    side: JiraSide, board: JiraBoard
) -> None:
    issue = side.add_issue("Mail is late")
    answered = OUTCOME.model_copy(update={"kind": OutcomeKind.ANSWERED})
    board.conclude(f"jira:{issue.key}", "0", card(), answered)
    assert issue.status == "To Do"


def with_screen(side: JiraSide, **fields: Any) -> None:
    side.site.transitions = [JiraTransition("9", "Finish", "Done", fields=fields)]


def test_a_transition_gets_the_fields_that_its_screen_requires(
    side: JiraSide, board: JiraBoard
) -> None:
    with_screen(side, resolution=RESOLUTION)
    issue = side.add_issue("Mail is late")
    board.conclude(f"jira:{issue.key}", "0", card(), OUTCOME)
    assert (issue.status, issue.resolution) == ("Done", "Done")


@pytest.mark.parametrize(
    ("fields", "kind", "told"),
    [
        (
            {"customfield_1": {"required": True, "name": "Root cause"}},
            "field_missing",
            "Root cause",
        ),
        (
            {"resolution": RESOLUTION | {"allowedValues": [{"id": "3", "name": "Fixed"}]}},
            "field_value",
            "Fixed",
        ),
    ],
)
def test_a_field_that_nobody_set_is_named_with_its_setting(
    side: JiraSide, board: JiraBoard, fields: dict[str, Any], kind: str, told: str
) -> None:
    with_screen(side, **fields)
    issue = side.add_issue("Mail is late")
    with pytest.raises(PlaceError, match="jira_transition_fields") as caught:
        board.conclude(f"jira:{issue.key}", "0", card(), OUTCOME)
    assert (caught.value.kind, caught.value.retryable) == (kind, False)
    assert told in str(caught.value)
    # What could be done was done all the same.
    assert issue.labels == ["mendwheel"]
    assert len(issue.links) == 1


def test_a_status_that_no_transition_leads_to_is_named(side: JiraSide, settings: Settings) -> None:
    issue = side.add_issue("Mail is late")
    board = JiraBoard(cloud_settings(side, settings, jira_transitions={"fixed": "Shipped"}))
    with pytest.raises(PlaceError, match="leads from To Do to Shipped") as caught:
        board.conclude(f"jira:{issue.key}", "0", card(), OUTCOME)
    assert caught.value.kind == "no_transition"
    board.close()


def test_somebody_who_was_faster_with_the_status_is_no_error(
    side: JiraSide, board: JiraBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = side.add_issue("Mail is late")
    board._client.service_desk("PROJ")
    ask = board._client.transitions

    def raced(key: str) -> Any:
        ways = ask(key)
        side.human_transition(issue.key, "Done")
        return ways

    monkeypatch.setattr(board._client, "transitions", raced)
    side.fault("transition.do", "error", status=409)
    assert board.conclude(f"jira:{issue.key}", "0", card(), OUTCOME) is True
    assert issue.status == "Done"


@pytest.mark.parametrize("http_date", [False, True])
def test_a_rate_limit_says_when_to_come_again(
    side: JiraSide, board: JiraBoard, http_date: bool
) -> None:
    place = f"jira:{side.add_issue('Mail is late').key}"
    side.fault("comment.create", "rate_limited", retry_after=30, http_date=http_date)
    with pytest.raises(PlaceError) as caught:
        board.open_card(place, card(), key("card", place))
    assert (caught.value.kind, caught.value.retryable) == ("429", True)
    # Dates have whole seconds: both that of the answer and that of the retry.
    assert caught.value.retry_after is not None
    assert 29 <= caught.value.retry_after <= 32
    assert side.comments(place[5:]) == []


def test_a_jira_that_refuses_a_text_says_why_and_is_not_asked_again(
    side: JiraSide, board: JiraBoard
) -> None:
    place = f"jira:{side.add_issue('Mail is late').key}"
    side.fault("comment.create", "error", status=400, code="INVALID_INPUT")
    with pytest.raises(PlaceError, match=r"INVALID_INPUT") as caught:
        board.open_card(place, card(), key("card", place))
    assert not caught.value.retryable
    assert len(side.calls_of("comment.create")) == 1


def test_a_silent_jira_ends_before_the_ledgers_deadline(side: JiraSide, board: JiraBoard) -> None:
    place = f"jira:{side.add_issue('Mail is late').key}"
    board._client.service_desk("PROJ")
    side.fault("comment.create", "timeout")
    before = time.monotonic()
    with (
        pytest.raises(PlaceError) as caught,
        board._client.http.deadline(0.5),
    ):
        board.open_card(place, card(), key("card", place))
    assert (caught.value.kind, caught.value.retryable) == ("timeout", True)
    assert time.monotonic() - before < 3
    with pytest.raises(PlaceError, match="no time was left"), board._client.http.deadline(0):
        board.find_card(place, key("card", place))


def test_an_issue_on_cloud_is_read_whole(side: JiraSide, client: JiraClient) -> None:
    issue = side.add_issue("Mail is late", None, project="DESK")
    for number in range(120):
        side.human_comment(issue.key, f"word {number}", quiet=True)
    side.human_transition(issue.key, "Done", quiet=True)
    own = client.add_comment(issue.key, "ours", Mark(key="T/1/final/x"), internal=True)
    found = client.read(issue.key)
    assert [comment.text for comment in found.comments[:120]] == [f"word {n}" for n in range(120)]
    last = found.comments[-1]
    assert (last.id, last.marker, last.public) == (own, "T/1/final/x", False)
    assert (found.description, found.service_desk, found.category) == ("", True, "done")
    assert ("status", "To Do", "Done") in [(c.field, c.before, c.after) for c in found.changes]
    assert client.find_comment(issue.key, "T/1/final/x") == own
    assert client.find_comment(issue.key, "T/1/final") is None


def test_a_search_on_cloud_goes_on_with_the_token_it_was_given(
    side: JiraSide, client: JiraClient
) -> None:
    keys = [side.add_issue(f"Mail {n}", quiet=True).key for n in range(5)]
    seen: list[str] = []
    page = client.search("project = PROJ ORDER BY created ASC", limit=2)
    seen += [issue.key for issue in page.issues]
    while page.next:
        page = client.search("project = PROJ ORDER BY created ASC", limit=2, next=page.next)
        seen += [issue.key for issue in page.issues]
    assert sorted(seen) == keys
    assert {call.path for call in side.calls_of("search")} == {"search/jql"}


def test_the_wrong_token_is_told_and_never_shown(
    side: JiraSide, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "wrong-token-0123456789"
    board = JiraBoard(cloud_settings(side, settings, jira_token=secret))
    place = f"jira:{side.add_issue('Mail is late').key}"
    with pytest.raises(PlaceError, match="set jira_token") as caught:
        board.find_card(place, key("card", place))
    assert (caught.value.kind, caught.value.retryable) == ("401", False)
    assert secret not in caplog.text + repr(caught.value) + repr(caught.value.__cause__)
    board.close()


def test_an_issue_that_is_gone_says_so(client: JiraClient) -> None:
    with pytest.raises(PlaceError, match="PROJ-404 is gone") as caught:
        client.read("PROJ-404")
    assert caught.value.kind == "404"


def test_a_place_of_another_system_is_refused(board: JiraBoard) -> None:
    for place in ("slack:C1", "nonsense", "jira:"):
        with pytest.raises(PlaceError, match="no Jira issue"):
            board.find_card(place, key("card", place))


def test_nothing_is_asked_before_it_is_needed(settings: Settings) -> None:
    given = {"jira_base_url": "http://127.0.0.1:9", "jira_token": "t", "jira_user": "u@e.x"}
    board = JiraBoard(Settings(**(settings.model_dump(exclude_unset=True) | given)))
    with pytest.raises(PlaceError, match="no connection") as caught:
        board.find_card("jira:PROJ-1", key("card", "jira:PROJ-1"))
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", True)
    board.close()


def test_each_thread_has_a_connection_of_its_own(side: JiraSide, client: JiraClient) -> None:
    issue = side.add_issue("Mail is late").key
    client.myself()
    found: list[int] = []

    def read() -> None:
        client.read(issue)
        found.append(id(client.http._own.session))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert id(getattr(client.http._own, "session", None)) not in found


# Answers that are not Jira's


class _Strange(BaseHTTPRequestHandler):
    """Answers as told by `status`, `body` and `headers` of its server."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body, headers = self.server.told  # type: ignore[attr-defined]
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "told"),
    [
        (200, b"<html>log in</html>", {}, "unreadable", "log-in page"),
        (200, b'{"other": "product"}', {}, "unreadable", "jira_base_url"),
        (200, b"[" * 100_000, {}, "unreadable", "jira_base_url"),
        (302, b"", {"Location": "https://elsewhere.example"}, "moved", "jira_base_url"),
        (401, json.dumps({"message": "bad t0ken-to-hide"}).encode(), {}, "401", "jira_token"),
    ],
)
def test_what_is_not_jira_is_told_and_our_token_stays_here(
    settings: Settings, status: int, body: bytes, headers: dict[str, str], kind: str, told: str
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Strange) as server:
        server.told, server.seen = (status, body, headers), []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        given = {
            "jira_base_url": f"http://127.0.0.1:{server.server_address[1]}",
            "jira_token": "t0ken-to-hide",
            "jira_deployment": "datacenter",
        }
        client = JiraClient(Settings(**(settings.model_dump(exclude_unset=True) | given)))
        with pytest.raises(PlaceError, match=told) as caught:
            client.myself()
        assert (caught.value.kind, caught.value.retryable) == (kind, False)
        assert "t0ken" not in str(caught.value)
        assert len(server.seen) == 1  # type: ignore[attr-defined]
        client.close()
        server.shutdown()


# The removed search


def test_the_search_that_cloud_has_removed_is_told_as_such(
    side: JiraSide, client: JiraClient
) -> None:
    with pytest.raises(PlaceError, match="removed that request") as caught:
        client.http.get("search", "jira", "search", jql="project = PROJ")
    assert (caught.value.kind, caught.value.retryable) == ("410", False)
    side.fault("search", "error", status=410)
    with pytest.raises(PlaceError, match="no such search") as caught:
        client.search("project = PROJ")
    assert caught.value.kind == "410"


def test_cloud_is_searched_where_it_still_answers(
    backlot: BacklotCounterpart, settings: Settings
) -> None:
    given = {
        "jira_base_url": backlot.jira_url,
        "jira_user": "a@b.example",
        "jira_token": backlot.token,
    }
    base = settings.model_dump(exclude_unset=True)
    cloud = JiraClient(Settings(**(base | given)))
    page = cloud.search("created >= -9999d ORDER BY created DESC", limit=3)
    assert len(page.issues) == 3
    assert [issue for issue in page.issues if not (issue.summary and issue.status)] == []
    wrong = JiraClient(Settings(**(base | given | {"jira_deployment": "datacenter"})))
    with pytest.raises(PlaceError, match="is jira_deployment cloud"):
        wrong.search("created >= -9999d")
    cloud.close()
    wrong.close()
