"""Starts the suite as its users do, as `mendwheel up` and `mendwheel serve`, between both sides."""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from mendwheel.testing.jira_side import JiraSide
from mendwheel.testing.slack_side import SlackSide

STARTED_WITHIN = 60.0
STOPPED_WITHIN = 30.0


class NotStarted(RuntimeError):
    """The suite did not start; the message holds its last words."""


def environment(slack: SlackSide, jira: JiraSide) -> dict[str, str]:
    """Settings that point the suite at both sides."""
    return {
        "MENDWHEEL_SLACK_BASE_URL": slack.base_url,
        "MENDWHEEL_SLACK_BOT_TOKEN": slack.token,
        "MENDWHEEL_SLACK_SIGNING_SECRET": slack.signing_secret,
        "MENDWHEEL_JIRA_BASE_URL": jira.base_url,
        "MENDWHEEL_JIRA_USER": jira.user,
        "MENDWHEEL_JIRA_TOKEN": jira.token,
        "MENDWHEEL_JIRA_WEBHOOK_SECRET": jira.webhook_secret,
        "MENDWHEEL_JIRA_DEPLOYMENT": jira.deployment,
    }


@asynccontextmanager
async def running(slack: SlackSide, jira: JiraSide) -> AsyncIterator[str]:
    """Yields the address of our server. Everything it keeps lies in a folder that is deleted.

    Raises NotStarted.
    """
    with tempfile.TemporaryDirectory(prefix="mendwheel-conformance-") as folder:
        around = {k: v for k, v in os.environ.items() if not k.startswith("MENDWHEEL_")}
        around |= environment(slack, jira) | {
            "MENDWHEEL_HOME": folder,
            "MENDWHEEL_LISTEN": "127.0.0.1:0",
            "MENDWHEEL_LOG_LEVEL": "error",
        }
        async with AsyncExitStack() as stack:
            log = stack.enter_context((Path(folder) / "log").open("wb+"))
            up = await stack.enter_async_context(_child(["up", "--no-ui"], around, folder, log))
            await _line(up, "Temporal", log)
            serve = await stack.enter_async_context(_child(["serve"], around, folder, log))
            yield (await _line(serve, "listening", log)).split()[1]


@asynccontextmanager
async def _child(
    words: list[str], around: dict[str, str], folder: str, log: object
) -> AsyncIterator[Process]:
    code = "import sys; from mendwheel.cli import main; sys.exit(main())"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, *words),
        env=around,
        cwd=folder,
        stdout=PIPE,
        stderr=log,  # type: ignore[arg-type]
    )
    reading: asyncio.Task[bytes] | None = None
    try:
        yield child
        reading = asyncio.create_task(_rest(child))  # a full pipe would stop it
    finally:
        if child.returncode is None:
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), STOPPED_WITHIN)
        except TimeoutError:
            child.kill()
            await child.wait()
        if reading:
            await reading


async def _rest(child: Process) -> bytes:
    assert child.stdout is not None
    return await child.stdout.read()


async def _line(child: Process, begins: str, log: object) -> str:
    assert child.stdout is not None
    try:
        async with asyncio.timeout(STARTED_WITHIN):
            while raw := await child.stdout.readline():
                line = raw.decode(errors="replace")
                if line.startswith(begins):
                    return line
    except TimeoutError:
        raise NotStarted(f"nothing began with {begins!r} within {STARTED_WITHIN:.0f} s") from None
    raise NotStarted(f"it ended before it said {begins!r}: {_last_words(log)}")


def _last_words(log: object) -> str:
    text = Path(log.name).read_text(errors="replace")  # type: ignore[attr-defined]
    return " | ".join(text.splitlines()[-3:]) or "it wrote nothing"
