"""What comes from Jira: who may send, what counts once, and what must not come back as an echo."""

import asyncio
import time

from mendwheel.conformance.promise import expect, promise
from mendwheel.conformance.stage import Stage, refused, taken
from mendwheel.testing.jira_state import News
from mendwheel.testing.jira_webhooks import Proof

WRITES_OF_ONE_TICKET = 30
"""More writes than this on one issue are a loop, or noise nobody reads."""


async def _nothing_from(stage: Stage, proof: Proof, secret: str | None, what: str) -> str:
    key = stage.issue(quiet=True)
    news = stage.jira.news("jira:issue_created", key)
    answer = await stage.jira.webhook(stage.webhook, news, proof=proof, secret=secret)
    refused(answer, f"a webhook {what}")
    await stage.silent(lambda: len(stage.jira.writes(key)), f"writes after a webhook {what}")
    return f"{answer.status}, and nothing happened"


@promise("jira-wrong-signature", "A webhook with a wrong signature is refused.")
async def wrong_signature(stage: Stage) -> str:
    return await _nothing_from(stage, "hmac", "somebody-else-entirely-0123456789", "signed wrongly")


@promise("jira-no-signature", "A webhook without any proof of its sender is refused.")
async def no_signature(stage: Stage) -> str:
    return await _nothing_from(stage, "none", None, "without a signature")


@promise("jira-new-issue", "A new issue gets a comment.")
async def new_issue(stage: Stage) -> str:
    started, key = time.monotonic(), stage.issue(quiet=True)
    news = stage.jira.news("jira:issue_created", key)
    taken(await stage.jira.webhook(stage.webhook, news), "a webhook")
    await stage.until(lambda: stage.comments(key), "a comment on a new issue")
    return f"after {time.monotonic() - started:.1f} s"


@promise("jira-redelivered", "A webhook delivered three times acts as one delivered once.")
async def redelivered(stage: Stage) -> str:
    usual, key = await stage.usual_comments(), stage.issue(quiet=True)
    news = stage.jira.news("jira:issue_created", key)
    for retry in range(3):
        await stage.jira.webhook(stage.webhook, news, name=f"same-{key}", retry=retry)
    found = await stage.settled(lambda: stage.comments(key), "a comment")
    expect(found == usual, f"{found} comments for three deliveries, {usual} for one")
    return f"{found}, as for one"


@promise("jira-reordered", "An update that comes before the creation makes no second answer.")
async def reordered(stage: Stage) -> str:
    usual, key = await stage.usual_comments(), stage.issue(quiet=True)
    created = stage.jira.news("jira:issue_created", key)
    stage.jira.human_labels(key, "customer", quiet=True)
    updated = stage.jira.news("jira:issue_updated", key)
    await stage.jira.webhook(stage.webhook, updated)
    await stage.jira.webhook(stage.webhook, created)
    found = await stage.settled(lambda: stage.comments(key), "a comment")
    expect(found == usual, f"{found} comments, and {usual} in the right order")
    return f"{found}, as in order"


@promise("jira-no-loop", "The app's own comments and changes do not set it off again.")
async def no_loop(stage: Stage) -> str:
    key = stage.issue()
    made = await stage.settled(lambda: len(stage.jira.writes(key)), "a write to a new issue")
    expect(made <= WRITES_OF_ONE_TICKET, f"{made} writes, and more to come")
    await stage.silent(lambda: len(stage.jira.writes(key)), "writes after it was done", made)
    told = [each for each in stage.jira.sent if each.key == key]
    return f"{made} writes, {len(told)} webhooks, then silence"


@promise("jira-own-comment", "A webhook for the app's own comment is no news.")
async def own_comment(stage: Stage) -> str:
    key, bot = stage.issue(), stage.jira.site.bot
    made = await stage.settled(lambda: stage.comments(key), "a comment on a new issue")
    comment = stage.jira.comments(key, by_app=True)[0]
    news = News("comment_created", stage.ticket(key), bot, comment=comment)
    for _ in range(2):
        taken(await stage.jira.webhook(stage.webhook, news), "the webhook")
    await stage.silent(lambda: stage.comments(key), "comments on its own comment", made)
    return "nothing happened"


@promise("jira-unknown-event", "An event that has nothing to do with tickets is answered.")
async def unknown_event(stage: Stage) -> str:
    body = {"timestamp": 1, "webhookEvent": "jira:version_released", "version": {"id": "1"}}
    answer = await stage.jira.webhook_body(stage.webhook, body)
    expect(0 < answer.status < 500, f"it got {answer.status}: {answer.body[:80]}")
    return f"{answer.status}"


@promise("jira-issue-gone", "A webhook for an issue that is gone stops nothing but itself.")
async def issue_gone(stage: Stage) -> str:
    key = stage.issue(quiet=True)
    news = stage.jira.news("jira:issue_created", key)
    del stage.jira.site.issues[key]
    answer = await stage.jira.webhook(stage.webhook, news)
    expect(0 < answer.status < 500, f"it got {answer.status}: {answer.body[:80]}")
    await stage.alive_for_jira()
    return f"{answer.status}, and alive"


@promise("jira-garbage", "Signed nonsense is refused, and the next webhook is taken.")
async def garbage(stage: Stage) -> str:
    answer = await stage.jira.webhook_body(stage.webhook, b"{nonsense")
    refused(answer, "nonsense")
    await stage.alive_for_jira()
    return f"{answer.status}, and alive"


@promise("jira-too-large", "A body of two megabytes is refused, and the next webhook is taken.")
async def too_large(stage: Stage) -> str:
    body = b'{"webhookEvent":"jira:issue_created","pad":"' + b"x" * 2_000_000 + b'"}'
    answer = await stage.jira.webhook_body(stage.webhook, body)
    # A server that hangs up in the middle of a body has refused it as well.
    expect(answer.status in (0, 400, 413), f"it got {answer.status}")
    await stage.alive_for_jira()
    return f"{answer.status or 'hung up'}, and alive"


@promise("jira-burst", "Twelve webhooks at the same moment are all answered in time.")
async def burst(stage: Stage) -> str:
    keys = [stage.issue(quiet=True) for _ in range(3)]
    news = [stage.jira.news("jira:issue_created", key) for key in keys * 4]
    answers = await asyncio.gather(*(stage.jira.webhook(stage.webhook, each) for each in news))
    for answer in answers:
        taken(answer, "a webhook")
    return f"the slowest after {max(each.seconds for each in answers) * 1000:.0f} ms"
