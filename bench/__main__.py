"""Runs one bench by its name; SEEDS and DATA come from the environment, as the Makefile sets."""

import json
import logging
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TextIO


def main() -> int:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if not name.isidentifier() or find_spec(f"bench.{name}") is None:
        sys.stderr.write("usage: python -m bench NAME, for example throughput or latency\n")
        return 2
    logging.basicConfig(level=logging.ERROR)
    with _result_alone() as out:
        out.write(json.dumps(import_module(f"bench.{name}").main()) + "\n")
    return 0


def _result_alone() -> TextIO:
    """Where the result goes. The SDK's core logs to descriptor 1: from now on that is stderr."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8")


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # On CPython 3.11 the SDK's native threads can abort an interpreter that shuts down.
    os._exit(code)
