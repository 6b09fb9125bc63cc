"""Running tickets must survive an edit: recorded histories replay, live ones say the same."""

from pathlib import Path

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from mendwheel.plugin import MendwheelPlugin
from mendwheel.settings import Settings
from tests.replay.fingerprint import fingerprint
from tests.replay.scenarios import LOOSE, SCENARIOS, SECRET
from tests.workflows.stage import Stage

HISTORIES = Path(__file__).with_name("histories")

BEFORE = sorted(path.stem for path in HISTORIES.glob("*-before-*.json"))
"""Of tickets that ran before a guarded change: old ways that today's code still has to go."""

MOST_EVENTS = {"consulting": 15, "anomaly": 44, "duplicate": 14, "watch": 7}
"""Without workflow tasks, whose number depends on how busy the machine is. Measured
14, 39, 11, 6."""

MOST_BYTES = {"consulting": 15_000, "anomaly": 32_000, "duplicate": 12_000, "watch": 8_000}
"""Measured 11,700, 24,400, 8,900 and 5,200. What would make them grow is texts in history."""

MOST_SHOWN = 150
"""Events of an incident at three places; measured 98 to 108."""

LESSON = """
The workflow says something else than it did when {name} was recorded. Tickets that are running
now would fail with a non-determinism error as soon as a new worker replays them.

If running tickets may meet the change, keep the old branch for them:

    if workflow.patched("what-changed"):
        ...the new commands...
    else:
        ...the commands as they were...

Only when the change is guarded like that, or no ticket is running anywhere, record anew with
`python -m tests.replay.record` and commit the histories together with the change.
"""


def is_task(event: HistoryEvent) -> bool:
    return (event.WhichOneof("attributes") or "").startswith("workflow_task_")


def recorded(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", [*SCENARIOS, *LOOSE, *BEFORE])
async def test_a_recorded_history_replays_on_todays_code(name: str, settings: Settings) -> None:
    replayer = Replayer(workflows=[], plugins=[MendwheelPlugin(settings, fresh=True)])
    result = await replayer.replay_workflow(recorded(name), raise_on_replay_failure=False)
    assert result.replay_failure is None, f"{result.replay_failure}\n{LESSON.format(name=name)}"


def test_histories_from_before_a_guarded_change_are_kept() -> None:
    assert {"anomaly", "refused", "shown"} <= {name.split("-before-")[0] for name in BEFORE}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_fingerprint_is_that_of_the_recorded_history(name: str) -> None:
    kept = (HISTORIES / f"{name}.txt").read_text("utf-8").splitlines()
    assert kept == fingerprint(recorded(name))


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_live_ticket_says_what_was_recorded_small_and_without_the_reporters_words(
    name: str, stage: Stage
) -> None:
    [history] = await SCENARIOS[name](stage)
    kept = (HISTORIES / f"{name}.txt").read_text("utf-8").splitlines()
    assert fingerprint(history) == kept, LESSON.format(name=name)
    raw = [event.SerializeToString() for event in history.events]
    assert not [number for number, text in enumerate(raw, 1) if SECRET.encode() in text]
    assert len([event for event in history.events if not is_task(event)]) <= MOST_EVENTS[name]
    assert sum(map(len, raw)) <= MOST_BYTES[name] < 60_000


async def test_cards_cost_a_bounded_number_of_events_and_hold_none_of_the_reporters_words(
    stage: Stage,
) -> None:
    [history] = await LOOSE["shown"](stage)
    raw = [event.SerializeToString() for event in history.events]
    assert not [number for number, text in enumerate(raw, 1) if SECRET.encode() in text]
    events = [event for event in history.events if not is_task(event)]
    assert len(events) <= MOST_SHOWN


async def test_the_reporters_words_do_reach_the_store(stage: Stage) -> None:
    """Else their absence from history would prove nothing."""
    await SCENARIOS["consulting"](stage)
    [case] = stage.stores.cases.list("default")
    assert SECRET in case.text


async def test_a_history_of_another_workflow_does_not_replay(settings: Settings) -> None:
    """The replayer does look: our code never asked for this activity."""
    events = list(recorded("consulting").events)
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
