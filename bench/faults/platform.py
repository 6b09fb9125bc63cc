"""The platform that remedies change, reached over HTTP and over MCP, and a model. Never killed.

It does whatever it is asked as often as it is asked, in both worlds: over MCP nothing tells a
second call from the first, and over HTTP it can be looked up what was done under a key.
"""

import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from lanternpost.host import activities, state
from lanternpost.host.arguments import Release, Restart
from mcp.server.mcpserver import MCPServer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.faults.host import change, done
from bench.faults.ways import RESTART, ROLL_BACK

tools = MCPServer("platform", log_level="ERROR")


@tools.tool(description="Restart one service.")
def restart_service(service: str) -> str:
    _change(RESTART, {"service": service}, f"mcp {uuid.uuid4().hex}")
    return f"restarted {service}"


@tools.tool(description="Put the release of one service back to an earlier one.")
def roll_back_release(service: str, to_release: str) -> str:
    arguments = {"service": service, "to_release": to_release}
    _change(ROLL_BACK, arguments, f"mcp {uuid.uuid4().hex}")
    return f"{service} runs {to_release}"


@tools.tool(description="Whether a service is healthy.")
def healthy(service: str) -> str:
    return _healthy(service).detail


async def act(request: Request) -> Response:
    """A remedy over HTTP."""
    service, key = request.path_params["service"], request.headers["idempotency-key"]
    body = await request.body()
    arguments = {**(await request.json() if body else {}), "service": service}
    _change(request.path_params["remedy"], arguments, f"http {key}")
    return JSONResponse({"done": key}, 201)


async def effect(request: Request) -> Response:
    """What was done under a key, or 404."""
    asked = f"http {request.path_params['key']}"
    there = any(asked in done(service) for service in state.read())
    return JSONResponse({"there": there}, 200 if there else 404)


async def check(request: Request) -> Response:
    return JSONResponse({"healthy": _healthy(request.path_params["service"]).ok})


async def think(request: Request) -> Response:
    """A model that reviews, and lets everything pass; what it lets pass is held to code."""
    asked = await request.json()
    assert asked["response_format"]["json_schema"]["name"] == "Review"
    message = {"role": "assistant", "content": '{"verdict": "accept", "claims": []}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 40, "completion_tokens": 8, "total_tokens": 48}
    chat = {"id": "c", "object": "chat.completion", "created": 1, "model": "reviewing"}
    return JSONResponse(chat | {"choices": [choice], "usage": usage})


def _change(remedy: str, arguments: dict[str, Any], asked: str) -> None:
    work: Callable[[], None]
    if remedy == RESTART:
        restart = Restart.model_validate(arguments)
        work = lambda: activities.restart(restart)  # noqa: E731
    else:
        release = Release.model_validate(arguments)
        work = lambda: activities.deploy(release)  # noqa: E731
    change(str(arguments["service"]), asked, work)


def _healthy(service: str) -> Any:
    return activities.healthy(Restart(service=service))


def main(order: dict[str, Any], ready: Callable[[], None]) -> None:
    os.environ[state.STATE_VARIABLE] = str(Path(order["folder"]) / "platform.json")
    app = tools.streamable_http_app(json_response=True, stateless_http=True)
    app.router.routes += [
        Route("/api/effects/{key}", effect),
        Route("/api/healthy/{service}", check),
        Route("/api/{remedy}/{service}", act, methods=["POST"]),
        Route("/model/v1/chat/completions", think, methods=["POST"]),
    ]
    with socket.create_server(("127.0.0.1", order["port"])) as bound:
        # Whoever asks from now on waits at the door until somebody opens.
        ready()
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[bound])
