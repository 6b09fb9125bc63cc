"""A server of the standard library that answers from a thread while a test runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer


@contextmanager
def listening(server: BaseServer) -> Iterator[None]:
    """The server answers in the block and is closed behind it.

    Whatever its handlers wait for has to be released before: the thread is waited for.
    """
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
