"""What stands in for Slack and Jira in tests, benches and the chat demonstration: real processes.

None of them sends what people do: slash commands, clicks and Jira's webhooks are made, signed and
sent by whoever tests. Each module says what its counterpart does and what it does not.
"""

from tests.counterparts.backlot import BacklotCounterpart
from tests.counterparts.jira import JiraCounterpart
from tests.counterparts.process import CounterpartFailed
from tests.counterparts.slack import SIGNING_SECRET, SlackCounterpart

__all__ = [
    "SIGNING_SECRET",
    "BacklotCounterpart",
    "CounterpartFailed",
    "JiraCounterpart",
    "SlackCounterpart",
]
