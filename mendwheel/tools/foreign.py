"""Tools of systems that describe themselves: what may be asked of them, and how that may end."""

from typing import Any, Protocol

from mendwheel.domain.remedy import CheckResult


class NotWritten(Exception):
    """Nothing was sent, so nothing has changed. One line that names the thing and the way out."""


class Failed(Exception):
    """It was called and said itself that it failed. One line."""


class OutcomeUnknown(Exception):
    """It was called and its answer was lost: it may have changed something. One line."""


class ForeignTools(Protocol):
    """Calls tools by their registered names, `SERVER.TOOL`, in the caller's thread."""

    def names(self) -> list[str]:
        """The writes that the settings allow, whether or not their server is there."""
        ...

    def write(self, name: str, arguments: dict[str, Any]) -> str:
        """Call once and never again; what it answered.

        Raises:
            NotWritten, Failed, OutcomeUnknown
        """
        ...

    def check(self, name: str, arguments: dict[str, Any]) -> CheckResult:
        """Read whether it helped; red where no check is set or its server does not answer."""
        ...
