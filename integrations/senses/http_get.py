"""The one way to GET: bounded in time and size. Nothing is followed, unpacked, kept or retried.

A loop of its own for each call ends what drips, hangs or is looked up for ever, which limits on
single reads do not. What is packed stays packed: a few kilobytes could become gigabytes.
"""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from mendwheel.ports import SenseError

CHUNK = 65_536
FAILURES = (aiohttp.ClientError, OSError, ValueError)
"""What reading may raise."""

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """`seconds` from the beginning of the connection; `expires`: end of its certificate, epoch."""

    status: int
    location: str
    media: str
    packed: bool
    body: bytes
    whole: bool
    seconds: float
    expires: float | None


def get(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    within: float = 8.0,
    limit: int = 1_000_000,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """The answer, of whatever status; of its body the first `limit` bytes.

    Raises:
        SenseError: nothing answered within `within` seconds, or not in HTTP, or with a certificate
            that does not hold.
    """

    async def work() -> Answer:
        async with asyncio.timeout(within), session(headers or {}, context=context) as one:
            return await read(one, url, limit=limit)

    try:
        return in_a_loop(work())
    except FAILURES as error:
        host = _host(url)
        if isinstance(error, TimeoutError):
            told = f"{host} did not answer within {within:.1f} s: see whether it is up"
        else:
            told = f"{host} could not be asked ({_reason(error)}): correct its address"
        raise SenseError(told, retryable=True) from None


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns, in a loop of this thread's own."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        # Not asyncio.run: it would wait for a name look-up that hangs in a thread.
        loop.close()


def session(
    headers: Mapping[str, str], *, context: ssl.SSLContext | None = None, at_once: int = 4
) -> aiohttp.ClientSession:
    """To be made and closed in the running loop; sets no limit on time."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=at_once, force_close=True, ssl=context or True),
        headers={"User-Agent": "mendwheel", "Accept-Encoding": "identity", **headers},
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        response_class=_Certified,
    )


async def read(
    one: aiohttp.ClientSession, url: str, params: Sequence[tuple[str, str]] = (), *, limit: int
) -> Answer:
    """One answer. Raises one of `FAILURES`."""
    begun = time.monotonic()
    # An address that is written out is sent as it stands, not as somebody else would write it.
    address = URL(url, encoded=url.isascii() and url.isprintable() and " " not in url)
    async with one.get(address, params=list(params), allow_redirects=False) as answer:
        assert isinstance(answer, _Certified)
        body = bytearray()
        async for chunk in answer.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > limit:
                break
        return Answer(
            status=answer.status,
            location=answer.headers.get("Location", ""),
            media=answer.content_type,
            packed=answer.headers.get("Content-Encoding", "identity").lower() != "identity",
            body=bytes(body[:limit]),
            whole=len(body) <= limit,
            seconds=time.monotonic() - begun,
            expires=answer.expires,
        )


class _Certified(aiohttp.ClientResponse):
    """Knows the certificate of its own connection, which is given back with the last byte."""

    expires: float | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        transport = connection.transport
        shown = transport.get_extra_info("peercert") if transport else None
        if shown and isinstance(ends := shown.get("notAfter"), str):
            self.expires = float(ssl.cert_time_to_seconds(ends))
        return await super().start(connection)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "it"
    except ValueError:
        return "it"


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        refused = error.certificate_error
        if isinstance(refused, ssl.SSLCertVerificationError):
            return refused.verify_message
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, socket.gaierror) and cause.strerror:
        return cause.strerror
    if isinstance(cause, OSError) and cause.errno and not isinstance(cause, ssl.SSLError):
        return os.strerror(cause.errno)
    return type(cause).__name__  # its text may repeat a header, and with it a token
