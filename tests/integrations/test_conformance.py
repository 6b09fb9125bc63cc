"""`mendwheel conformance` tells an app that does its work from one that only looks like it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mendwheel.conformance.ours import environment
from mendwheel.conformance.promise import Broken, Promise
from mendwheel.conformance.runner import chosen, judge, play
from mendwheel.conformance.stage import Stage
from mendwheel.testing import JiraSide, SlackSide

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MUST_FAIL = {
    *("slack-wrong-signature", "slack-no-signature", "slack-old-request"),
    *("slack-redelivered-event", "slack-same-command-twice", "slack-own-messages"),
    *("slack-rate-limited", "slack-unavailable", "slack-answer-lost", "slack-fallback-text"),
    *("slack-hostile-ticket", "slack-no-mentions", "slack-card-in-place"),
    *("jira-wrong-signature", "jira-no-signature", "jira-redelivered", "jira-no-loop"),
    *("jira-unavailable", "jira-rate-limited"),
}


@pytest.fixture
def sides() -> Iterator[tuple[SlackSide, JiraSide]]:
    with SlackSide() as slack, JiraSide() as jira:
        yield slack, jira


@contextmanager
def naive_bot(slack: SlackSide, jira: JiraSide) -> Iterator[str]:
    """Address of the naive bot, in a process of its own."""
    around = os.environ | environment(slack, jira)
    with subprocess.Popen(
        [sys.executable, "tests/naive_bot.py"],
        cwd=ROOT,
        env=around,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as bot:
        assert bot.stdout is not None
        try:
            port = json.loads(bot.stdout.readline())["port"]
            yield f"http://127.0.0.1:{port}"
        finally:
            bot.terminate()


def run(*words: str) -> tuple[int, dict[str, Any], str]:
    """(exit code, the JSON document, stderr) of `mendwheel conformance --json …`."""
    done = subprocess.run(
        [BIN / "mendwheel", "conformance", "--json", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


async def test_a_naive_bot_breaks_the_promises_that_need_memory(
    sides: tuple[SlackSide, JiraSide],
) -> None:
    slack, jira = sides
    with naive_bot(slack, jira) as url:
        events, webhook = f"{url}/slack/events", f"{url}/jira/webhook"
        jira.webhook_url = webhook
        stage = Stage(slack, jira, events, webhook, patience=5.0, calm=1.0)
        verdicts = {each.name: each for each in await play(stage, chosen(None))}
    broken = {name for name, verdict in verdicts.items() if not verdict.kept}
    assert len(broken) >= 8
    assert broken >= MUST_FAIL
    assert all(verdicts[name].detail for name in broken)
    # It is alive and answers: what it breaks it breaks by itself, and not by being away.
    alive = {"slack-answer-in-time", "slack-command-shows", "slack-direct-message", "jira-labels"}
    assert not alive & broken


@pytest.mark.server
@pytest.mark.timeout(300)
def test_ours_keeps_every_promise() -> None:
    code, said, words = run()
    assert [each for each in said["promises"] if not each["kept"]] == [], words
    assert code == 0
    assert said["passed"] == len(chosen(None)) >= 24
    assert said["failed"] == 0
    assert list(said) == ["passed", "failed", "promises"]


@pytest.mark.server
def test_ours_keeps_its_promises_to_a_data_center_too() -> None:
    code, said, words = run("--datacenter", "--only", "jira-[nh]*")
    assert [each for each in said["promises"] if not each["kept"]] == [], words
    assert code == 0


def test_an_app_that_is_away_is_named() -> None:
    anywhere = ("--slack-port", "0", "--jira-port", "0")
    code, said, words = run("--app", "http://127.0.0.1:1", "--wait", "0.1", *anywhere)
    assert (code, said) == (2, {})
    assert "nothing answers at http://127.0.0.1:1" in words
    assert "MENDWHEEL_SLACK_SIGNING_SECRET=" in words


def test_a_promise_that_nobody_made_is_an_error() -> None:
    code, said, words = run("--only", "teams-*")
    assert (code, said) == (4, {})
    assert "no promise is called 'teams-*'" in words


async def test_a_broken_promise_fails_the_run_and_says_what_was_seen(
    sides: tuple[SlackSide, JiraSide],
) -> None:
    slack, jira = sides

    async def check(stage: Stage) -> str:
        raise Broken("two cards")

    stage = Stage(slack, jira, "http://127.0.0.1:1/", "http://127.0.0.1:1/")
    verdict = await judge(stage, Promise("x", "One card.", check))
    assert (verdict.kept, verdict.detail) == (False, "two cards")


async def test_an_app_that_is_dead_keeps_no_driven_promise(
    sides: tuple[SlackSide, JiraSide],
) -> None:
    """Silence must not pass for doing nothing wrong."""
    slack, jira = sides
    nowhere = "http://127.0.0.1:1/"
    stage = Stage(slack, jira, nowhere, nowhere, patience=0.3, calm=0.1)
    verdicts = await play(stage, chosen(None))
    assert [each.name for each in verdicts if each.kept] == []


def test_names_of_promises_are_unique_and_say_whose_they_are() -> None:
    names = [each.name for each in chosen(None)]
    assert len(set(names)) == len(names)
    assert all(name.startswith(("slack-", "jira-")) for name in names)
    assert all(each.text.endswith(".") for each in chosen(None))


def test_the_page_lists_every_promise() -> None:
    page = (ROOT / "docs/how-to/conformance.md").read_text("utf-8")
    assert [each for each in chosen(None) if f"| `{each.name}` | {each.text} |" not in page] == []


def test_the_last_line_sums_up_for_machines() -> None:
    done = subprocess.run(
        [BIN / "mendwheel", "conformance", "--only", "slack-no-signature"],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    *shown, last = done.stdout.splitlines()
    assert "1 of 1 promises kept" in shown
    summary = json.loads(last)
    assert (summary["passed"], summary["failed"]) == (1, 0)
    assert [each["name"] for each in summary["promises"]] == ["slack-no-signature"]
