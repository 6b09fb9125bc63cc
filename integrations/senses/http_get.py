"""One GET with a deadline and a limit. Nothing is followed, kept or retried.

The standard library's client, because a probe wants the certificate of the very connection, which
other clients do not hand out.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from mendwheel.ports import SenseError

CHUNK = 65_536


@dataclass(frozen=True)
class Answer:
    """`seconds` from the first byte sent; `expires` is when the certificate ends, epoch seconds."""

    status: int
    location: str
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
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = _connection(parts.scheme, host, parts.port, within, context)
    late = threading.Event()
    # A timeout of a socket starts again with each byte: a server that drips would hold us for ever.
    watch = threading.Timer(within, _cut, (connection, late))
    watch.daemon = True
    watch.start()
    try:
        answer = _exchange(connection, parts.path, parts.query, headers or {}, limit)
        if late.is_set():  # what was cut off can look like an end
            raise TimeoutError
        return answer
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            told = f"{host} did not answer within {within:.1f} s: see whether it is up"
        else:
            told = f"{host} could not be asked ({_reason(error)}): correct its address"
        raise SenseError(told, retryable=True) from None
    finally:
        watch.cancel()
        connection.close()


def _connection(
    scheme: str, host: str, port: int | None, within: float, context: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=within, context=context)
    return http.client.HTTPConnection(host, port, timeout=within)


def _exchange(
    connection: http.client.HTTPConnection,
    path: str,
    query: str,
    headers: Mapping[str, str],
    limit: int,
) -> Answer:
    begun = time.monotonic()
    connection.connect()
    expires = _expiry(connection.sock)
    target = (path or "/") + (f"?{query}" if query else "")
    connection.request("GET", target, headers={"User-Agent": "mendwheel", **headers})
    response = connection.getresponse()
    body = bytearray()
    while len(body) <= limit and (chunk := response.read(CHUNK)):
        body += chunk
    return Answer(
        status=response.status,
        location=response.getheader("Location", ""),
        body=bytes(body[:limit]),
        whole=len(body) <= limit,
        seconds=time.monotonic() - begun,
        expires=expires,
    )


def _expiry(sock: socket.socket) -> float | None:
    if not isinstance(sock, ssl.SSLSocket):
        return None
    ends = (sock.getpeercert() or {}).get("notAfter")
    return float(ssl.cert_time_to_seconds(ends)) if isinstance(ends, str) else None


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    late.set()
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__  # its text may repeat a header, and with it a token
