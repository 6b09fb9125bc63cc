"""Whether a request bears the token that was agreed on."""

import hashlib
import hmac

from pydantic import SecretStr
from starlette.requests import Request


def bears(request: Request, token: SecretStr) -> bool:
    """Compares `Authorization: Bearer …` with `token`."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return same(given.strip(), token) and scheme.lower() == "bearer"


def same(given: str, token: SecretStr) -> bool:
    """Whether `given` is the token, in a time that tells nothing about it."""
    # Digests are compared: their length tells nothing.
    return hmac.compare_digest(_digest(given), _digest(token.get_secret_value()))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8")).digest()
