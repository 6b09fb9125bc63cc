"""Settings of language models: the routes to them, what they may cost, who checks what they say."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from mendwheel.agents import AGENTS
from mendwheel.domain.playbook import EXTRACTIVE
from mendwheel.domain.web import web_address
from mendwheel.settings_problems import PREFIX, suggestion

_ENVIRONMENT, _FILE = "env:", "file:"


class ModelRoute(BaseModel):
    """One of `model_routes`: a model at an endpoint. Tried in the order of the list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("", description="how tickets and the call log name it; default: `model`")
    base_url: str = Field(description="OpenAI-compatible endpoint ending in /v1")
    model: str = Field(min_length=1, description="name of the model at the endpoint")
    keys: list[str] = Field(
        [], description="where its keys are read, anew for each call: env:NAME or file:PATH"
    )
    agents: list[str] = Field([], description="agents that may use it; empty: all")
    timeout_seconds: float | None = Field(None, gt=0, description="default: model_timeout_seconds")
    max_tokens: int | None = Field(None, ge=1, description="default: model_max_tokens")
    prompt_price: float = Field(0.0, ge=0, description="price of a million prompt tokens")
    completion_price: float = Field(0.0, ge=0, description="price of a million answer tokens")

    @property
    def called(self) -> str:
        """The route's name."""
        return self.name or self.model

    def allows(self, agent: str) -> bool:
        """Whether `agent` may use it."""
        return not self.agents or agent in self.agents

    @field_validator("base_url")
    @classmethod
    def _reachable(cls, value: str) -> str:
        return endpoint(value)

    @field_validator("keys")
    @classmethod
    def _sources(cls, value: list[str]) -> list[str]:
        return key_sources(value)

    @field_validator("agents")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        for name in value:
            if name not in AGENTS:
                raise ValueError(f"unknown agent {name!r}{suggestion(name, AGENTS)}")
        return value


class ModelSettings(BaseSettings):
    """Part of `Settings`, in a file of its own for its length."""

    model_base_url: str | None = Field(
        None, description="OpenAI-compatible endpoint ending in /v1; default: no language model"
    )
    model_api_key: SecretStr | None = Field(None, description="key for the model endpoint")
    model: str | None = Field(None, description="name of the model at the endpoint")
    model_keys: list[str] = Field(
        [],
        description="further keys for the model endpoint, read anew for each call: env:NAME or "
        "file:PATH, one key a line",
    )
    model_routes: list[ModelRoute] = Field(
        [], description="models to fall back on, or to use instead of `model`, in order"
    )
    model_timeout_seconds: float = Field(120.0, gt=0, description="limit on one model request")
    model_deadline_seconds: float = Field(
        165.0,
        gt=0,
        le=165,
        description="limit on one answer: all routes and the repair of an unusable one together",
    )
    model_max_tokens: int = Field(700, ge=1, description="limit on one model answer, tokens")
    trust_model_confidence: bool = Field(
        False,
        description="believe how sure a model says it is; otherwise it is at most as sure as rules "
        "are of the same evidence (see how often it is right with `mendwheel backtest`)",
    )
    model_context_chars: int = Field(
        8000, ge=500, description="limit on report and evidence in one prompt, characters"
    )
    model_prompt_price: float = Field(
        0.0, ge=0, description="price of a million prompt tokens of `model`, for the call log"
    )
    model_completion_price: float = Field(
        0.0, ge=0, description="price of a million answer tokens of `model`, for the call log"
    )
    model_breaker_failures: int = Field(
        5, ge=1, description="failures in a row after which a route is left alone for a while"
    )
    model_breaker_seconds: float = Field(
        30.0, gt=0, description="how long it is left alone before one call tries it again"
    )
    model_cache_seconds: float = Field(
        3600.0,
        ge=0,
        description="how long an answer to exactly the same question is used again; 0: never",
    )
    token_budget: int = Field(60_000, ge=0, description="tokens one ticket may spend on models")
    tenant_tokens_per_minute: int = Field(
        0, ge=0, description="tokens one tenant may spend on models in any 60 s; 0: no limit"
    )
    tenant_tokens_per_day: int = Field(
        0, ge=0, description="tokens one tenant may spend on models in a UTC day; 0: no limit"
    )
    moderation_base_url: str | None = Field(
        None,
        description="OpenAI-compatible endpoint with /moderations, asked besides the built-in "
        "rules; while it does not answer, every text counts as suspicious",
    )
    moderation_model: str | None = Field(None, description="model named to that endpoint")
    moderation_api_key: SecretStr | None = Field(None, description="key for that endpoint")

    @property
    def default_route(self) -> ModelRoute | None:
        """The route that `model` and the settings beside it describe."""
        if self.model is None or self.model_base_url is None:
            return None
        return ModelRoute(
            base_url=self.model_base_url,
            model=self.model,
            keys=self.model_keys,
            prompt_price=self.model_prompt_price,
            completion_price=self.model_completion_price,
        )

    @property
    def routes(self) -> list[ModelRoute]:
        """All routes in order, the default one first; empty: no model is configured."""
        default = self.default_route
        return [default, *self.model_routes] if default else self.model_routes

    @field_validator("model_base_url", "moderation_base_url")
    @classmethod
    def _model_endpoint(cls, value: str | None) -> str | None:
        return endpoint(value) if value else None

    @field_validator("model_keys")
    @classmethod
    def _model_key_sources(cls, value: list[str]) -> list[str]:
        return key_sources(value)

    @model_validator(mode="after")
    def _model_is_whole(self) -> Self:
        # Half a model would quietly mean none at all.
        if (self.model is None) != (self.model_base_url is None):
            raise ValueError("model and model_base_url go together: set both, or neither")
        names = [route.called for route in self.routes]
        for name in names:
            if name == EXTRACTIVE:
                raise ValueError(f"model_routes: {name} is the engine without a model: rename it")
            if names.count(name) > 1:
                raise ValueError(f"model_routes: two routes are called {name!r}: give each a name")
        return self


def endpoint(value: str) -> str:
    """`value` without a slash at its end. Raises ValueError: no address, or one with a password."""
    like = "http://127.0.0.1:8000/v1"
    return web_address(value, like=like, instead="model_api_key").rstrip("/")


def key_sources(value: list[str]) -> list[str]:
    """`value` as it is. Raises ValueError: what names neither a variable nor a file."""
    for source in value:
        name = source.removeprefix(_ENVIRONMENT)
        if source.startswith(_FILE) and Path(source.removeprefix(_FILE)).name:
            continue
        # The source is not repeated: whoever misreads this writes the key itself here.
        if not source.startswith(_ENVIRONMENT) or not name.isidentifier():
            raise ValueError("needs env:NAME or file:PATH, never the key itself")
        if name.upper().startswith(PREFIX):
            raise ValueError(f"env:{name} would be a setting: choose a name without {PREFIX}")
    return value
