"""Fakes and counterparts, for the suite's tests and for yours.

`ScriptedModel` and `InMemoryBudgets` implement ports in memory. `SlackSide` and `JiraSide` are a
Slack and a Jira on local ports, with the ways in which the real ones fail, on order.
"""

from mendwheel.testing.fakes import InMemoryBudgets, ScriptedModel
from mendwheel.testing.faults import Fault, FaultKind
from mendwheel.testing.jira_side import JiraSide
from mendwheel.testing.jira_state import JiraComment, JiraIssue, JiraTransition
from mendwheel.testing.sending import Answer
from mendwheel.testing.slack_mail import Signing
from mendwheel.testing.slack_side import SlackSide
from mendwheel.testing.slack_state import SlackMessage

__all__ = [
    "Answer",
    "Fault",
    "FaultKind",
    "InMemoryBudgets",
    "JiraComment",
    "JiraIssue",
    "JiraSide",
    "JiraTransition",
    "ScriptedModel",
    "Signing",
    "SlackMessage",
    "SlackSide",
]
