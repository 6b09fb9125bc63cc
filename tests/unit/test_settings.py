"""Settings: where they come from, what is refused, what is never shown."""

import json
import os
from pathlib import Path

import pytest
from temporalio.common import VersioningBehavior

from mendwheel.settings import Settings, SettingsError
from mendwheel.workers import options

SECRET = "sk-very-secret-value-123"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("MENDWHEEL_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing_and_create_nothing(tmp_path: Path) -> None:
    settings = Settings.load()
    assert settings.store_path == Path(".mendwheel/mendwheel.db")
    assert settings.token_budget == 60_000
    assert settings.user
    assert list(tmp_path.iterdir()) == []


def test_environment_wins_over_file_and_override_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mendwheel.toml").write_text(
        'tenant = "file"\ntask_queue = "file"\nuser = "file"\n[thresholds]\nanswer = 0.7\n'
        "cause = 0.8\n"
    )
    monkeypatch.setenv("MENDWHEEL_TENANT", "env")
    monkeypatch.setenv("MENDWHEEL_USER", "env")
    monkeypatch.setenv("MENDWHEEL_THRESHOLDS__ANSWER", "0.9")
    settings = Settings.load(user="call", tenant=None)
    assert (settings.task_queue, settings.tenant, settings.user) == ("file", "env", "call")
    assert (settings.thresholds.answer, settings.thresholds.cause) == (0.9, 0.8)


def test_settings_variable_points_at_another_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text('tenant = "other"\n')
    (tmp_path / "mendwheel.toml").write_text('tenant = "here"\n')
    monkeypatch.setenv("MENDWHEEL_SETTINGS", str(other))
    assert Settings.load().tenant == "other"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('temporal_adress = "x"', ["temporal_adress", "str", "'temporal_address'"]),
        ("[thresholds]\nanwser = 0.5", ["anwser", "[thresholds]", "'answer'"]),
        ("token_budget = 'many'", ["token_budget", "integer", "str"]),
        ("[limits]\nturns = []", ["limits.turns", "integer", "list"]),
        ("[limits]\nrounds = 0", ["limits", "rounds must be greater than 0"]),
        ("[thresholds]\ncause = 3.0", ["thresholds", "cause must be between 0 and 1"]),
        ('log_level = "inof"', ["log_level", "str", "'info'", "debug, info, warning, error"]),
        ("tenant = 5", ["tenant", "string", "int"]),
        ('[prompt_versions]\ntraige = "triage-1"', ["traige", "'triage'"]),
        ('model = "x"', ["model and model_base_url go together"]),
        ('model = "x"\nmodel_base_url = "localhost:1"', ["model_base_url", "http://"]),
        ('model = "x"\nmodel_base_url = "http://a:b@h/v1"', ["model_base_url", "model_api_key"]),
        ('attestation_key = "short"', ["attestation_key", "at least 16"]),
        ('worker_build = "7"', ["worker_deployment and worker_build go together"]),
        ('worker_deployment = "desk.eu"', ["worker_deployment", "pattern"]),
        ("tenant = ", ["mendwheel.toml", "not TOML"]),
    ],
)
def test_mistake_in_the_file_is_one_line_that_names_key_and_way_out(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    (tmp_path / "mendwheel.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert len(str(caught.value).splitlines()) == 1
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MENDWHEEL_TEMPORAL_ADRESS", "x", ["'MENDWHEEL_TEMPORAL_ADDRESS'"]),
        ("MENDWHEEL_THRESHOLDS__ANWSER", "1", ["'MENDWHEEL_THRESHOLDS__ANSWER'"]),
        ("MENDWHEEL_MODEL_TIMEOUT_SECONDS", "soon", ["model_timeout_seconds", "number"]),
        ("MENDWHEEL_PROMPT_VERSIONS", "{not json", ["prompt_versions", "JSON"]),
        ("MENDWHEEL_SETTINGS", "absent.toml", ["absent.toml", "MENDWHEEL_SETTINGS"]),
    ],
)
def test_mistake_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: list[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("temporal_adress", "did you mean 'temporal_address'?"), ("zzzz", "`mendwheel init` writes")],
)
def test_an_unknown_name_is_not_followed_by_every_known_one(
    tmp_path: Path, name: str, hint: str
) -> None:
    (tmp_path / "mendwheel.toml").write_text(f"{name} = 1\n")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert hint in str(caught.value)
    assert "slack_bot_token" not in str(caught.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "mendwheel.toml").write_text('token_budget = "a"\nmodel_max_tokens = 0\n')
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert len(str(caught.value).splitlines()) == 2


def test_unknown_override_is_refused() -> None:
    with pytest.raises(SettingsError, match="did you mean 'tenant'"):
        Settings.load(tennant="x")


def test_kubernetes_service_links_are_not_taken_for_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SERVICE_HOST", "PORT", "PORT_8080_TCP_ADDR", "UI_SERVICE_PORT_HTTP"):
        monkeypatch.setenv(f"MENDWHEEL_{name}", "10.0.0.1")
    assert Settings.load().tenant == "default"


def test_prompt_versions_may_come_from_single_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENDWHEEL_PROMPT_VERSIONS__TRIAGE", "triage-1")
    assert Settings.load().prompt_versions == {"triage": "triage-1"}


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENDWHEEL_MODEL_API_KEY", SECRET)
    settings = Settings.load(attestation_key=SECRET)
    shown = [repr(settings), str(settings), str(settings.model_dump()), str(settings.describe())]
    shown += [settings.model_dump_json(), json.dumps(settings.model_dump(mode="json"))]
    assert all(SECRET not in text for text in shown)
    assert settings.model_api_key is not None
    assert settings.model_api_key.get_secret_value() == SECRET


def test_refusal_never_repeats_the_value(tmp_path: Path) -> None:
    (tmp_path / "mendwheel.toml").write_text(f'model_api_key = ["{SECRET}"]\n')
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert "model_api_key" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_hand_over_to_nobody_is_refused() -> None:
    for name in ("@oncall", "S0ONCALL", "slack:@oncall", "slack:", "mail:x"):
        rule = {"place": "slack:C1", "hand_over_to": [name]}
        with pytest.raises(SettingsError, match="names nobody"):
            Settings.load(places=[rule])
    names = ["slack:S0ONCALL", "slack:U1", "jira:712020:ann", "jira:alice"]
    assert Settings.load(places=[{"place": "slack:C1", "hand_over_to": names}])


def test_description_covers_every_field_in_words() -> None:
    rows = Settings.load().describe()
    assert {name.split(".")[0] for name, _, _ in rows} == set(Settings.model_fields)
    assert all(text for _, _, text in rows)
    assert ("thresholds.cause", "0.5") in [(name, shown) for name, shown, _ in rows]


def test_a_worker_names_its_release_only_when_the_settings_do() -> None:
    assert options()["deployment_config"] is None
    assert options(Settings())["deployment_config"] is None
    config = options(Settings(worker_deployment="desk", worker_build="7"))["deployment_config"]
    assert config is not None
    assert config.version.to_canonical_string() == "desk.7"
    assert config.use_worker_versioning
    assert config.default_versioning_behavior is VersioningBehavior.AUTO_UPGRADE
