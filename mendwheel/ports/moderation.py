"""Whoever says whether a text may pass, as a Protocol. Adapters: gateway/."""

from typing import Protocol


class ModerationUnavailable(RuntimeError):
    """Nobody could judge the text; whoever asked treats it as suspicious."""


class Moderator(Protocol):
    """Judges texts; secrets and personal data are hidden in them already."""

    async def asked(self, text: str) -> list[str]:
        """What is wrong with a report, one short phrase each; empty: nothing.

        Raises:
            ModerationUnavailable
        """
        ...

    async def said(self, text: str) -> list[str]:
        """What is wrong with a model's answer, likewise."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; it may be used again."""
        ...
