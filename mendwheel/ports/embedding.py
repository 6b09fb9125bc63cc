"""What turns texts into vectors, as a Protocol. Adapters: integrations/embedding/."""

from collections.abc import Sequence
from typing import Protocol


class EmbedderError(RuntimeError):
    """Texts could not be embedded; the message is one line that names the way out."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class Embedder(Protocol):
    """Texts to unit vectors. Synchronous; may be called from any thread."""

    @property
    def identity(self) -> str:
        """Names model and version: only vectors of one identity can be compared."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 a text, in order, all of the same size. Raises EmbedderError."""
        ...
