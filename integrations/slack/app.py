"""Slack's way in: bolt over our listeners, the same for HTTP and for Socket Mode."""

import copy
import secrets
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mendwheel.integrations.edge import Edge
from mendwheel.integrations.slack.client import async_client
from mendwheel.integrations.slack.identity import Identity
from mendwheel.integrations.slack.listeners import register
from mendwheel.integrations.slack.listeners.reception import HAND_OVER_WITHIN, Reception


class SlackApp(AsyncApp):
    """An `AsyncApp` that can be ended: what is still to be told is told first."""

    def __init__(self, reception: Reception, signing_secret: str) -> None:
        super().__init__(
            name="mendwheel",
            # Without the token: with it bolt asks auth.test for itself, while Slack waits.
            client=_without_token(reception.client),
            authorize=_known(reception.identity),
            signing_secret=signing_secret,
            # Without this bolt answers an event before anybody has looked at it.
            process_before_response=True,
            before_authorize=reception.arrived,
        )
        self.verifier = SignatureVerifier(signing_secret)
        self._reception = reception
        register(self, reception)

    def begin(self) -> None:
        """Once the loop runs: find out who we are, beside whatever else goes on."""
        self._reception.later(self._reception.identity.begin())

    async def settle(self) -> None:
        """Before the loop ends: tell what is still to be told."""
        await self._reception.later.settle()


def _known(identity: Identity) -> Callable[[], Awaitable[AuthorizeResult]]:
    async def authorise() -> AuthorizeResult:  # bolt takes no methods
        return identity.authorised()

    return authorise


def _without_token(client: AsyncWebClient) -> AsyncWebClient:
    bare = copy.copy(client)
    bare.token = None
    return bare


def build(
    edge: Edge, client: AsyncWebClient | None = None, *, within: float = HAND_OVER_WITHIN
) -> SlackApp:
    """The app. `edge.stores` must be open while it serves; Temporal may connect later.

    `within`: seconds until Temporal or the store count as away.

    Raises ValueError: no bot token is set.
    """
    secret = edge.settings.slack_signing_secret
    # In Socket Mode there may be none: then nobody can sign, and nothing over HTTP is believed.
    signing_secret = secret.get_secret_value() if secret else secrets.token_hex(32)
    reception = Reception(edge, client or async_client(edge.settings), within)
    return SlackApp(reception, signing_secret)


def handler(app: SlackApp) -> "SlackEndpoint":
    """What the server mounts: `Route("/slack/events", handler(app).handle, methods=["POST"])`."""
    return SlackEndpoint(app)


class SlackEndpoint:
    """Events, commands and clicks over HTTP. Nothing unsigned is even parsed."""

    def __init__(self, app: SlackApp) -> None:
        self.app = app

    async def handle(self, request: Request) -> Response:
        """401: the signature is wrong or older than five minutes. 400: it is nothing of Slack's."""
        body = await request.body()
        if not self._signed(request, body):
            return JSONResponse({"error": "the signature does not fit, or is too old"}, 401)
        try:
            asked = to_async_bolt_request(request, body)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return JSONResponse({"error": "this is no request of Slack's"}, 400)
        return to_starlette_response(await self.app.async_dispatch(asked))

    def _signed(self, request: Request, body: bytes) -> bool:
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
            return False
        try:
            return self.app.verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:  # Slack writes UTF-8, so this was not Slack
            return False
