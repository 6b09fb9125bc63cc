"""Encrypts what Temporal keeps: AES-256-GCM, the key's id beside each payload (ADR 0022)."""

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverter, PayloadCodec, PayloadConverter

from mendwheel.security.payload_keys import PayloadKey, PayloadKeyError, PayloadKeys
from mendwheel.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ENCODING = b"binary/mendwheel-aes256gcm"
KEY_ID = "mendwheel-key-id"
_NONCE = 12


class EncryptingCodec(PayloadCodec):
    """Ours are decrypted by whichever key they name; payloads of others pass through untouched.

    Without keys nothing is encrypted, and a payload that is stops its task with the key's name: a
    worker without any codec would drop such a signal and go on.
    """

    def __init__(self, keys: PayloadKeys) -> None:
        self._keys = keys

    @classmethod
    def of(cls, settings: Settings) -> "EncryptingCodec":
        """Raises PayloadKeyError."""
        return cls(PayloadKeys.of(settings))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        key = self._keys.writing
        return list(payloads) if key is None else [_sealed(each, key) for each in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises PayloadKeyError: a key is missing, or a payload is not what was written."""
        return [self._opened(each) for each in payloads]

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        # Imported late: whoever has no keys does not pay for it.
        from cryptography.exceptions import InvalidTag

        # Anybody who can write to Temporal chose this text, and it goes into our message.
        name = re.sub(rb"[^\w.-]", b"?", payload.metadata.get(KEY_ID, b"")[:64]).decode("ascii")
        key = self._keys.reading(name)
        nonce, sealed = payload.data[:_NONCE], payload.data[_NONCE:]
        try:
            return Payload.FromString(_cipher(key).decrypt(nonce, sealed, _bound(key)))
        except (InvalidTag, ValueError):
            raise PayloadKeyError(
                f"a payload does not open with key {name!r}: it was changed on its way, or the "
                "line of that key in MENDWHEEL_PAYLOAD_KEYS_FILE is not the one it was written with"
            ) from None


class EncodedFailures(DefaultFailureConverter):
    """Messages and stack traces of errors are encrypted too; a missing key is named in the open."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)
        self._plain = DefaultFailureConverter()

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        if _lacks_key(exception):
            self._plain.to_failure(exception, payload_converter, failure)
        else:
            super().to_failure(exception, payload_converter, failure)


def _lacks_key(exception: BaseException | None) -> bool:
    while exception is not None:
        if isinstance(exception, PayloadKeyError):
            return True
        exception = exception.__cause__
    return False


def _sealed(payload: Payload, key: PayloadKey) -> Payload:
    nonce = os.urandom(_NONCE)
    sealed = _cipher(key).encrypt(nonce, payload.SerializeToString(), _bound(key))
    metadata = {"encoding": ENCODING, KEY_ID: key.id.encode()}
    return Payload(metadata=metadata, data=nonce + sealed)


def _bound(key: PayloadKey) -> bytes:
    """What may not be changed beside the sealed part."""
    return ENCODING + b" " + key.id.encode()


def _cipher(key: PayloadKey) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key.key)
