"""Vouches for who decided: an HMAC by the edge that authenticated the person (DESIGN §4).

Whoever can send signals to Temporal can write any name into a decision; without the key nobody
can make it count as that person's.
"""

import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import TypeVar

from mendwheel.domain.approval import Attestation, Attested
from mendwheel.security import private_file
from mendwheel.settings import Settings

_KEY_BYTES = 32
_FILE = "attestation.key"


class AttestationKeyError(RuntimeError):
    """The key file cannot be used; the message names it and the way out."""


Said = TypeVar("Said", bound=Attested)


def sign(decision: Said, *, edge: str, key: bytes) -> Said:
    """A copy of `decision` that `edge` vouches for. Anything changed later breaks it."""
    mac = _mac(decision, edge, key)
    vouched = Attestation(edge=edge, key_id=_key_id(key), mac=mac)
    return decision.model_copy(update={"attestation": vouched})


def verify(decision: Attested, key: bytes) -> bool:
    """Whether `decision` stands as its edge signed it with `key`. False when it is not signed."""
    if decision.attestation is None:
        return False
    expected = _mac(decision, decision.attestation.edge, key)
    # As bytes: comparing text raises on anything beyond ASCII, and the sender chose this text.
    given = decision.attestation.mac.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(expected.encode(), given)


def load_key(settings: Settings) -> bytes:
    """The key from the settings, or the one in `home`, made on first use.

    Raises:
        AttestationKeyError: the file is damaged, readable by others, or cannot be made.
    """
    if settings.attestation_key is not None:
        return settings.attestation_key.get_secret_value().encode()
    path = settings.home / _FILE
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            private_file.make_once(path, secrets.token_hex(_KEY_BYTES))
        return _read(path)
    except OSError as error:
        raise AttestationKeyError(
            f"{path}: {error.strerror or error}: make the folder writable"
            " or set MENDWHEEL_ATTESTATION_KEY"
        ) from error


def _read(path: Path) -> bytes:
    if private_file.guarded(path):
        raise AttestationKeyError(f"{path}: others may read this key: chmod 600 it")
    key = private_file.key_in(path, _KEY_BYTES)
    if key is None:
        raise AttestationKeyError(
            f"{path}: not a key of {_KEY_BYTES} bytes: delete it to have a new one made"
            " (decisions on their way count as unsigned then)"
        )
    return key


def _mac(decision: Attested, edge: str, key: bytes) -> str:
    signed = {"decision": decision.signed_part(), "edge": edge, "key_id": _key_id(key)}
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode("ascii"), hashlib.sha256).hexdigest()


def _key_id(key: bytes) -> str:
    """Tells keys apart in records without giving them away."""
    return hmac.new(key, b"mendwheel attestation key id", hashlib.sha256).hexdigest()[:8]
