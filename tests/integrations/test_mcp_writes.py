"""Tools of a real MCP server that write: only those listed and pinned, once each, never again."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from mendwheel.activities.writing import Writing
from mendwheel.contracts.writing import UNKNOWN, WriteRequest
from mendwheel.domain.ids import EffectKey, arguments_digest
from mendwheel.domain.looking import McpCheck, McpRead, McpServer, McpWrite
from mendwheel.domain.remedy import Risk
from mendwheel.integrations.senses import mcp_write_call
from mendwheel.integrations.senses.mcp_sense import McpSense
from mendwheel.integrations.senses.mcp_writes import McpWrites
from mendwheel.policy.live import LivePolicy
from mendwheel.ports.stores import LedgerConflict
from mendwheel.stores.bundle import Stores
from mendwheel.tools.foreign import NotWritten

STAND = str(Path(__file__).with_name("mcp_stand.py"))
KEY = EffectKey(ticket_id="mendwheel-default-jira-LP-1", round=1, step="remedy", target="s.scale")
CHECK = McpCheck(tool="scaled", arguments={"service": "{service}"}, contains="healthy")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls"


@pytest.fixture(scope="module")
def pin() -> str:
    server = McpServer(name="s", command=sys.executable, args=[STAND])
    return next(each.pin for each in McpSense(server, {}).tools() if each.tool == "scale")


def _writes(file: Path, pin: str, **server: Any) -> McpWrites:
    fields = {
        "name": "s",
        "command": sys.executable,
        "args": [STAND],
        "env": {"STAND_FILE": "file"},
        "reads": [McpRead(tool="scaled")],
        "writes": [McpWrite(tool="scale", pin=pin, check=CHECK)],
    }
    secrets = {"file": SecretStr(str(file))}
    return McpWrites([McpServer(**fields | server)], secrets, "mendwheel.write", "queue")


class Desk:
    """The activity with a store of its own."""

    def __init__(self, stores: Stores, writes: McpWrites) -> None:
        self.stores = stores
        self._policy = stores.store.path.with_name("policy.toml")
        self.stopped(False)
        self._activity = Writing(
            *(writes, stores.ledger, stores.artifacts, stores.cases, stores.audit),
            LivePolicy(self._policy),
        )

    def stopped(self, stopped: bool) -> None:
        """Somebody turns the kill switch."""
        switch = str(stopped).lower()
        said = f'kill_switch = {switch}\nallowed_tools = ["*"]\n[approvers]\ndefault = ["ada"]\n'
        self._policy.write_text(said, "utf-8")

    def permit(self, **arguments: Any) -> None:
        self.stores.ledger.claim(KEY, arguments_digest(KEY.target, arguments), 0.0)

    def write(self, *, looked: bool = False, **arguments: Any) -> str:
        request = WriteRequest(key=KEY, arguments=arguments, looked=looked)
        return self._activity.write(request).detail

    def actions(self) -> list[str]:
        return [row["action"] for row in self.stores.audit.read(KEY.ticket_id)]


@pytest.fixture
def desk(tmp_path: Path, file: Path, pin: str) -> Iterator[Desk]:
    with Stores(tmp_path / "store.db") as stores:
        yield Desk(stores, _writes(file, pin))


def test_only_a_listed_tool_is_offered_and_a_person_is_always_asked(file: Path, pin: str) -> None:
    told: list[str] = []
    [spec] = _writes(file, pin).specs(told.append)
    assert (spec.name, spec.risk, spec.always_asked) == ("s.scale", Risk.HIGH, True)
    assert spec.arguments.model_json_schema()["required"] == ["service"]
    assert spec.check is not None
    assert told == []


def test_a_tool_that_is_not_what_was_pinned_is_not_offered(file: Path) -> None:
    told: list[str] = []
    assert _writes(file, f"sha256:{'0' * 64}").specs(told.append) == []
    assert "s: scale is not offered: scale describes itself otherwise" in told[0]


def test_a_server_that_is_away_offers_nothing_and_is_told_of(file: Path, pin: str) -> None:
    told: list[str] = []
    assert _writes(file, pin, command="/nowhere/mcp").specs(told.append) == []
    assert "/nowhere/mcp cannot be started" in told[0]


def test_a_permitted_effect_is_one_call_and_its_answer_is_kept(desk: Desk, file: Path) -> None:
    desk.permit(service="shop", copies=3)
    assert "shop runs 3 times" in desk.write(service="shop", copies=3)
    assert desk.write(service="shop", copies=3).count("hunter2") == 0
    assert file.read_text() == "shop 3\n"
    assert desk.actions() == ["tool called"]


def test_the_kill_switch_stops_a_call_that_was_permitted_before(desk: Desk, file: Path) -> None:
    desk.permit(service="shop", copies=3)
    desk.stopped(True)
    with pytest.raises(ApplicationError, match="the kill switch is on"):
        desk.write(service="shop", copies=3)
    assert not file.exists()
    desk.stopped(False)
    assert "shop runs 3 times" in desk.write(service="shop", copies=3)


def test_what_nobody_permitted_is_not_called(desk: Desk, file: Path) -> None:
    with pytest.raises(ApplicationError, match=r"s\.scale was not permitted"):
        desk.write(service="shop", copies=3)
    assert not file.exists()


def test_other_arguments_than_were_permitted_are_not_called(desk: Desk, file: Path) -> None:
    desk.permit(service="shop", copies=3)
    with pytest.raises(LedgerConflict):
        desk.write(service="shop", copies=4)
    assert not file.exists()


def test_a_lost_answer_is_not_tried_again(
    desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_write_call, "CALL_WITHIN", 0.5)
    desk.permit(service="shop", copies=99)
    with pytest.raises(ApplicationError, match="its answer was lost") as lost:
        desk.write(service="shop", copies=99)
    assert lost.value.non_retryable
    with pytest.raises(ApplicationError, match="it is not known what came of it"):
        desk.write(service="shop", copies=99)
    assert file.read_text() == "shop 99\n"
    assert desk.actions() == ["tool's answer lost", "tool not called again"]


def test_a_lost_call_is_repeated_only_when_its_lease_is_over_and_a_person_has_looked(
    desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(mcp_write_call, "CALL_WITHIN", 0.5)
        desk.permit(service="shop", copies=99)
        with pytest.raises(ApplicationError, match="its answer was lost"):
            desk.write(service="shop", copies=99)
        with pytest.raises(ApplicationError, match="it is not known what came of it") as held:
            desk.write(looked=True, service="shop", copies=99)
        assert held.value.type == UNKNOWN
        desk.stores.ledger.release(KEY.model_copy(update={"step": "call"}))
        with pytest.raises(ApplicationError, match="its answer was lost"):
            desk.write(looked=True, service="shop", copies=99)
    assert file.read_text() == "shop 99\n" * 2


def test_a_tool_that_says_it_failed_is_believed(desk: Desk) -> None:
    desk.permit(service="shop", copies=0)
    with pytest.raises(ApplicationError, match="scale failed"):
        desk.write(service="shop", copies=0)
    assert desk.actions() == ["tool failed"]


def test_a_server_that_cannot_be_reached_has_changed_nothing(file: Path, pin: str) -> None:
    with pytest.raises(NotWritten, match="cannot be started"):
        _writes(file, pin, command="/nowhere/mcp").write("s.scale", {})


def test_a_tool_is_held_to_its_pin_before_each_call(file: Path) -> None:
    with pytest.raises(NotWritten, match="describes itself otherwise"):
        _writes(file, f"sha256:{'0' * 64}").write("s.scale", {"service": "shop", "copies": 3})
    assert not file.exists()


def test_a_check_reads_the_world_and_is_red_until_it_says_what_was_set(
    file: Path, pin: str
) -> None:
    writes = _writes(file, pin)
    assert not writes.check("s.scale", {"service": "shop"}).ok  # the file is not there yet
    file.write_text("shop 3\n")
    green = writes.check("s.scale", {"service": "shop"})
    assert (green.ok, green.detail) == (True, "healthy: shop 3")
