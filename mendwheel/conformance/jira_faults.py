"""Jira fails in the middle of a write. People must see one comment, and the app must live on."""

from typing import Any

from mendwheel.conformance.promise import expect, promise
from mendwheel.conformance.slack_faults import after_the_fault
from mendwheel.conformance.stage import Stage
from mendwheel.testing.faults import Fault

CREATE = "comment.create"


async def _one(stage: Stage, kind: str, name: str = CREATE, **more: Any) -> tuple[str, Fault]:
    """A new issue whose first comment meets `kind`: (what was seen, the fault)."""
    usual, key = await stage.usual_comments(), stage.issue(quiet=True)
    fault = stage.jira.fault(name, kind, at=key, hold=stage.hold, **more)
    await stage.jira.webhook(stage.webhook, stage.jira.news("jira:issue_created", key))
    await stage.until(lambda: fault.spent or stage.comments(key), "anything on the issue")
    if not fault.spent:
        return f"it makes no use of {name}", fault

    looking = {name} if name != CREATE else {CREATE, "comment.list"}

    def looks() -> int:
        calls = [each for each in list(stage.jira.calls) if each.key == key]
        return sum(1 for each in calls if each.operation in looking)

    await after_the_fault(stage, fault, looks)
    found = await stage.settled(lambda: stage.comments(key), "a comment after the fault")
    if found < usual:  # what follows the first comment may take its time
        found = await stage.settled(lambda: stage.comments(key), "the comments", least=usual)
    expect(found == usual, f"{found} comments, and {usual} without the fault")
    return f"{found} comments, as without", fault


@promise("jira-rate-limited", "After 429 with a date the app waits until then, and comments once.")
async def rate_limited(stage: Stage) -> str:
    seen, fault = await _one(stage, "rate_limited", retry_after=2, http_date=True)
    assert fault.at is not None
    met = fault.met_at[0]
    later = [each.at - met for each in stage.jira.calls_of(CREATE, fault.at)]
    again = min((each for each in later if each > 0), default=0.0)
    expect(again >= 1.9, f"it came back after {again:.1f} s, and was told to wait for 2")
    return f"{seen}, after {again:.1f} s"


@promise("jira-unavailable", "After 503 the comment is made once.")
async def unavailable(stage: Stage) -> str:
    return (await _one(stage, "unavailable"))[0]


@promise("jira-read-unavailable", "An issue that cannot be read at first is answered all the same.")
async def read_unavailable(stage: Stage) -> str:
    return (await _one(stage, "unavailable", "issue.read"))[0]


@promise("jira-answer-lost", "A comment whose answer was lost is not made again.")
async def answer_lost(stage: Stage) -> str:
    return (await _one(stage, "executed_answer_lost"))[0]


@promise("jira-late-write", "A comment that lands after its sender gave up is not made again.")
async def late_write(stage: Stage) -> str:
    return (await _one(stage, "in_flight"))[0]
