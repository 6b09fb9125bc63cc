"""Secrets that are recognised wherever they turn up, and the looking for them."""

import base64
import json
import secrets
import sqlite3
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from mendwheel.settings import Settings


class Canary(NamedTuple):
    """`kind` says where it was put: a setting, a report, a tool's answer, a document."""

    kind: str
    name: str
    value: str


class Found(NamedTuple):
    """A canary where somebody can read it."""

    canary: str
    place: str


def of_settings() -> dict[str, Canary]:
    """One for every setting that holds a secret, whatever settings there will be."""
    fields = Settings.model_fields.items()
    return {
        name: Canary("setting", name, f"canary-{name}-{secrets.token_hex(12)}")
        for name, field in fields
        if field.annotation in (SecretStr, SecretStr | None, dict[str, SecretStr])
    }


def in_text(kind: str) -> list[Canary]:
    """What people paste: secrets of known shapes."""

    def token(length: int) -> str:
        return secrets.token_hex(length)[:length]

    values = {
        "password": f"hunter-{token(10)}",
        "github": f"ghp_{token(36)}",
        "aws": f"AKIA{token(16).upper()}",
        "slack": f"xoxb-{token(24)}",
        "openai": f"sk-proj-{token(32)}",
        "bearer": token(40),
    }
    return [Canary(kind, name, value) for name, value in values.items()]


def told(canaries: Iterable[Canary]) -> str:
    """The canaries as people write them."""
    wording = {
        "password": "password: {}",
        "bearer": "curl -H 'Authorization: Bearer {}'",
        "github": "git clone https://me:{}@example.net/x.git",
    }
    lines = [wording.get(each.name, "key {}").format(each.value) for each in canaries]
    return "\n".join(lines)


def look(canaries: Iterable[Canary], places: Mapping[str, Iterable[bytes]]) -> set[Found]:
    """Each canary in each place, plain or in a coat that anybody can take off."""
    needles = [(canary, list(_coats(canary.value))) for canary in canaries]
    return {
        Found(f"{canary.kind} {canary.name}", place)
        for place, pieces in places.items()
        for piece in pieces
        for canary, coats in needles
        if any(coat in piece for coat in coats)
    }


def _coats(value: str) -> Iterator[bytes]:
    raw = value.encode()
    yield raw
    yield urllib.parse.quote(value, safe="").encode()
    yield json.dumps(value)[1:-1].encode()
    yield raw.hex().encode()
    yield value.encode("utf-16-le")
    for shift in range(3):  # base64 of a text around it, as in `Basic user:token`
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0 : len(coded) - 4]


def files(*folders: Path, name: str = "*") -> Iterator[bytes]:
    """Every file below the folders, whole."""
    for folder in folders:
        for path in sorted(folder.rglob(name)):
            if path.is_file():
                yield path.read_bytes()


def store(path: Path) -> dict[str, list[bytes]]:
    """Table → its values, what is packed unpacked; the files as they are come besides."""
    found: dict[str, list[bytes]] = {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for name in names:
            try:
                rows = db.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            except sqlite3.OperationalError:
                continue  # a table of an extension that this connection does not have
            found[name] = [_unpacked(value) for row in rows for value in row]
    return found


def _unpacked(value: object) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return raw
