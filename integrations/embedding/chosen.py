"""The embedder that the settings ask for."""

from importlib.util import find_spec

from mendwheel.integrations.embedding.cached import CachedEmbedder
from mendwheel.integrations.embedding.endpoint import EndpointEmbedder
from mendwheel.integrations.embedding.local import EXTRA, LocalEmbedder, installed
from mendwheel.ports import Embedder, EmbedderError
from mendwheel.settings import Settings


def chosen_embedder(settings: Settings) -> Embedder | None:
    """None where only words are compared. Loads no model and connects to nothing.

    Raises:
        EmbedderError: an embedder is asked for, and the extra is not installed.
    """
    made = _made(settings)
    if made is None:
        return None
    if find_spec("numpy") is None:
        raise EmbedderError(f"vectors are compared with numpy: {EXTRA}, or set embedder = none")
    if settings.embedding_cache is None:
        return made
    return CachedEmbedder(made, settings.embedding_cache)


def _made(settings: Settings) -> Embedder | None:
    if settings.embedder == "endpoint":
        assert settings.embedding_base_url is not None, "settings check this"
        assert settings.embedding_model is not None, "settings check this"
        key = settings.embedding_api_key
        return EndpointEmbedder(
            settings.embedding_base_url,
            settings.embedding_model,
            key.get_secret_value() if key else None,
            settings.embedding_timeout_seconds,
        )
    if settings.embedder == "local":
        if not installed():
            raise EmbedderError(f"embedder = local needs the extra: {EXTRA}")
        return LocalEmbedder(settings.embedding_folder)
    if settings.embedder == "auto" and installed():
        return LocalEmbedder(settings.embedding_folder)
    return None
