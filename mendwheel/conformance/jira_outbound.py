"""What an app writes to Jira: valid documents, and nothing of what people wrote is lost."""

import asyncio

from mendwheel.conformance.promise import expect, promise
from mendwheel.conformance.slack_outbound import hostile
from mendwheel.conformance.stage import Stage, taken
from mendwheel.testing import adf

TRIES = 5
"""How often a refused transition may be tried."""


async def _done(stage: Stage, key: str) -> None:
    await stage.settled(lambda: len(stage.jira.writes(key)), "a write to the issue")


@promise("jira-empty-description", "An issue without a description gets its comment.")
async def empty_description(stage: Stage) -> str:
    key = stage.issue(description=None)
    await stage.until(lambda: stage.comments(key), "a comment")
    return "it does"


@promise("jira-hostile-issue", "A hostile description of 32,000 characters is answered validly.")
async def hostile_issue(stage: Stage) -> str:
    key = stage.issue(description=hostile(32_000))
    await stage.until(lambda: stage.comments(key), "a comment")
    await _done(stage, key)
    return f"{_no_problems(stage, key)} writes, none refused"


@promise("jira-labels", "Labels that people gave are still there.")
async def labels(stage: Stage) -> str:
    key = stage.issue(labels=["customer", "q4"])
    await _done(stage, key)
    left = stage.ticket(key).labels
    expect({"customer", "q4"} <= set(left), f"left are {left}")
    return f"{left}"


@promise("jira-words-of-people", "Summary, description and comments of people stay as they were.")
async def words_of_people(stage: Stage) -> str:
    key = stage.issue()
    comment = stage.jira.human_comment(key, "I saw this yesterday, too.", stage.jira.ben)
    before = (stage.ticket(key).summary, adf.to_text(stage.ticket(key).description))
    await _done(stage, key)
    after = (stage.ticket(key).summary, adf.to_text(stage.ticket(key).description))
    expect(before == after, "summary or description was changed")
    kept = comment in stage.ticket(key).comments and comment.editor is stage.jira.ben
    expect(kept, "a comment of a person was changed or deleted")
    return "they do"


@promise("jira-done-already", "An issue that is done already is not opened again.")
async def done_already(stage: Stage) -> str:
    key = stage.issue(quiet=True)
    stage.jira.human_transition(key, "Done", quiet=True)
    news = stage.jira.news("jira:issue_created", key)
    taken(await stage.jira.webhook(stage.webhook, news), "the webhook")
    await asyncio.sleep(2 * stage.calm)
    status = stage.ticket(key).status
    expect(status == "Done", f"it is {status} now")
    return status


@promise("jira-stubborn-workflow", "A workflow that refuses a transition costs no comment.")
async def stubborn_workflow(stage: Stage) -> str:
    key = stage.issue(quiet=True)
    said = "Root cause is required."
    stage.jira.fault("transition.do", "error", 1000, at=key, code=said, status=400)
    stage.jira.announce(stage.jira.news("jira:issue_created", key))
    await stage.until(lambda: stage.comments(key), "a comment")
    await _done(stage, key)
    tried = len(stage.jira.calls_of("transition.do", key))
    expect(tried <= TRIES, f"the refused transition was tried {tried} times")
    return f"transition tried {tried} times"


@promise("jira-valid", "Jira refuses no comment for its shape, in the whole run.", "seen")
async def valid(stage: Stage) -> str:
    count = _no_problems(stage, None)
    expect(count > 0, "nothing was written")
    return f"{count} writes, none refused"


def _no_problems(stage: Stage, key: str | None) -> int:
    written = [each for each in list(stage.jira.calls) if each.writes and not each.fault]
    written = [each for each in written if key is None or each.key == key]
    for call in written:
        expect(call.status != 400, f"{call.operation} on {call.key} was refused: {call.detail}")
    return len(written)
