"""Settings of what keeps texts from others' eyes: keys of payloads, and who may have them read."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from mendwheel.domain.web import web_address


class SecuritySettings(BaseSettings):
    """Part of `Settings`, in a file of its own for its length."""

    payload_keys_file: Path | None = Field(
        None,
        description="file of the keys that encrypt what Temporal keeps, made by `mendwheel keys "
        "new` and read again when it changes; default: payloads are plain",
    )
    payload_keys: SecretStr | None = Field(
        None, description="the same lines instead of a file, separated by commas; read once"
    )
    codec_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="bearer token for `/codec`, where the Temporal UI has payloads decrypted; "
        "default: it is off",
    )
    codec_origin: str | None = Field(
        None,
        description="the only origin whose pages may ask `/codec`; default: that of "
        "temporal_ui_url",
    )

    @property
    def encrypts(self) -> bool:
        """Whether payloads are encrypted."""
        return self.payload_keys_file is not None or self.payload_keys is not None

    @field_validator("codec_origin")
    @classmethod
    def _origin(cls, value: str | None) -> str | None:
        return None if value is None else origin(web_address(value, like="http://127.0.0.1:8233"))

    @model_validator(mode="after")
    def _one_place_of_keys(self) -> Self:
        if self.payload_keys_file is not None and self.payload_keys is not None:
            raise ValueError("payload_keys_file and payload_keys: set one of them")
        if self.codec_token is not None and not self.encrypts:
            raise ValueError("codec_token is set: set payload_keys_file too")
        return self


def origin(address: str) -> str:
    """Scheme, host and port of `address`, as browsers send them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
