"""Where a batch keeps its state: a folder named by everything that decides its results."""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import mendwheel
from mendwheel.batch.tickets import BatchTicket
from mendwheel.domain.ids import digest
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.settings import Settings

_DECISIVE = {
    "tenant",
    "thresholds",
    "limits",
    "model",
    "model_base_url",
    "model_routes",
    "model_max_tokens",
    "model_context_chars",
    "token_budget",
    "prompt_versions",
    "agent_reads",
    "tenant_labels",
}
"""Settings that a ticket's result depends on; the others may change between two sittings."""

KEPT_DAYS = 7


def batch_key(tickets: Sequence[BatchTicket], knowledge: Sequence[Path], settings: Settings) -> str:
    """Twelve characters; the same for the same tickets, knowledge, settings and code.

    Raises EmbedderError: an embedder is asked for that is not installed.
    """
    embedder = chosen_embedder(settings)
    parts = {
        "tickets": [ticket.model_dump(mode="json") for ticket in tickets],
        "knowledge": [content_digest(path) for path in knowledge],
        "settings": settings.model_dump(mode="json", include=_DECISIVE),
        "embedder": embedder.identity if embedder else "",
        "code": content_digest(Path(mendwheel.__file__).parent),
    }
    return digest(parts)[:12]


def content_digest(path: Path) -> str:
    """SHA-256 over a file, or over the names and contents of a folder's files.

    Raises:
        OSError: something cannot be read.
    """
    whole = hashlib.sha256()
    for name, file in _files(path):
        whole.update(f"{name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as content:
            for block in iter(lambda: content.read(1 << 20), b""):
                whole.update(block)
    return whole.hexdigest()


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if not path.is_dir():
        yield path.name, path
        return
    # Links are followed: three rooms of the package are links in a checkout.
    for folder, inside, names in os.walk(path, followlinks=True):
        inside[:] = sorted(n for n in inside if n != "__pycache__" and not n.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and file.is_file():
                yield file.relative_to(path).as_posix(), file


def folder_of(settings: Settings, key: str) -> Path:
    """Where the batch `key` lives. Made when it is not there; its age starts anew."""
    folder = settings.home.absolute() / "batch" / key
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    return folder


def prune(kept: Path) -> list[Path]:
    """Remove the batches beside `kept` that nobody has used for a week; returns them."""
    limit = time.time() - KEPT_DAYS * 24 * 3600
    others = [other for other in kept.parent.iterdir() if other.is_dir() and other != kept]
    old = [other for other in others if _last_used(other) < limit]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return old


def _last_used(folder: Path) -> float:
    return max([folder.stat().st_mtime, *_of_files(folder, lambda state: state.st_mtime)])


def size(folder: Path) -> int:
    """Bytes on disk."""
    return int(sum(_of_files(folder, lambda state: state.st_size)))


def _of_files(folder: Path, read: Callable[[os.stat_result], float]) -> Iterator[float]:
    """What `read` says of each file. A batch that runs beside us removes some meanwhile."""
    for file in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield read(file.stat())
