"""Mendwheel: durable, multi-agent ticket resolution on Temporal."""

__version__ = "0.1.0"
