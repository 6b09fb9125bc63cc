"""After a full run no secret is anywhere but where this file says that it may be."""

import asyncio
import base64
import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from mendwheel.connect import data_converter
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from mendwheel.testing.sending import post
from tests import canaries
from tests.canaries import Canary, Found, told
from tests.integrations.canary_run import PATIENCE, Run, running

pytestmark = pytest.mark.server


MAY_BE = {
    # What the operator had it learn is what answers quote: it is in the index of documents, in the
    # answer at the desk, in what later tickets recall of it, and where a command shows it.
    "document": (
        *("store: documents", "store: passage", "the store's files"),
        *("store: desk", "store: case", "what commands said"),
    ),
}
"""Kind of secret → beginnings of the places where it may be. No setting's secret may be anywhere,
and no report's or tool's: texts of tickets are sealed, each ticket's with a key of its own.

What is not looked at: the environment and the file of keys, where settings' secrets are, and what
goes to Slack and Jira, where people wrote the secrets themselves.
"""


@pytest.mark.timeout(300)
async def test_no_secret_is_anywhere_but_where_it_may_be(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        await everything(run)
        client = await reached(run)
        places = await looked_at(run, client)
        for name, pieces in places.items():
            assert any(pieces), f"{name} was looked at and holds nothing"
        found = canaries.look(everyone(run), places)
        escaped = [f"{each.canary}: {each.place}" for each in found if not allowed(each)]
        assert not escaped, "\n".join(sorted(escaped))
        assert Found("document aws", "store: passages") in found, "what may be there is found there"
        await planted(run, client)


def allowed(found: Found) -> bool:
    return found.place.startswith(MAY_BE.get(found.canary.split()[0], ("nowhere",)))


async def planted(run: Run, client: Client) -> None:
    """The same look finds a leak, wherever it is, or it would prove nothing."""
    leak = Canary("planted", "leak", "planted-secret-0123456789")
    told = leak.value
    await client.start_workflow(
        "nobody.runs.this", id="leak", task_queue="nobody", memo={"note": f"it is {told}"}
    )
    with Stores(run.home / "mendwheel.db") as stores:
        stores.cursors.set("leak", base64.b64encode(f"me:{told}".encode()).decode())
    with (run.out / "serve").open("a") as log:
        log.write(f"Authorization: {told}\n")
    (run.out / "show-planted").write_text(told, "utf-8")
    run.world.prompts.append(json.dumps({"content": told}).encode())
    places = {found.place for found in canaries.look([leak], await looked_at(run, client))}
    assert {
        "history, memo and search attributes",
        "Temporal's files",
        "logs",
        "what commands said",
        "model requests",
        "store: cursors",
        "the store's files",
    } <= places


def everyone(run: Run) -> list[Canary]:
    return [*run.settings.values(), *run.report, *run.tool, *run.document]


async def everything(run: Run) -> None:
    """A ticket through every way in, each with canaries in its text, to its end; then questions."""
    said = told(run.report)
    knowledge = run.home.parent / "docs"
    knowledge.mkdir()
    (knowledge / "exports.md").write_text(
        f"# Exports\n\nAn export link of the shop works for 72 hours.\n\n{told(run.document)}\n",
        "utf-8",
    )
    tool = run.home.parent / "tool.txt"
    tool.write_text(f"12:00 ERROR export fails\n{told(run.tool)}\n", "utf-8")
    await run.command("learn", str(knowledge))
    events = f"{run.app}/slack/events"
    await run.slack.mention(events, f"How long does an export link of the shop work?\n{said}")
    await run.slack.command(events, f"export of the shop fails {run.report[1].value}")
    run.jira.webhook_url = f"{run.app}/jira/webhook"
    run.jira.add_issue(f"Export fails {run.report[1].value}", said, quiet=False)
    bearer = {"Authorization": f"Bearer {run.value('alerts_token')}"}
    await post(f"{run.app}/alerts", json.dumps(alert(said)).encode(), bearer)
    await post(f"{run.app}/alerts", json.dumps(alert(said)).encode(), {"Authorization": "Bearer x"})
    attach = ["--attach", f"{tool}:logs", "--component", "shop"]
    one = await run.command("submit", f"The export fails\n{said}", *attach, "--json")
    await settled(await reached(run))
    ticket = json.loads(one[one.index("{") :])["ticket_id"]
    for words in (
        *(("show", ticket), ("why", ticket), ("calls", ticket), ("messages", ticket)),
        *(("doctor", "--json"), ("keys", "list"), ("show", "no-such-ticket")),
    ):
        await run.command(*words)


def alert(said: str) -> dict[str, Any]:
    one = {
        "status": "firing",
        "labels": {"alertname": "ExportFails", "job": "shop"},
        "annotations": {"summary": "export fails", "description": said},
        "startsAt": "2026-03-01T10:00:00Z",
    }
    return {"version": "4", "groupKey": "g1", "status": "firing", "alerts": [one]}


_TICKETS = "WorkflowType = 'mendwheel.ticket'"


async def settled(client: Client) -> None:
    """Every ticket has come to its end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        runs = [each async for each in client.list_workflows(_TICKETS)]
        open_ = [each.id for each in runs if each.status is WorkflowExecutionStatus.RUNNING]
        if len({each.id for each in runs}) >= 5 and not open_:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"tickets did not end: {open_}")


def page(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 (our own server)
        found: bytes = answer.read()
        return found


async def reached(run: Run) -> Client:
    """In the open: what anybody with access to Temporal sees."""
    return await Client.connect(run.temporal)


async def looked_at(run: Run, client: Client) -> dict[str, list[bytes]]:
    """Place → everything that somebody can read there."""
    own = data_converter(Settings(payload_keys_file=run.keys))
    assert own.payload_codec is not None
    runs = [each async for each in client.list_workflows()]
    events: list[bytes] = []
    for each in runs:
        handle = client.get_workflow_handle(each.id, run_id=each.run_id)
        events += [event.SerializeToString() for event in (await handle.fetch_history()).events]
        events.append((await handle.describe()).raw_description.SerializeToString())
    tables = canaries.store(run.home / "mendwheel.db")
    return {
        "history, memo and search attributes": events,
        "Temporal's files": list(canaries.files(run.home / "temporal")),
        "the store's files": list(canaries.files(run.home, name="mendwheel.db*")),
        **{f"store: {name}": [*rows, b" "] for name, rows in tables.items()},
        "logs": [*canaries.files(run.out, name="up"), *canaries.files(run.out, name="serve")],
        "what commands said": list(canaries.files(run.out, name="*-*")),
        "metrics": [await asyncio.to_thread(page, f"{run.app}/metrics")],
        "model requests": run.world.prompts,
        "addresses asked": [path.encode() for path in run.world.paths],
    }
