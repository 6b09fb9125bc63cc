"""What no webhook told is found by looking, each change once, in whatever pages it comes."""

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.service import RPCError

from mendwheel.contracts.names import POLL_WORKFLOW
from mendwheel.domain.hint import PollRequest
from mendwheel.domain.ticket import Phase
from mendwheel.integrations.jira.inbox import YOUNG
from mendwheel.integrations.jira.issue import Comment, Issue, Page, Person
from mendwheel.integrations.jira.poll import (
    FIRST,
    OVERLAP,
    POLL,
    POLL_CREATED,
    Poll,
    ensure_schedule,
    jql,
)
from mendwheel.integrations.reach import TemporalUnreachable
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.testing import JiraIssue, JiraSide
from tests.counterparts import JiraCounterpart
from tests.integrations.jira_scene import Scene, jira_settings, playing
from tests.integrations.served_app import changed
from tests.workflows.stage import eventually
from tests.workflows.tickets import set_state_file

NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


class Shelf:
    """A Jira whose search is a list of issues by their last change, in pages of two."""

    def __init__(self) -> None:
        self.changed: dict[str, datetime] = {}
        self.created: dict[str, datetime] = {}
        self.asked: list[tuple[str, str]] = []
        self.stale = False

    def touch(self, *keys: str, minutes: float = 0) -> None:
        for key in keys:
            self.changed.pop(key, None)
            self.changed[key] = NOW + timedelta(minutes=minutes)

    def search(
        self, jql: str, *, fields: Sequence[str] = (), next: str = "", limit: int = 100
    ) -> Page:
        self.asked.append((jql, next))
        if next and self.stale:
            self.stale = False
            raise PlaceError("jira", "400", "the page token has expired")
        start = int(next or 0)
        found = sorted(self.changed.items(), key=lambda item: item[1])
        issues = [
            Issue(key=key, id=key, project="LP", created=self.created.get(key, NOW), updated=at)
            for key, at in found[start : start + 2]
        ]
        return Page(issues=issues, next=str(start + 2) if start + 2 < len(found) else "")

    def read(self, key: str) -> Issue:
        raise AssertionError("a look reads no single issue")

    def comments(self, key: str) -> list[Comment]:
        raise AssertionError("a look reads no comments")

    def myself(self) -> Person:
        raise AssertionError("a look does not ask who we are")


class Watch:
    """A poll as its workflow uses it: page after page, what is found is taken in."""

    def __init__(self, poll: Poll) -> None:
        self._poll = poll
        self.cursor = ""
        self.events: dict[str, str] = {}

    def look(self, pages: int = 20) -> list[str]:
        found: list[str] = []
        for _ in range(pages):
            polled = self._poll.look(self.cursor, NOW)
            for hint in polled.hints:
                self._poll.taken(hint)
                found.append(hint.key)
                self.events[hint.key] = hint.event
            self.cursor = polled.cursor
            if not polled.more:
                break
        return found


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def watch(settings: Settings, shelf: Shelf) -> Iterator[Watch]:
    with Stores(settings.store_path) as stores:
        yield Watch(Poll(shelf, stores.deliveries, settings))


def test_each_change_is_found_once_although_looks_overlap(watch: Watch, shelf: Shelf) -> None:
    shelf.touch("LP-1", "LP-2", "LP-3", minutes=-3)
    assert watch.look() == ["LP-1", "LP-2", "LP-3"]
    assert watch.look() == []
    shelf.touch("LP-2", minutes=-1)
    assert watch.look() == ["LP-2"]


def test_an_issue_that_moves_up_over_the_edge_of_a_page_is_found(
    watch: Watch, shelf: Shelf
) -> None:
    for number in range(1, 6):
        shelf.touch(f"LP-{number}", minutes=number - 10)
    assert watch.look(pages=1) == ["LP-1", "LP-2"]
    # LP-3 is now second, where the next page does not look.
    shelf.touch("LP-1", minutes=-1)
    assert sorted(watch.look()) == ["LP-1", "LP-3", "LP-4", "LP-5"]


def test_pages_of_one_search_are_asked_for_with_the_same_words(watch: Watch, shelf: Shelf) -> None:
    shelf.touch("LP-1", "LP-2", "LP-3")
    watch.look()
    assert len({words for words, next in shelf.asked if next}) == 1


