"""Subjects as Slack shows them: a mention only for an id that an edge or a policy has named."""

import re

from mendwheel.domain.outside import SLACK_GROUP
from mendwheel.integrations.slack.escape import plain

_USER = re.compile(r"slack:([UW][A-Z0-9]{1,40})")
_GROUP = re.compile(r"slack(?:-group)?:(S[A-Z0-9]{1,40})")
_USER_INSIDE = re.compile(r"(?<!\w)slack:([UW][A-Z0-9]{1,40})(?!\w)")


def person(subject: str) -> str:
    """`slack:U1` and `slack:S1` as mentions, anybody else by name. Only for trusted subjects."""
    if user := _USER.fullmatch(subject):
        return f"<@{user[1]}>"
    if group := _GROUP.fullmatch(subject):
        return f"<!subteam^{group[1]}>"
    return plain(subject.removeprefix(SLACK_GROUP))


def with_people(text: str) -> str:
    """`text` escaped, users in it as mentions. Only where the suite itself wrote the text."""
    return _USER_INSIDE.sub(r"<@\1>", plain(text))
