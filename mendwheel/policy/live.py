"""Today's policy, read when it is asked for. A broken file forbids everything."""

import threading
from importlib import resources
from pathlib import Path

from mendwheel.policy.examples import check
from mendwheel.policy.file import Policy, PolicyError, parse

DEFAULT = resources.files("mendwheel.policy").joinpath("default.toml")


class LivePolicy:
    """Re-reads its file when it changed. Safe to use from any thread."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._policy: Policy | None = None

    def load(self) -> Policy:
        """The policy of this moment.

        Raises:
            PolicyError: the file is missing, malformed, or fails its own tests.
        """
        if self._path is None:
            return self._default()
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            with self._lock:
                if self._policy is None or stamp != self._stamp:
                    text = self._path.read_text("utf-8")
                    self._policy, self._stamp = check(parse(text, name=str(self._path))), stamp
                return self._policy
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise PolicyError(f"the policy {self._path} cannot be read: {why}") from error

    def now(self) -> Policy:
        """Like `load`, but a broken policy fails closed: nothing acts until it is mended."""
        try:
            return self.load()
        except PolicyError as error:
            return Policy(version=f"broken: {error}"[:200], kill_switch=True)

    def _default(self) -> Policy:
        with self._lock:
            if self._policy is None:
                self._policy = check(parse(DEFAULT.read_text("utf-8"), name="the default policy"))
            return self._policy
