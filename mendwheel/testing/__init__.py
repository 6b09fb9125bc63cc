"""Fakes and counterparts, for the suite's tests and for yours.

`ScriptedModel` and `InMemoryBudgets` implement ports in memory. `SlackSide` is a Slack on a local
port, with all the ways in which the real one fails on order.
"""

from mendwheel.testing.fakes import InMemoryBudgets, ScriptedModel
from mendwheel.testing.faults import Fault, FaultKind
from mendwheel.testing.sending import Answer
from mendwheel.testing.slack_mail import Signing
from mendwheel.testing.slack_side import SlackSide
from mendwheel.testing.slack_state import SlackMessage

__all__ = [
    "Answer",
    "Fault",
    "FaultKind",
    "InMemoryBudgets",
    "ScriptedModel",
    "Signing",
    "SlackMessage",
    "SlackSide",
]
