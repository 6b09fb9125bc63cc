"""The client for endpoints that speak OpenAI's protocol, with bounds on what these may do to us.

The library's own follows redirects, and with them a prompt goes wherever an endpoint points; and it
unpacks and keeps whatever comes, so that half a megabyte may fill the memory.
"""

from collections.abc import AsyncIterator

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

LARGEST = 8_000_000
"""Bytes of one answer; a model's longest is a hundredth of it."""


def connect(base_url: str, api_key: str, timeout: float) -> AsyncOpenAI:
    """A client of the running loop: no retries, no redirects, no compression, a limit on answers.

    A key is always given, so that it never sends one that it finds in the environment.
    """
    return AsyncOpenAI(
        base_url=base_url,
        api_key=api_key,
        max_retries=0,
        timeout=timeout,
        http_client=DefaultAsyncHttpxClient(
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
            event_hooks={"response": [_bound]},
        ),
    )


async def _bound(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError(
            "it answers in a compression that was not asked for", request=response.request
        )
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Bounded(response.stream, response.request)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LARGEST
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise httpx2.DecodingError(
                    f"it answers with more than {LARGEST // 1_000_000} MB", request=self._request
                )
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
