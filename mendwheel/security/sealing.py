"""Encrypts and authenticates bytes with AES-256-GCM; what they belong to is bound to them."""

import os
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE = 12


class SealBroken(ValueError):
    """Sealed with another key, for something else, or changed since."""


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: bytes, clear: bytes, *owner: str) -> bytes:
    """`clear` encrypted; it opens with the same `key` and `owner` only."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, clear, _bound(owner))


def unseal(key: bytes, sealed: bytes, *owner: str) -> bytes:
    """Raises SealBroken."""
    from cryptography.exceptions import InvalidTag

    try:
        return _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(owner))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("it was sealed with another key or was changed") from error


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> "AESGCM":
    # Only here: most commands seal nothing, and the import costs what they take.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _bound(owner: tuple[str, ...]) -> bytes:
    # With lengths: ("a", "bc") must not be ("ab", "c").
    return b"".join(
        len(raw).to_bytes(4, "big") + raw
        for raw in (part.encode("utf-8", "surrogatepass") for part in owner)
    )
