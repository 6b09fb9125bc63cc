"""The codec endpoint for the Temporal UI: who may ask, from where, and what it answers."""

import asyncio
import base64
import json
import os
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from mendwheel.integrations.server import BODY_LIMIT
from mendwheel.security import key_file
from mendwheel.settings import Settings
from tests.integrations.served_app import Answer, Site, ask, changed, plain, served

pytestmark = pytest.mark.server

TOKEN = "codec-token-of-the-tests"
UI = "http://127.0.0.1:8233"
TEXT = b'"hunter2"'
PLAIN = {
    "payloads": [
        {
            "metadata": {"encoding": base64.b64encode(b"json/plain").decode()},
            "data": base64.b64encode(TEXT).decode(),
        }
    ]
}


@pytest.fixture
def told(settings: Settings, tmp_path: Path) -> Settings:
    file = tmp_path / "payload.keys"
    key_file.make(file)
    return changed(settings, payload_keys_file=file, codec_token=TOKEN, temporal_ui_url=UI + "/x")


@pytest.fixture
async def site(client: Client, told: Settings) -> AsyncIterator[Site]:
    async with served(plain(client), told) as site:
        yield site


async def code(site: Site, what: object, path: str = "decode", **headers: str) -> Answer:
    given = {"X-Namespace": "default", "Origin": UI} | headers
    return await site.post(what, token=TOKEN, path=f"/codec/default/{path}", **given)


async def test_what_is_encoded_is_unreadable_and_comes_back_decoded(site: Site) -> None:
    sealed = (await code(site, PLAIN, "encode")).body
    assert base64.b64decode(sealed["payloads"][0]["data"]).count(TEXT) == 0
    assert sealed["payloads"][0]["metadata"]["encoding"] == (
        base64.b64encode(b"binary/mendwheel-aes256gcm").decode()
    )
    assert (await code(site, sealed)).body == PLAIN
    assert (await code(site, PLAIN)).body == PLAIN, "what is not ours comes back as it is"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer wrong-token-of-tests"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": f"Basic {base64.b64encode(b'ada:wrong').decode()}"}, 401),
        ({"Authorization": "Basic %%%"}, 401),
        ({"Authorization": f"Basic {base64.b64encode(f'ada:{TOKEN}'.encode()).decode()}"}, 200),
        ({"X-Namespace": "another"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": UI + ".evil.example"}, 403),
    ],
)
async def test_only_the_token_the_namespace_and_the_origin_that_are_set_may_ask(
    site: Site, headers: dict[str, str], status: int
) -> None:
    answer = await code(site, PLAIN, **headers)
    assert answer.status == status
    if status != 200:
        assert TOKEN not in answer.text
        assert TEXT.decode() not in answer.text


async def test_another_namespace_in_the_path_is_refused(site: Site) -> None:
    answer = await site.post(PLAIN, token=TOKEN, path="/codec/other/decode")
    assert answer.status == 403
    assert (await site.post(PLAIN, token=TOKEN, path="/codec/default/steal")).status == 404


async def test_a_browser_may_ask_from_the_uis_origin_alone(site: Site) -> None:
    allowed = await preflight(site, UI)
    assert allowed["access-control-allow-origin"] == UI
    assert "x-namespace" in allowed["access-control-allow-headers"]
    assert "authorization" in allowed["access-control-allow-headers"]
    assert "access-control-allow-origin" not in await preflight(site, "http://evil.example")


async def preflight(site: Site, origin: str) -> dict[str, str]:
    def options() -> dict[str, str]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{site.port}/codec/default/decode",
            method="OPTIONS",
            headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 (our own server)
                return {name.lower(): value for name, value in answer.headers.items()}
        except urllib.error.HTTPError as error:
            with error:
                return {name.lower(): value for name, value in error.headers.items()}

    return await asyncio.to_thread(options)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"payloads": 3}', b"[" * 50_000, b"\xff\xfe"])
async def test_what_is_no_payloads_is_refused(site: Site, body: bytes) -> None:
    assert (await code(site, body)).status == 400


async def test_too_much_at_once_is_refused(site: Site) -> None:
    assert (await code(site, b" " * (BODY_LIMIT + 1))).status == 413


async def test_a_payload_of_a_key_that_is_not_there_is_refused_with_its_name(
    site: Site, told: Settings
) -> None:
    sealed = (await code(site, PLAIN, "encode")).body
    sealed["payloads"][0]["metadata"]["mendwheel-key-id"] = base64.b64encode(b"gone").decode()
    answer = await code(site, sealed)
    assert answer.status == 422
    assert "'gone'" in answer.body["error"]


async def test_a_browser_is_asked_for_the_token_once(site: Site) -> None:
    await asyncio.sleep(0)
    refused = await asyncio.to_thread(ask, site.port, "/codec/default", None, {})
    assert refused.status == 401
    basic = base64.b64encode(f"me:{TOKEN}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert (await asyncio.to_thread(ask, site.port, "/codec/default", None, headers)).status == 200


async def test_without_a_token_there_is_no_such_endpoint(client: Client, told: Settings) -> None:
    async with served(plain(client), changed(told, codec_token=None)) as site:
        assert (await code(site, PLAIN)).status == 404


async def test_temporals_own_command_line_reads_a_ticket_through_it(
    client: Client, told: Settings, site: Site
) -> None:
    """The real client of the protocol, against the real endpoint."""
    from mendwheel.connect import data_converter
    from tests.conftest import BIN

    own = Client(**(client.config() | {"data_converter": data_converter(told)}))
    name = f"codec-{os.urandom(4).hex()}"
    await own.start_workflow("nobody.runs.this", "hunter2", id=name, task_queue=name)
    show = [str(BIN / "temporal"), "workflow", "show", "-w", name, "-o", "json"]
    show += ["--address", client.service_client.config.target_host]
    through = ["--codec-endpoint", f"http://127.0.0.1:{site.port}/codec/default"]
    assert "hunter2" not in await output(show)
    decoded = await output([*show, *through, "--codec-auth", f"Bearer {TOKEN}"])
    assert base64.b64encode(TEXT).decode() in decoded
    await own.get_workflow_handle(name).terminate()


async def output(command: list[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return str(json.dumps(said.decode()))
