"""`mendwheel mcp` shows what a server offers and what it counts as; it calls nothing."""

import json
import sys
from pathlib import Path

import pytest

from mendwheel.cli.app import run

RAW = str(Path(__file__).with_name("mcp_raw.py"))


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").write_text("Lists\x1b[31m releases")
    monkeypatch.setenv("MENDWHEEL_SENSE_SECRETS__STATE", str(tmp_path / "state"))
    raw = {
        "name": "raw",
        "command": sys.executable,
        "args": [RAW],
        "env": {"MCP_STATE": "state"},
        "reads": [{"tool": "releases"}],
    }
    gone = {"name": "gone", "command": "/nowhere/mcp"}
    monkeypatch.setenv("MENDWHEEL_MCP_SERVERS", json.dumps([raw, gone]))


def test_each_tool_has_its_risk_and_the_pin_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mcp", "raw"]) == 0
    out = capsys.readouterr().out
    assert "releases  read\n      Lists releases\n" in out
    assert "leaves  high\n" in out
    assert out.count('pin = "sha256:') == 4


def test_as_json_it_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mcp", "raw", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    risks = {each["tool"]: each["card"]["risk"] for each in said["tools"]}
    assert risks == {
        "releases": "read",
        "no_list": "high",
        "no_number": "high",
        "leaves": "high",
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [("rae", "no MCP server 'rae' in the settings: known: raw, gone"), ("gone", "correct its")],
)
def test_what_cannot_be_listed_is_one_line(
    name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["mcp", name]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
