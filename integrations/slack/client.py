"""Clients for Slack's Web API that never write twice on their own: Temporal owns retries."""

from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import Request, proxy_bypass

from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from mendwheel.settings import Settings

Client = TypeVar("Client", WebClient, AsyncWebClient)

TIMEOUT = 5
"""Seconds for connecting, and again for each wait for an answer."""


def sync_client(settings: Settings, timeout: float = TIMEOUT) -> WebClient:
    """For activity threads. It keeps no connection and no state: any thread may call it."""
    client = HomeClient(
        token=_token(settings),
        base_url=settings.slack_base_url,
        timeout=timeout,  # type: ignore[arg-type]  # urllib takes fractions of seconds
        retry_handlers=[],  # the default sends chat.postMessage again after a dropped connection
    )
    return _as_the_environment_says(client)


def async_client(settings: Settings) -> AsyncWebClient:
    """For listeners, in one event loop; each call opens and closes a session of its own."""
    client = PostingClient(
        token=_token(settings),
        base_url=settings.slack_base_url,
        timeout=TIMEOUT,
        retry_handlers=[],
    )
    return _as_the_environment_says(client)


class HomeClient(WebClient):
    """Its token goes to Slack alone: urllib would carry it wherever a redirect leads."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        token = req.headers.pop("Authorization", None)
        if token is not None:
            req.add_unredirected_header("Authorization", token)
        return super()._perform_urllib_http_request_internal(url, req)


class PostingClient(AsyncWebClient):
    """Sends every call as a POST body, as the synchronous client does.

    The asynchronous one reads by GET. Slack takes both; proxies log query strings, and not every
    Slack-compatible server reads them.
    """

    async def api_call(self, api_method: str, **call: Any) -> AsyncSlackResponse:
        if call.pop("http_verb", "POST") != "POST":
            query = call.pop("params", None) or {}
            call["data"] = _form({**query, **(call.get("data") or {})})
        return await super().api_call(api_method, **call)


def _as_the_environment_says(client: Client) -> Client:
    """slack_sdk takes HTTPS_PROXY from the environment, but not NO_PROXY."""
    if proxy_bypass(urlsplit(client.base_url).hostname or ""):
        client.proxy = None
    return client


def _form(values: dict[str, Any]) -> dict[str, Any]:
    """A form body as aiohttp writes it: no booleans, nothing that is None."""
    words = {True: "true", False: "false"}
    return {
        name: words[value] if isinstance(value, bool) else value
        for name, value in values.items()
        if value is not None
    }


def _token(settings: Settings) -> str:
    """Raises ValueError: Slack is not set up."""
    if settings.slack_bot_token is None:
        raise ValueError("Slack is not set up: set MENDWHEEL_SLACK_BOT_TOKEN to a xoxb-… token")
    return settings.slack_bot_token.get_secret_value()
