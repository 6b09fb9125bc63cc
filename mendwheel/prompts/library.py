"""Finds a prompt by its version, so that a frozen playbook means the same text for ever."""

from functools import cache
from importlib import resources

_SUFFIX = ".md"


class UnknownPrompt(LookupError):
    """No prompt has this version."""


@cache
def versions() -> tuple[str, ...]:
    """Every prompt version there is, such as `triage-1`, in order."""
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


@cache
def load(version: str) -> str:
    """The text of one prompt version.

    Raises:
        UnknownPrompt: there is no such version; the message lists those there are.
    """
    # Looked up in the list rather than opened by name: a version must not be a way out of here.
    if version not in versions():
        raise UnknownPrompt(f"no prompt version {version!r}: use one of {', '.join(versions())}")
    return (resources.files(__package__) / f"{version}{_SUFFIX}").read_text(encoding="utf-8")
