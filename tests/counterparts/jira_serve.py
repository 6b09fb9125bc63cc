"""`python jira_serve.py PROJECT USER…`: jira820 on a free port until standard input ends.

The first user is who acts without a token; `pat-NAME` is the token of NAME. Prints the port.
"""

import asyncio
import contextlib
import socket
import sys
from typing import Any

import uvicorn
from jira820 import Config, Store, make_app


class WhoAsks:
    """Makes jira820's one session user the one whose token asks, a request at a time."""

    def __init__(self, app: Any, store: Store, usual: str) -> None:
        self._app, self._store, self._usual = app, store, usual
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        token = headers.get(b"authorization", b"").decode("latin-1").removeprefix("Bearer ")
        name = token.removeprefix("pat-")
        async with self._turn if scope["type"] == "http" else contextlib.nullcontext():
            self._store.config.current_user = name if name in self._store.users else self._usual
            await self._app(scope, receive, send)


def site(project: str, users: list[str]) -> WhoAsks:
    # By default closing an issue asks for time spent and more; here for what most sites want.
    config = Config(
        project_key=project, current_user=users[0], transition_screens={"Done": ["resolution"]}
    )
    store = Store(config, seed=False)
    store.users = {
        name: {"name": name, "displayName": name.capitalize(), "realName": name, "company": ""}
        for name in users
    }
    store.reindex()
    return WhoAsks(make_app(store=store), store, users[0])


async def main(project: str, users: list[str]) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(site(project, users), log_level="warning"))
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
