"""Running tickets must survive an edit: recorded histories replay, live ones say the same."""

from pathlib import Path

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import _Definition

from mendwheel.plugin import WORKFLOWS, MendwheelPlugin
from mendwheel.settings import Settings
from tests.replay import record
from tests.replay.fingerprint import fingerprint
from tests.replay.lives import SECRET
from tests.replay.releases import CURRENT, commands, history, is_out, recorded
from tests.replay.scenarios import COMPARED, SCENARIOS, played

MOST_EVENTS = {"consulting": 15, "anomaly": 48, "duplicate": 14, "watch": 7}
"""Without workflow tasks, whose number depends on how busy the machine is. Measured 14, 47, 11, 6;
four of the 47 are what it costs to have the server keep a decision before it counts anywhere."""

MOST_BYTES = {"consulting": 15_000, "anomaly": 32_000, "duplicate": 12_000, "watch": 8_000}
"""Measured 11,700, 24,400, 8,900 and 5,200. What would make them grow is texts in history."""

MOST_SHOWN = 150
"""Events of an incident at three places; measured 98 to 108."""

LESSON = """
{workflow} says something else than it did when {name} was recorded. Runs of it that are under way
now would fail with a non-determinism error as soon as a worker with this code replays them.

1. Not meant? Put the order of activities, timers, children and search attributes back.

2. Meant? Keep the old way for runs that began on it, and guard the new one by a name that says what
   changed. A run that passes there for the first time takes the new way and keeps a marker of it:

    if workflow.patched("what-changed"):
        ...the new commands...
    else:
        ...the commands as they were...

   The guard stands where the two ways part. Then record the release that is being made with
   `python -m tests.replay.record {short}`; histories of releases that are out stay, take the old
   way, and have to go on replaying.

3. No run from before can be under way any more? Then `workflow.deprecate_patch("what-changed")`
   takes the place of the guard, one release later nothing does.
"""


def lesson(name: str) -> str:
    short = name.rpartition("/")[2]
    return LESSON.format(name=name, short=short, workflow=SCENARIOS[short].workflow)


def is_task(event: HistoryEvent) -> bool:
    return (event.WhichOneof("attributes") or "").startswith("workflow_task_")


@pytest.mark.parametrize("name", recorded())
async def test_a_recorded_history_replays_on_todays_code(name: str, settings: Settings) -> None:
    release, _, short = name.rpartition("/")
    kept = history(short, release)
    queue = kept.events[0].workflow_execution_started_event_attributes.task_queue.name
    replayer = Replayer(
        workflows=[],
        plugins=[MendwheelPlugin(settings, fresh=True)],
        build_id=queue.removeprefix("replay-"),
    )
    result = await replayer.replay_workflow(kept, raise_on_replay_failure=False)
    assert result.replay_failure is None, f"{result.replay_failure}\n{lesson(name)}"


def test_the_release_that_is_being_made_has_all_scenarios_and_those_that_are_out_are_kept() -> None:
    assert {name for name in recorded() if name.startswith(f"{CURRENT}/")} == {
        f"{CURRENT}/{name}" for name in SCENARIOS
    }
    out = [name.split("/") for name in recorded() if is_out(name.split("/")[0])]
    assert {"anomaly", "shown", "watch"} <= {name for _, name in out}


def test_each_workflow_has_a_scenario_whose_commands_are_compared() -> None:
    there = {_Definition.must_from_class(defined).name for defined in WORKFLOWS}
    assert {SCENARIOS[name].workflow for name in COMPARED} == there


@pytest.mark.parametrize("name", COMPARED)
def test_the_fingerprint_is_that_of_the_recorded_history(name: str) -> None:
    assert commands(name) == fingerprint(history(name))
    started = history(name).events[0].workflow_execution_started_event_attributes
    assert started.workflow_type.name == SCENARIOS[name].workflow


@pytest.mark.parametrize("name", COMPARED)
async def test_a_live_run_says_what_was_recorded_small_and_without_the_reporters_words(
    name: str, client: Client, tmp_path: Path
) -> None:
    async with played(name, client, tmp_path) as stage:
        lived = await SCENARIOS[name].play(stage)
    assert fingerprint(lived) == commands(name), lesson(name)
    raw = without_words(lived)
    most = MOST_EVENTS.get(name, 60)
    assert len([event for event in lived.events if not is_task(event)]) <= most
    assert sum(raw) <= MOST_BYTES.get(name, 60_000) < 60_001


def without_words(lived: WorkflowHistory) -> list[int]:
    """The sizes of the events, once none of them holds what the reporter wrote."""
    raw = [event.SerializeToString() for event in lived.events]
    assert not [number for number, text in enumerate(raw, 1) if SECRET.encode() in text]
    return [len(text) for text in raw]


async def test_cards_cost_a_bounded_number_of_events_and_hold_none_of_the_reporters_words(
    client: Client, tmp_path: Path
) -> None:
    async with played("shown", client, tmp_path) as stage:
        lived = await SCENARIOS["shown"].play(stage)
    without_words(lived)
    assert len([event for event in lived.events if not is_task(event)]) <= MOST_SHOWN


async def test_the_reporters_words_do_reach_the_store(client: Client, tmp_path: Path) -> None:
    """Else their absence from history would prove nothing."""
    async with played("consulting", client, tmp_path) as stage:
        await SCENARIOS["consulting"].play(stage)
        [case] = stage.stores.cases.list("default")
    assert SECRET in case.text


async def test_a_history_of_another_workflow_does_not_replay(settings: Settings) -> None:
    """The replayer does look: our code never asked for this activity."""
    events = list(history("consulting").events)
    [publish] = [
        event.activity_task_scheduled_event_attributes
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    publish.activity_type.name = "mendwheel.something_else"
    result = await Replayer(
        workflows=[], plugins=[MendwheelPlugin(settings, fresh=True)]
    ).replay_workflow(WorkflowHistory("consulting", events), raise_on_replay_failure=False)
    assert result.replay_failure is not None


def test_a_release_that_is_out_is_not_recorded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert record.asked_for(["watch"]) == ["watch"]
    with pytest.raises(SystemExit, match="there are consulting"):
        record.asked_for(["wotch"])
    monkeypatch.setattr(record, "is_out", lambda release: release == CURRENT)
    with pytest.raises(SystemExit, match=r"is out .* raise the version"):
        record.asked_for(["watch"])
