"""Exit codes, and what an error means to the person at the terminal."""

import sys
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Every exit code, for scripts. `docs/reference/cli.md` lists them."""

    OK = 0
    CHECK = 1
    USAGE = 2
    PARTIAL = 3
    NOT_FOUND = 4
    REFUSED = 5
    UNREACHABLE = 6
    STORE = 7
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done",
    Exit.CHECK: "a check or a policy's test failed, a promise is broken, or `up` lost its worker",
    Exit.USAGE: "bad input, usage or settings",
    Exit.PARTIAL: "done in part; what was left out is named on stderr",
    Exit.NOT_FOUND: "no such ticket, effect or promise",
    Exit.REFUSED: "the decision does not count, or a repeated effect could be done twice",
    Exit.UNREACHABLE: "Temporal does not answer",
    Exit.STORE: "the store cannot be read or written",
    Exit.INTERRUPTED: "interrupted with Ctrl-C",
}


class CommandError(Exception):
    """A command cannot do what it was asked; the message names the thing and the way out."""

    def __init__(self, message: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code


def explained(error: BaseException) -> tuple[str, Exit] | None:
    """What to say about `error` and how to leave; None for a mistake of ours."""
    if isinstance(error, CommandError):
        return str(error), error.code
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror or error}: check the path and its rights", Exit.USAGE
    # Only now: these modules cost more than most commands need.
    from mendwheel.ports import EmbedderError, StoreUnavailable
    from mendwheel.security.attestation import AttestationKeyError
    from mendwheel.security.payload_keys import PayloadKeyError
    from mendwheel.settings import SettingsError

    if isinstance(error, StoreUnavailable):
        return str(error), Exit.STORE
    if isinstance(error, SettingsError | AttestationKeyError | PayloadKeyError | EmbedderError):
        return str(error), Exit.USAGE
    return _of_temporal(error)


def _of_temporal(error: BaseException) -> tuple[str, Exit] | None:
    from temporalio.service import RPCError

    from mendwheel.integrations.reach import (
        DecisionRefused,
        IntakeError,
        TemporalUnreachable,
        TicketNotFound,
    )

    codes: dict[type[IntakeError], Exit] = {
        TicketNotFound: Exit.NOT_FOUND,
        TemporalUnreachable: Exit.UNREACHABLE,
        DecisionRefused: Exit.REFUSED,
    }
    if isinstance(error, IntakeError):
        return str(error), codes.get(type(error), Exit.USAGE)
    if isinstance(error, RPCError):
        return f"Temporal said: {error.message}: `mendwheel doctor` looks further", Exit.UNREACHABLE
    # How the SDK says it, where a client was made without asking first whether anybody listens.
    failed = ("Failed client connect", "invalid target URL")
    if isinstance(error, RuntimeError | ValueError) and str(error).startswith(failed):
        way_out = "start it with `mendwheel up`, or set MENDWHEEL_TEMPORAL_ADDRESS"
        return f"Temporal is not reachable: {way_out}", Exit.UNREACHABLE
    return None


def run_program(name: str, work: Coroutine[Any, Any, None]) -> int:
    """Run a program beside the command line, whose errors are said in the same way."""
    import asyncio

    try:
        asyncio.run(work)
    except Exception as error:
        known = explained(error)
        if known is None:
            raise
        sys.stderr.write(f"{name}: {known[0]}\n")
        return known[1]
    return Exit.OK
