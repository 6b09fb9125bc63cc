"""Argument models of the remedies: what an approver sees is exactly what runs."""

from pydantic import BaseModel, ConfigDict, Field


class Restart(BaseModel):
    service: str = Field(min_length=1, max_length=80)


class Release(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service: str = Field(min_length=1, max_length=80)
    to_release: str = Field(min_length=1, max_length=80)
