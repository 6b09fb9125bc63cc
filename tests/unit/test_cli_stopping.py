"""Ctrl-C in resumable work is one line and 130; what fails on the way out is not told."""

import asyncio
import logging
import os
import signal

import pytest
import typer

from mendwheel.cli.stopping import resumable, run_until_stopped

SDK = logging.getLogger("temporalio.worker")


async def _interrupted(fails: bool) -> str:
    os.kill(os.getpid(), signal.SIGINT)
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        try:
            raise ConnectionError("server went away")
        except ConnectionError:
            SDK.exception("Failed polling")
            if fails:
                raise
        raise
    return "never"


@pytest.mark.parametrize("fails", [False, True])
def test_ctrl_c_is_one_line_without_what_the_sdk_has_to_say(
    fails: bool, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(typer.Exit) as stopped, resumable():
        run_until_stopped(_interrupted(fails))
    assert stopped.value.exit_code == 130
    assert capsys.readouterr().err == "stopped: the same command again goes on from there\n"
    assert caplog.records == []


def test_afterwards_the_sdk_is_heard_again_and_ctrl_c_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run_until_stopped(_interrupted(fails=False))
    SDK.warning("heard")
    assert [record.message for record in caplog.records] == ["heard"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_without_ctrl_c_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> str:
        SDK.error("told")
        raise ConnectionError("away")

    with pytest.raises(ConnectionError, match="away"):
        run_until_stopped(broken())
    assert [record.message for record in caplog.records] == ["told"]


def test_what_was_not_stopped_has_its_result() -> None:
    async def fine() -> list[str]:
        return []

    assert run_until_stopped(fine()) == []
