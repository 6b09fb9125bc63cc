"""HTTP to one Jira: a session per thread, no retries, a deadline over several requests."""

import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from jira import JIRA, JIRAError
from requests import RequestException, Response

from mendwheel.integrations.jira.errors import moved, refused, unreachable, unreadable
from mendwheel.ports.world import PlaceError
from mendwheel.settings import Settings

CONNECT, READ = 3.0, 5.0
"""Seconds; the library waits for ever by default."""

CLOUD = "cloud"


class Connection:
    """Sends requests as the account of the settings. Construction sends nothing."""

    def __init__(self, settings: Settings) -> None:
        if settings.jira_base_url is None or settings.jira_token is None:
            raise ValueError("Jira is not set up: set jira_base_url and jira_token")
        self.base_url = settings.jira_base_url
        self.cloud = settings.jira_deployment == CLOUD
        self._user = settings.jira_user or ""
        self._token = settings.jira_token
        self._own = threading.local()
        self._open: weakref.WeakSet[JIRA] = weakref.WeakSet()
        self._lock = threading.Lock()

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """All requests of this thread inside end within `seconds`; an outer deadline stays."""
        before = getattr(self._own, "until", None)
        until = time.monotonic() + seconds
        self._own.until = until if before is None else min(before, until)
        try:
            yield
        finally:
            self._own.until = before

    def get(self, path: str, where: str, doing: str, **params: Any) -> Any:
        """The decoded answer of a GET. Raises PlaceError."""
        return self.send("GET", path, where, doing, params=params)

    def send(
        self,
        method: str,
        path: str,
        where: str,
        doing: str,
        *,
        json: Any = None,
        params: dict[str, Any] | None = None,
    ) -> Any:
        """One request, once; None where Jira answers without a body.

        Raises:
            PlaceError: no answer, a refusal, or an answer that is not Jira's. A write may have
                been carried out all the same when it is retryable.
        """
        session = self._session(where, doing)
        try:
            # Redirects would turn a POST into a GET and carry the token elsewhere.
            response = session._session.request(
                method,
                session._get_url(path),
                params=params or None,
                json=json,
                allow_redirects=False,
            )
        except JIRAError as error:
            raise self._failure(error, where, doing) from None
        except RequestException as error:
            raise unreachable(error, where, doing) from None
        return self._decoded(response, where, doing)

    def close(self) -> None:
        """Let go of the connections of all threads; a later request opens new ones."""
        with self._lock:
            for session in list(self._open):
                session._session.close()

    def _session(self, where: str, doing: str) -> JIRA:
        session: JIRA | None = getattr(self._own, "session", None)
        if session is None:
            session = self._connect()
            self._own.session = session
            with self._lock:
                self._open.add(session)
        session._session.timeout = self._timeout(where, doing)
        return session

    def _connect(self) -> JIRA:
        secret = self._token.get_secret_value()
        return JIRA(
            self.base_url,
            options={"rest_api_version": "3" if self.cloud else "2"},
            basic_auth=(self._user, secret) if self.cloud else None,
            token_auth=None if self.cloud else secret,
            get_server_info=False,
            max_retries=0,
            timeout=(CONNECT, READ),
            logging=False,
        )

    def _timeout(self, where: str, doing: str) -> tuple[float, float]:
        until = getattr(self._own, "until", None)
        left = READ if until is None else until - time.monotonic()
        if left <= 0:
            raise PlaceError(
                where,
                "timeout",
                f"Jira was too slow: no time was left to {doing}; tried again later",
                retryable=True,
            )
        return min(CONNECT, left), min(READ, left)

    def _failure(self, error: JIRAError, where: str, doing: str) -> PlaceError:
        if isinstance(error.response, Response):
            return self._scrubbed(refused(error.response, where, doing))
        return unreadable(where, doing)

    def _scrubbed(self, error: PlaceError) -> PlaceError:
        """No answer carries our token back into a message, whatever its shape."""
        secret, text = self._token.get_secret_value(), str(error)
        if secret in text:
            error.args = (text.replace(secret, "<secret>"),)
        return error

    @staticmethod
    def _decoded(response: Response, where: str, doing: str) -> Any:
        if 300 <= response.status_code < 400:
            raise moved(response, where, doing)
        if not response.content:
            return None
        try:
            return response.json()
        except (ValueError, RecursionError):
            raise unreadable(where, doing) from None


def quoted(key: str) -> str:
    """An issue key or id as one part of a path."""
    return quote(key, safe="")
