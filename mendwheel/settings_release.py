"""Settings of Worker Versioning: which release of which deployment a worker says it is."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings


class ReleaseSettings(BaseSettings):
    """Part of `Settings`, in a file of its own: only `worker.py` and `mendwheel up` use it."""

    worker_deployment: str | None = Field(
        None,
        pattern=r"^[^.:\s]+$",
        description="name of this deployment, without dots and colons; turns Worker Versioning on",
    )
    worker_build: str | None = Field(
        None,
        pattern=r"^\S+$",
        description="build id of this worker, another one for whatever is deployed anew",
    )

    @model_validator(mode="after")
    def _release_is_whole(self) -> Self:
        if (self.worker_deployment is None) != (self.worker_build is None):
            raise ValueError("worker_deployment and worker_build go together: set both, or neither")
        return self