def test_a_place_that_jira_has_forgotten_is_begun_again(watch: Watch, shelf: Shelf) -> None:
    shelf.touch("LP-1", "LP-2", "LP-3")
    watch.look(pages=1)
    shelf.stale = True
    assert watch.look() == ["LP-3"]


def test_what_is_searched_for_is_bounded_and_the_same_in_every_time_zone(
    settings: Settings,
) -> None:
    assert jql(settings, NOW - timedelta(minutes=10), NOW) == (
        "updated >= -15m ORDER BY updated ASC, key ASC"
    )
    narrow = changed(
        settings,
        jira_projects=["LP", 'O"PS'],
        jira_jql="labels = help OR text ~ 'order by mail' ORDER BY created DESC",
    )
    assert jql(narrow, NOW + timedelta(hours=1), NOW) == (
        'project in ("LP", "O\\"PS") AND (labels = help OR text ~ \'order by mail\')'
        " AND updated >= -1m ORDER BY updated ASC, key ASC"
    )


def test_the_first_look_goes_back_an_hour(watch: Watch, shelf: Shelf) -> None:
    watch.look()
    [(words, _)] = shelf.asked
    assert f"-{int(FIRST.total_seconds() / 60) + 5}m" in words


def test_what_was_created_since_the_look_before_is_told_from_what_was_only_touched(
    watch: Watch, shelf: Shelf
) -> None:
    shelf.touch("LP-0", minutes=-50)
    watch.look()
    lately = NOW + timedelta(minutes=-50) - OVERLAP
    ages = {f"LP-{number}": lately + timedelta(minutes=number) for number in range(1, 5)}
    shelf.created = ages | {"LP-5": lately - timedelta(seconds=1), "LP-6": NOW.replace(year=2023)}
    for key in shelf.created:
        shelf.touch(key)
    watch.look()
    found = {key: watch.events[key] for key in shelf.created}
    assert found == dict.fromkeys(ages, POLL_CREATED) | {"LP-5": POLL, "LP-6": POLL}


def test_the_first_look_calls_nothing_created_that_is_not_young(watch: Watch, shelf: Shelf) -> None:
    shelf.touch("LP-1", "LP-2")
    shelf.created = {"LP-1": NOW - FIRST, "LP-2": NOW - YOUNG}
    watch.look()
    assert watch.events == {"LP-1": POLL_CREATED, "LP-2": POLL}


# The schedule


@pytest.fixture
def polled(settings: Settings) -> Settings:
    return changed(
        settings,
        tenant=f"t{os.urandom(4).hex()}",
        jira_base_url="http://127.0.0.1:9",
        jira_user="app@example.net",
        jira_token="a-token-of-jira",
        jira_poll_seconds=300,
    )


@pytest.mark.server
async def test_the_schedule_is_what_the_settings_say_however_often_they_are_read(
    client: Client, polled: Settings
) -> None:
    handle = client.get_schedule_handle(f"mendwheel-poll-{polled.tenant}")
    assert await ensure_schedule(client, polled)
    assert await ensure_schedule(client, changed(polled, jira_poll_seconds=60))
    schedule = (await handle.describe()).schedule
    assert [each.every for each in schedule.spec.intervals] == [timedelta(minutes=1)]
    assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert getattr(schedule.action, "workflow", "") == POLL_WORKFLOW
    await handle.pause()
    await ensure_schedule(client, polled)
    assert (await handle.describe()).schedule.state.paused, "whoever paused it knows why"
    for _ in range(2):
        assert not await ensure_schedule(client, changed(polled, jira_poll_seconds=0))
    with pytest.raises(RPCError):
        await handle.describe()


async def test_a_temporal_that_is_away_is_said_to_be(polled: Settings) -> None:
    away = await Client.connect("127.0.0.1:9", lazy=True)
    with pytest.raises(TemporalUnreachable):
        await ensure_schedule(away, polled)


# What becomes a ticket


@pytest.fixture
async def scene(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)
    with JiraSide() as jira:
        settings = jira_settings(tmp_path, request.node.name, jira, watch_window=3600.0)
        async with playing(client, settings, jira) as scene:
            yield scene


async def taken(scene: Scene, cursor: str) -> dict[str, str]:
    """What became of each issue that a look from `cursor` on has found."""
    polled = await scene.inbox.poll(cursor)
    return {hint.key: (await scene.inbox.take(hint)).became for hint in polled.hints}


