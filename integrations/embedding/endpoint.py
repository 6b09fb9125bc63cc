"""Embeds through any OpenAI-compatible endpoint, which may be a gateway or a local server."""

import math
from collections.abc import Sequence
from functools import cached_property

from openai import APIConnectionError, APIStatusError, DefaultHttpxClient, OpenAI, OpenAIError

from mendwheel.ports import EmbedderError

BATCH = 64
"""Texts a request."""
_LATER = (408, 409, 429)


class EndpointEmbedder:
    """The port `Embedder` on `POST {base_url}/embeddings`. No request before the first text."""

    def __init__(self, base_url: str, model: str, api_key: str | None, timeout: float) -> None:
        """`timeout` of one request, seconds."""
        self.identity = f"{model}@{base_url}"
        self._base_url = base_url
        self._model = model
        self._api_key = api_key
        self._timeout = timeout

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors as long as the model makes them. Raises EmbedderError."""
        found: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            found += self._request(list(texts[start : start + BATCH]))
        return found

    def _request(self, texts: list[str]) -> list[list[float]]:
        try:
            answer = self._client.embeddings.create(
                model=self._model, input=texts, encoding_format="float"
            )
            rows = sorted(answer.data, key=lambda row: row.index)
            vectors = [[float(number) for number in row.embedding] for row in rows]
        except APIStatusError as error:
            later = error.status_code in _LATER or error.status_code >= 500
            raise self._failed(f"HTTP {error.status_code}", retryable=later) from error
        except APIConnectionError as error:
            raise self._failed("cannot be reached", retryable=True) from error
        except (OpenAIError, AttributeError, TypeError, ValueError) as error:
            raise self._failed("answered without embeddings") from error
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise self._failed(f"gave {len(vectors)} vectors for {len(texts)} texts")
        return [self._unit(vector) for vector in vectors]

    def _unit(self, vector: list[float]) -> list[float]:
        length = math.sqrt(sum(number * number for number in vector))
        if not vector or not math.isfinite(length) or length == 0:
            raise self._failed("gave an empty vector")
        return [number / length for number in vector]

    def _failed(self, what: str, *, retryable: bool = False) -> EmbedderError:
        return EmbedderError(
            f"the embedding endpoint {self._base_url} ({self._model}): {what}: check "
            "embedding_base_url, embedding_model and embedding_api_key",
            retryable=retryable,
        )

    @cached_property
    def _client(self) -> OpenAI:
        # A key is always given, so that the client never sends one it finds in the environment.
        return OpenAI(
            base_url=self._base_url,
            api_key=self._api_key or "none",
            max_retries=2,
            timeout=self._timeout,
            # Texts go where settings say, not where an endpoint points; and nothing is unpacked.
            http_client=DefaultHttpxClient(
                follow_redirects=False, headers={"Accept-Encoding": "identity"}
            ),
        )
