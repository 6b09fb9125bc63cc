"""Vouches for who decided: an HMAC by the edge that authenticated the person (DESIGN §4).

Whoever can send signals to Temporal can write any name into a decision; without the key nobody
can make it count as that person's.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
from pathlib import Path
from typing import TypeVar

from mendwheel.domain.approval import Attestation, Attested
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
            _create(path)
        return _read(path)
    except OSError as error:
        raise AttestationKeyError(
            f"{path}: {error.strerror or error}: make the folder writable"
            " or set MENDWHEEL_ATTESTATION_KEY"
        ) from error


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole and only once: of two processes, the second finds the first's key.
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise AttestationKeyError(f"{path}: others may read this key: chmod 600 it")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
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