def looked(scene: Scene, before: timedelta) -> str:
    """The cursor of a look that was made `before`, and found nothing."""
    poll = Poll(scene.client, scene.stage.stores.deliveries, scene.stage.settings)
    return poll.look("", datetime.now(UTC) - before).cursor


def aged(issue: JiraIssue, created: timedelta, changed: timedelta) -> JiraIssue:
    now = datetime.now(UTC)
    issue.created, issue.updated = now - created, now - changed
    return issue


@pytest.mark.server
async def test_an_old_issue_that_is_touched_starts_nothing_and_one_with_a_ticket_is_told(
    scene: Scene,
) -> None:
    cursor = looked(scene, timedelta(minutes=1))
    followed, left = scene.issue(), scene.issue()
    assert (await scene.take(followed, "jira:issue_created")).became == "ticket"
    await scene.stage.until(scene.ticket(followed), Phase.WATCH)
    for issue in (followed, left):
        aged(issue, timedelta(days=3 * 365), timedelta(days=300))
        scene.jira.human_comment(issue.key, "It is about last year.", scene.jira.ben)
    assert await taken(scene, cursor) == {
        followed.key: "informed",
        left.key: "nothing: it is older than we are asked for",
    }
    assert scene.jira.comments(left.key, by_app=True) == []


@pytest.mark.server
async def test_what_was_created_while_nobody_looked_for_three_days_is_answered(
    scene: Scene,
) -> None:
    days = timedelta(days=1)
    cursor = looked(scene, 3 * days)
    early, late = aged(scene.issue(), 2.9 * days, 2.9 * days), aged(scene.issue(), 2 * days, days)
    touched = aged(scene.issue(), 4 * days, 2 * days)
    assert await taken(scene, cursor) == {
        early.key: "ticket",
        touched.key: "nothing: it is older than we are asked for",
        late.key: "ticket",
    }
    for issue in (early, late):
        await scene.stage.until(scene.ticket(issue), Phase.WATCH)


@pytest.mark.server
async def test_the_first_look_takes_in_what_is_young_and_nothing_older(scene: Scene) -> None:
    young = aged(scene.issue(), 0.9 * YOUNG, timedelta(minutes=5))
    older = aged(scene.issue(), 1.1 * YOUNG, timedelta(minutes=5))
    assert await taken(scene, "") == {
        young.key: "ticket",
        older.key: "nothing: it is older than we are asked for",
    }
    await scene.stage.until(scene.ticket(young), Phase.WATCH)


# All of it


@pytest.mark.server
async def test_an_issue_of_a_site_that_cannot_reach_us_is_answered(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)
    with JiraSide("datacenter") as jira:
        settings = jira_settings(tmp_path, "polled", jira, watch_window=3600.0)
        async with playing(client, settings, jira) as scene:
            issues = [scene.issue() for _ in range(2)]
            run = await scene.stage.client.start_workflow(
                POLL_WORKFLOW,
                PollRequest(),
                id=f"poll-{os.urandom(4).hex()}",
                task_queue=settings.task_queue,
            )
            assert await run.result() == 2
            for issue in issues:
                await scene.stage.until(scene.ticket(issue), Phase.WATCH)
            assert all(jira.comments(issue.key, by_app=True) for issue in issues)


@pytest.mark.server
async def test_data_center_820_is_polled_answered_and_heard(
    client: Client, tmp_path: Path, jira820: JiraCounterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_state_file(tmp_path / "platform", monkeypatch.setenv)
    with JiraSide("datacenter") as unused:
        plain = jira_settings(tmp_path, "jira820", unused, watch_window=3600.0)
        settings = changed(plain, jira_base_url=jira820.url, jira_token=jira820.token)
        async with playing(client, settings, unused) as scene:
            key = jira820.create("How many hours does the link of an export work?", None)
            issue = scene.client.read(key)
            assert (await scene.take(issue, "jira:issue_created")).became == "ticket"
            await scene.stage.until(scene.ticket(issue), Phase.WATCH)
            assert (await scene.take(issue)).became == "nothing new"
            jira820.comment(key, "> quoted\n/more about renewing links", "mara")
            assert (await scene.take(issue, "comment_created")).became == "more"
            await scene.stage.until(scene.ticket(issue), lambda status: status.round == 2)

            async def told() -> bool:
                ours = [each for each in jira820.comments(key) if "72 hours" in each["body"]]
                return bool(ours)

            await eventually(told)
