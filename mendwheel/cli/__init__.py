"""The command line `mendwheel`. Importing this costs nothing; each command imports what it needs.

`main` is the entry point of the installed program, `mendwheel.cli.app.run` the one for tests.
"""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the program's own arguments and leave the process with their exit code."""
    from mendwheel.cli.app import run
    from mendwheel.cli.terminal import flush, forgive_encoding

    forgive_encoding()
    code = run(sys.argv[1:])
    flush()
    if "temporalio.bridge" in sys.modules:
        # On CPython 3.11 the SDK's native threads can abort an interpreter that shuts down, and
        # a command that succeeded would end with 134. Everything of ours is committed by now.
        os._exit(code)
    raise SystemExit(code)
