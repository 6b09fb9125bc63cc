"""Takes a batch's knowledge into its store, once; a crash in between costs only time."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mendwheel.domain.knowledge import Document
from mendwheel.integrations.embedding.chosen import chosen_embedder
from mendwheel.knowledge.sources import Problem, read_documents
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

Progress = Callable[[int], None]
"""Told the number of documents taken in so far, or of passages embedded."""


def take_in(
    paths: Sequence[Path],
    folder: Path,
    settings: Settings,
    progress: Progress,
    embedding: Progress | None = None,
) -> list[str]:
    """Fill the batch's store from `paths`; returns one line for each thing that could not be read.

    Raises:
        EmbedderError: an embedder is asked for and does not work.
        FileNotFoundError: a path does not exist.
        StoreUnavailable: the store cannot be written.
        ValueError: nothing at all could be read; the first problem is the message.
    """
    marker = folder / "knowledge.done"
    if marker.exists():
        return marker.read_text("utf-8").splitlines()
    sources = [read_documents(path) for path in paths]
    problems: list[str] = []
    with Stores(settings.store_path, chosen_embedder(settings)) as stores:
        # Adding is idempotent by document, so what a killed attempt left needs no clearing up.
        stores.knowledge.add(settings.tenant, _documents(sources, problems, progress))
        if not stores.knowledge.count(settings.tenant):
            raise ValueError(f"no document could be read: {problems[0] if problems else 'none'}")
        stores.knowledge.embed(settings.tenant, lambda done, _: embedding and embedding(done))
    # Only now: a marker over half a library would make every later result quietly worse.
    partial = marker.with_suffix(".partial")
    partial.write_text("\n".join(problems), "utf-8")
    partial.replace(marker)
    return problems


def _documents(
    sources: Sequence[Iterator[Document | Problem]], problems: list[str], progress: Progress
) -> Iterator[Document]:
    taken = 0
    for source in sources:
        for each in source:
            if isinstance(each, Problem):
                problems.append(" ".join(str(each).split()))
                continue
            taken += 1
            progress(taken)
            yield each
