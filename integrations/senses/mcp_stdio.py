"""An MCP server as a process of ours, spoken to over its standard input and output.

Not the library's own transport: that one gathers a line without a limit, and takes six seconds to
give up on a server that does not want to end.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client import Transport
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from mendwheel.integrations.senses.mcp_limit import Limit

ENDS_WITHIN = 0.7
"""Seconds a server has to end by itself, then after SIGTERM, before it is killed."""

_In = MemoryObjectSendStream[SessionMessage | Exception]
_Out = MemoryObjectReceiveStream[SessionMessage]


def stdio(command: str, args: Sequence[str], env: Mapping[str, str], limit: Limit) -> Transport:
    """A transport for the library's client. Entering it raises OSError: no such command."""
    return _stdio(command, args, env, limit)


@asynccontextmanager
async def _stdio(
    command: str, args: Sequence[str], env: Mapping[str, str], limit: Limit
) -> AsyncIterator[
    tuple[
        MemoryObjectReceiveStream[SessionMessage | Exception],
        MemoryObjectSendStream[SessionMessage],
    ]
]:
    process = await asyncio.create_subprocess_exec(
        command,
        *args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=get_default_environment() | dict(env),  # nothing of our own environment
        limit=limit.bytes,
        start_new_session=True,
    )
    to_us, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, from_us = anyio.create_memory_object_stream[SessionMessage](0)
    pumps = [
        asyncio.create_task(_inward(process, to_us, limit)),
        asyncio.create_task(_outward(process, from_us)),
    ]
    try:
        yield read, write
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for stream in (to_us, read, write, from_us):
            stream.close()
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _inward(process: asyncio.subprocess.Process, to_us: _In, limit: Limit) -> None:
    assert process.stdout is not None
    # Leaving it tells the session that the connection has ended.
    with to_us, suppress(anyio.BrokenResourceError):
        while line := await _line(process.stdout, limit):
            await to_us.send(_message(line))


async def _line(stdout: asyncio.StreamReader, limit: Limit) -> bytes:
    """The next line within the limit. What asked for a longer one waits in vain."""
    within = True
    while True:
        try:
            line = await stdout.readline()
        except ValueError:  # what was gathered of it is gone; its end is still to come
            limit.exceeded, within = True, False
            continue
        if within or not line:
            return line
        within = True


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _outward(process: asyncio.subprocess.Process, from_us: _Out) -> None:
    assert process.stdin is not None
    with from_us, suppress(ConnectionError):
        async for message in from_us:
            text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(text.encode() + b"\n")
            await process.stdin.drain()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close its input, then ask it to end, then kill it with everything it started."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    # Whoever waits for us to read cannot end.
    drained = asyncio.create_task(_drain(process.stdout))
    for sign in (None, signal.SIGTERM, signal.SIGKILL):
        if sign is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sign)
        with suppress(TimeoutError):
            # Not the process alone: a child of it that holds the pipe would outlive it.
            await asyncio.wait_for(asyncio.shield(drained), ENDS_WITHIN)
            await asyncio.wait_for(process.wait(), ENDS_WITHIN)
            return
    drained.cancel()


async def _drain(stdout: asyncio.StreamReader) -> None:
    while await stdout.read(65_536):
        continue
