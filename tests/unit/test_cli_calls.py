"""What `mendwheel calls` says of requests to models."""

import json
from pathlib import Path

import pytest

from mendwheel.cli.app import run
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores
from tests.model_calls import model_call


@pytest.fixture(autouse=True)
def _calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    good = model_call(cost=0.0125, tenant="default")
    with Stores(Settings.load().store_path) as stores:
        stores.calls.add(good)
        stores.calls.add(good.model_copy(update={"ticket_id": "t2", "failure": "timeout"}))
        spared = {"cached": True, "prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}
        stores.calls.add(good.model_copy(update=spared))


def test_calls_are_listed_with_cost_result_and_sum(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calls"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["ended", "ticket", "agent"]
    assert [line.split()[-1] for line in lines[1:4]] == ["kept", "timeout", "ok"]
    assert "500+70" in lines[3]
    assert lines[4] == "3 requests, 1 kept, 1 failed: 1000 + 140 tokens, cost 0.0250"


def test_calls_of_another_tenant_are_listed_only_when_that_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Stores(Settings.load().store_path) as stores:
        stores.calls.add(model_call(ticket_id="theirs", tenant="red"))
    assert run(["calls"]) == 0
    assert "theirs" not in capsys.readouterr().out
    assert run(["calls", "--all-tenants"]) == 0
    assert "theirs" in capsys.readouterr().out


def test_calls_of_one_ticket_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calls", "t1", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {each["ticket_id"] for each in said["calls"]} == {"t1"}
    assert (said["sum"]["calls"], said["sum"]["kept"]) == (2, 1)


def test_ticket_that_no_model_was_asked_about_is_told_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["calls", "t9"]) == 0
    assert "no model was asked about t9" in capsys.readouterr().out
