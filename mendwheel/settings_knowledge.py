"""Settings of what turns texts into vectors, so that a search finds what is said in other words."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from mendwheel.domain.web import web_address


class KnowledgeSettings(BaseSettings):
    """Part of `Settings`, in a file of its own for its length."""

    embedder: Literal["auto", "none", "local", "endpoint"] = Field(
        "auto",
        description="auto: local where the extra `embedder` is installed, else none (words only)",
    )
    embedding_base_url: str | None = Field(
        None, description="OpenAI-compatible endpoint ending in /v1, for embedder = endpoint"
    )
    embedding_model: str | None = Field(None, description="name of the embedding model there")
    embedding_api_key: SecretStr | None = Field(None, description="key for that endpoint")
    embedding_timeout_seconds: float = Field(30.0, gt=0, description="limit on one request there")
    embedding_folder: Path | None = Field(
        None, description="folder of the local embedder's files; default: those of the extra"
    )
    embedding_cache: Path | None = Field(
        None, description="file of vectors made so far, to be shared by stores; default: none"
    )

    tenant_labels: dict[str, list[str]] = Field(
        {},
        description="tenant → access labels of documents that everybody who sees its tickets may "
        "read, at every place; `labels` of a place adds to them there",
    )

    @field_validator("embedding_base_url")
    @classmethod
    def _embedding_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        like = "http://127.0.0.1:8000/v1"
        return web_address(value, like=like, instead="embedding_api_key").rstrip("/")

    @model_validator(mode="after")
    def _embedding_is_whole(self) -> Self:
        both = self.embedding_base_url is not None and self.embedding_model is not None
        if self.embedder == "endpoint" and not both:
            raise ValueError("embedder = endpoint needs embedding_base_url and embedding_model")
        return self
