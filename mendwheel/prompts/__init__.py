"""Versioned prompts, one file a version. Files are only added: outcomes are attributed to them."""

from mendwheel.prompts.library import UnknownPrompt, load, versions

__all__ = ["UnknownPrompt", "load", "versions"]
