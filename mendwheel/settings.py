"""Everything that can be set, in one place: environment over `mendwheel.toml` over defaults.

Secrets and switches live here and nowhere else, because activity inputs are readable in history
and in the Temporal UI. A typing error stops the start with its name, not a run with a default.
"""

import getpass
import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as UnreadableSource

from mendwheel.agents import AGENTS
from mendwheel.domain.access import Access
from mendwheel.domain.playbook import Limits, Thresholds
from mendwheel.settings_edges import EdgeSettings
from mendwheel.settings_knowledge import KnowledgeSettings
from mendwheel.settings_models import ModelSettings
from mendwheel.settings_problems import (
    PREFIX,
    SettingsError,
    invalid,
    read_toml,
    suggestion,
    unknown_keys,
    unknown_variables,
)
from mendwheel.settings_release import ReleaseSettings
from mendwheel.settings_security import SecuritySettings
from mendwheel.settings_senses import SenseSettings
from mendwheel.settings_senses_more import MoreSenseSettings

__all__ = ["Settings", "SettingsError", "settings_file"]

_FILE = "mendwheel.toml"
_POINTER = f"{PREFIX}SETTINGS"


class Settings(
    EdgeSettings,
    SenseSettings,
    ModelSettings,
    MoreSenseSettings,
    KnowledgeSettings,
    ReleaseSettings,
    SecuritySettings,
):
    """What the suite was told. Constructing it opens and creates nothing.

    Environment names are the field names in capitals after `MENDWHEEL_`; nested fields follow two
    underscores (`MENDWHEEL_THRESHOLDS__ANSWER=0.6`).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    home: Path = Field(Path(".mendwheel"), description="folder of everything kept on this machine")
    store: Path | None = Field(None, description="database file; default: mendwheel.db in `home`")
    tenant: str = Field("default", min_length=1, description="tenant of tickets that name none")
    task_queue: str = Field("mendwheel", min_length=1, description="Temporal task queue")
    temporal_address: str = Field("127.0.0.1:7233", description="Temporal frontend, host:port")
    temporal_namespace: str = Field("default", description="Temporal namespace")
    temporal_ui_url: str | None = Field(None, description="Temporal UI, for links in messages")
    policy: Path | None = Field(None, description="policy file; default: the built-in policy")
    prompt_versions: dict[str, str] = Field(
        {}, description="agent name → prompt version, where it is not the default"
    )
    agent_reads: dict[str, list[str]] = Field(
        {},
        description="agent → reads and senses it may use and see: knowledge, runbooks, cases, "
        "exhibits, prometheus, `mcp SERVER`, `mcp SERVER: TOOL` …; an agent without an entry has "
        "all of its own",
    )
    thresholds: Thresholds = Field(
        Thresholds(), description="confidence, 0 to 1, under which a ticket is handed over"
    )
    limits: Limits = Field(Limits(), description="bounds on one run; times in seconds")
    attestation_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="signs decisions; default: made once in `home`/attestation.key",
    )
    listen: str = Field("127.0.0.1:8090", description="where `mendwheel serve` listens, host:port")
    alerts_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="bearer token that Alertmanager must send; default: none is asked for",
    )
    user: str = Field(
        default_factory=lambda: _login(), description="who decides on the command line"
    )
    retention_days: float = Field(
        0.0, ge=0, description="days after its end until a ticket is forgotten; 0: never"
    )
    retention_days_of: dict[str, float] = Field(
        {}, description="tenant → the same for its tickets, where it differs"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severe level that is logged"
    )

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read overrides, environment and file, in that order; an override of None is not given.

        Raises:
            SettingsError: one line per unknown key, wrong type or value that is not allowed.
        """
        path = settings_file()
        table = read_toml(path) if path else {}
        problems = unknown_keys(cls, table, where=str(path)) + unknown_variables(
            cls, os.environ, besides={_POINTER}
        )
        if problems:
            raise SettingsError("\n".join(problems))
        given = {name: value for name, value in overrides.items() if value is not None}
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingsError("\n".join(invalid(cls, error))) from None
        except UnreadableSource as error:
            raise SettingsError(f"{error}: give JSON, or one variable per key after `__`") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())

    @property
    def store_path(self) -> Path:
        """The database file."""
        return self.store or self.home / "mendwheel.db"

    @property
    def access(self) -> Access:
        """Who may read labelled documents."""
        return Access(self.tenant_labels, self.places, self.tenant)

    @property
    def retains(self) -> bool:
        """Whether the time of any ticket is ever over."""
        return any((self.retention_days, *self.retention_days_of.values()))

    def describe(self) -> list[tuple[str, str, str]]:
        """(name, value shown, description) of every setting, secrets masked, nested ones dotted."""
        rows: list[tuple[str, str, str]] = []
        for name, field in type(self).model_fields.items():
            value, text = getattr(self, name), field.description or ""
            if isinstance(value, BaseModel):
                rows += [(f"{name}.{key}", str(part), text) for key, part in value]
            else:
                rows.append((name, "" if value is None else str(value), text))
        return rows

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
            raise ValueError("needs host:port, as in 127.0.0.1:8090 or [::1]:8090")
        return value

    @field_validator("thresholds")
    @classmethod
    def _shares(cls, value: Thresholds) -> Thresholds:
        for name, share in value:
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must be between 0 and 1")
        return value

    @field_validator("retention_days_of")
    @classmethod
    def _days(cls, value: dict[str, float]) -> dict[str, float]:
        for tenant, days in value.items():
            if days < 0:
                raise ValueError(f"the days of tenant {tenant!r} must be 0 (never) or more")
        return value

    @field_validator("limits")
    @classmethod
    def _positive(cls, value: Limits) -> Limits:
        for name, bound in value:
            waits = name in ("ask_wait", "watch_window")
            if bound < 0 or (bound == 0 and not waits):
                raise ValueError(f"{name} must be greater than 0")
        return value

    @field_validator("prompt_versions", "agent_reads")
    @classmethod
    def _agents(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if name not in AGENTS:
                raise ValueError(f"unknown agent {name!r}{suggestion(name, AGENTS)}")
        return value


def settings_file() -> Path | None:
    """The settings file in force: the one pointed at, or the one in the working directory."""
    pointed = os.environ.get(_POINTER)
    if pointed:
        return Path(pointed)
    return Path(_FILE) if Path(_FILE).is_file() else None


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container user without an account entry
        return f"uid-{os.getuid()}" if hasattr(os, "getuid") else "unknown"
