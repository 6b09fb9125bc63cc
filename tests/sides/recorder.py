"""An app that does nothing but remember, and a wait for what comes in its own time."""

import asyncio
from typing import Any

from jira import JIRA
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mendwheel.testing import JiraSide
from mendwheel.testing.serving import Served


class Recorder(Served):
    """An app that keeps what it is sent, and answers `status` and `body`."""

    def __init__(self, status: int = 200, body: str = "") -> None:
        super().__init__()
        self.status, self.body = status, body
        self.requests: list[tuple[dict[str, str], bytes]] = []

    def app(self) -> ASGIApp:
        async def take(request: Request) -> Response:
            self.requests.append((dict(request.headers), await request.body()))
            return Response(self.body, self.status)

        return Starlette(routes=[Route("/", take, methods=["POST"])])


async def eventually(test: Any) -> Any:
    for _ in range(200):
        found = test()
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come within 4 s")


def library(side: JiraSide) -> JIRA:
    """The jira library as integrations use it."""
    wait: dict[str, Any] = {"timeout": (1, 1), "max_retries": 0}
    if side.deployment == "datacenter":
        return JIRA(side.base_url, token_auth=side.token, **wait)
    options = {"rest_api_version": "3"}
    return JIRA(side.base_url, options, basic_auth=(side.user, side.token), **wait)


def comment(client: JIRA, side: JiraSide, key: str, text: str) -> Any:
    body = side.site.native(text)
    url = client._get_url(f"issue/{key}/comment")
    return client._session.post(url, json={"body": body}).json()
