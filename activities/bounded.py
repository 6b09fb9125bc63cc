"""Calls that may hang or raise anything, each in a thread of its own.

A thread cannot be broken off. A call that does not return in time is left behind with its thread:
its late result is thrown away, and it is not made again until that thread has returned.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future

from mendwheel.ports import SenseError

Call = Future[object]


class Bounded:
    """Calls by name, and which of them hang."""

    def __init__(self) -> None:
        self._left_behind: Counter[str] = Counter()
        self._lock = threading.Lock()

    def start(self, name: str, call: Callable[[], object]) -> Call | None:
        """The call under way; None where an earlier one of its name still hangs."""
        with self._lock:
            if self._left_behind[name]:
                return None
        done: Call = Future()

        def run() -> None:
            try:
                done.set_result(call())
            except Exception as error:  # told to whoever waits for the result
                done.set_exception(error)
            except BaseException as error:  # sys.exit(): it would hang for ever in our eyes
                done.set_exception(SenseError(f"failed ({type(error).__name__})"))

        threading.Thread(target=run, name=name, daemon=True).start()
        return done

    def leave_behind(self, name: str, call: Call) -> None:
        with self._lock:
            self._left_behind[name] += 1

        def returned(_: object) -> None:
            with self._lock:
                self._left_behind[name] -= 1

        call.add_done_callback(returned)
