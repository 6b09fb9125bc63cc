"""Attacks on the whole suite by way of untrusted text, with a model that obeys every attacker.

Each case is played against the real thing with its defences, and against the same thing without
them, to show that the case is a live one. Then tickets that only sound alarming.
"""

from bench.injection.run import main

__all__ = ["main"]
