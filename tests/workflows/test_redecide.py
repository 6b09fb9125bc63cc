"""A past ticket decided again: on its evidence, under today's policy, without a trace."""

import sqlite3
from pathlib import Path

from mendwheel.cli.exits import Exit
from mendwheel.domain.outcome import OutcomeKind
from tests.workflows.stage import Stage
from tests.workflows.terminal import Terminal
from tests.workflows.tickets import incident, question

WATCH = ("MENDWHEEL_LIMITS__WATCH_WINDOW", "0")
"""As the stage has it: limits are part of a playbook."""
REMEDIES = ("--remedies", "lanternpost.host.remedies:REMEDIES")


def dump(store: Path) -> list[str]:
    db = sqlite3.connect(store)
    try:
        return list(db.iterdump())
    finally:
        db.close()


async def test_policy_of_today_shows_as_the_difference_and_nothing_is_recorded(
    stage: Stage, terminal: Terminal
) -> None:
    ticket = await stage.submit(incident("leak"))
    asked = (await stage.question(ticket)).approval
    assert asked is not None
    await stage.decisions.decide(ticket, True, subject="ada")
    assert (await stage.result(ticket)).kind is OutcomeKind.FIXED
    assert stage.settings.policy is not None
    terminal.set("MENDWHEEL_POLICY", str(stage.settings.policy))
    terminal.set(*WATCH)
    before = dump(stage.settings.store_path)

    same = await terminal.json("redecide", ticket, *REMEDIES)

    assert same["then"]["arguments"] == same["today"]["arguments"] == asked.arguments
    assert same["changed"] == [], "what was fixed after a yes would be proposed again"
    stage.policy(never=["restart_service", "roll_back_release"])
    other = await terminal.json("redecide", ticket, *REMEDIES)
    assert (other["then"]["course"], other["today"]["course"]) == ("ask", "never")
    assert other["today"]["outcome"] == OutcomeKind.HANDED_OVER
    assert {"course", "outcome", "policy"} <= set(other["changed"])
    assert dump(stage.settings.store_path) == before


async def test_question_is_decided_on_the_passages_of_then_though_the_document_is_gone(
    stage: Stage, terminal: Terminal
) -> None:
    ticket = await stage.submit(question())
    await stage.result(ticket)
    stage.stores.knowledge.remove("default", ["export-links"])
    code, said = await terminal("redecide", ticket)
    assert said.endswith("the same would be decided, with another playbook\n"), said
    terminal.set(*WATCH)

    code, said = await terminal("redecide", ticket)

    assert code == Exit.OK
    assert said.endswith("the same would be decided\n")

    assert (await terminal("forget", ticket, "--yes"))[0] == Exit.OK
    code, said = await terminal("redecide", ticket)
    assert code == Exit.NOT_FOUND
    assert "was forgotten" in said
    code, _ = await terminal("redecide", ticket, "--remedies", "nowhere:AT_ALL")
    assert code == Exit.USAGE
