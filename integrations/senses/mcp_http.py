"""An MCP server over streamable HTTP, with a bearer token and a limit on what it may say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
from mcp.client import Transport
from mcp.client.streamable_http import streamable_http_client

from mendwheel.integrations.senses.mcp_limit import Limit

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams


def http(url: str, token: str, limit: Limit, within: float) -> Transport:
    """A transport for the library's client; redirects to another origin are not followed."""
    return _http(url, token, limit, within)


@asynccontextmanager
async def _http(
    url: str, token: str, limit: Limit, within: float
) -> "AsyncIterator[TransportStreams]":
    headers = {"Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"

    async def bound(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            # A few kilobytes could become gigabytes.
            raise httpx2.DecodingError("compressed, though not asked for", request=response.request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, limit)

    async with (
        httpx2.AsyncClient(
            headers=headers, timeout=within, event_hooks={"response": [bound]}
        ) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=limit.bytes) as streams,
    ):
        yield streams


class _Bounded(httpx2.AsyncByteStream):
    """Ends where the limit does."""

    def __init__(self, stream: httpx2.AsyncByteStream, limit: Limit) -> None:
        self._stream = stream
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > self._limit.bytes:
                self._limit.exceeded = True
                return  # cut off: an error here would take the other calls along
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
