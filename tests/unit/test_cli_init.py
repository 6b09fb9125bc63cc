"""`mendwheel init` writes a file that loads as it is, names every setting, and holds no secret."""

import re
import tomllib
from pathlib import Path

import pytest

from mendwheel.cli.app import run
from mendwheel.cli.init import template, toml
from mendwheel.cli.settings_groups import GROUPS, secret
from mendwheel.cli.settings_reference import markdown
from mendwheel.domain.place import PlaceRule
from mendwheel.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
KEY = re.compile(r"^#([a-z_]+)(?:\.([a-z_]+))? = ", re.MULTILINE)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_setting_is_in_one_group() -> None:
    names = [name for group in GROUPS for name in group.names]
    assert len(names) == len(set(names))
    assert set(names) == set(Settings.model_fields)


def test_the_file_loads_as_it_is_and_sets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init"]) == 0
    assert tomllib.loads(Path("mendwheel.toml").read_text()) == {}
    assert Settings.load() == Settings()
    said = capsys.readouterr().out
    assert "mendwheel doctor" in said
    assert "mendwheel serve" in said


def test_every_key_in_it_is_known_and_every_setting_is_explained() -> None:
    rules, text = template().split("#[[places]]")[::-1]
    for name, part in KEY.findall(text):
        field = Settings.model_fields[name]
        assert not part or part in type(field.default).model_fields
        assert not secret(field), "secrets are no lines to fill in"
    for name, field in Settings.model_fields.items():
        assert name == "places" or name in text or name.upper() in text
        assert name == "places" or (field.description or "?") in text
    assert {name for name, _ in KEY.findall(rules)} == set(PlaceRule.model_fields)


def test_with_every_sign_taken_away_it_still_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mendwheel.toml").write_text(re.sub(r"^#(?=[a-z\[])", "", template(), flags=re.MULTILINE))
    monkeypatch.setenv("MENDWHEEL_JIRA_TOKEN", "from-the-environment")
    monkeypatch.setenv("MENDWHEEL_ONCALL_KEY", "from-the-environment")
    settings = Settings.load()
    for name, field in Settings.model_fields.items():
        if field.default not in (None, []) and name not in ("user", "prompt_versions"):
            assert getattr(settings, name) == field.default, name
    [place] = settings.places
    assert place.quiet_hours


def test_a_file_that_is_there_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mendwheel.toml").write_text('tenant = "acme"\n')
    assert run(["init"]) == 2
    assert Path("mendwheel.toml").read_text() == 'tenant = "acme"\n'
    said = capsys.readouterr().err
    assert "mendwheel.toml is there already: --force replaces it" in said
    assert run(["init", "--force"]) == 0
    assert Path("mendwheel.toml").read_text() == template()


def test_another_file_is_pointed_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--file", "other.toml"]) == 0
    assert "MENDWHEEL_SETTINGS=other.toml" in capsys.readouterr().out
    assert run(["init", "--file", "nowhere/other.toml"]) == 2
    assert "nowhere/other.toml" in capsys.readouterr().err


def test_no_secret_of_the_environment_gets_into_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in Settings.model_fields.items():
        if secret(field):
            monkeypatch.setenv(f"MENDWHEEL_{name.upper()}", f"canary-{name}-canary")
    assert "canary" not in template()


def test_values_are_written_as_toml_reads_them() -> None:
    value = {"a b": [1, 2.5, True, 'q"\\\n', {"é": "ü"}], "c": {}}
    assert tomllib.loads(f"x = {toml(value)}")["x"] == value


def test_the_reference_is_what_the_settings_say() -> None:
    written = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert written == markdown(), "run the line at the top of mendwheel/cli/settings_reference.py"
