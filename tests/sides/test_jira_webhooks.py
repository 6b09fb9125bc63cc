"""Webhooks of the local Jira: signed, repeated, and never without end."""

import asyncio

import pytest
from pydantic import SecretStr

from mendwheel.integrations.jira.signatures import Unsigned, verify
from mendwheel.testing import JiraSide
from mendwheel.testing.jira_webhooks import Proof
from tests.sides.recorder import Recorder, comment, eventually, library


@pytest.mark.parametrize("proof", ["hmac", "jwt", "automation"])
async def test_webhooks_prove_who_sent_them(
    cloud: JiraSide, recorder: Recorder, proof: Proof
) -> None:
    news = cloud.news("jira:issue_created", cloud.add_issue("x").key)
    await cloud.webhook(f"{recorder.origin}/", news, proof=proof)
    await cloud.webhook(
        f"{recorder.origin}/", news, proof=proof, secret="another-secret-of-32-bytes-long!!"
    )
    (right, right_body), (wrong, wrong_body) = recorder.requests
    secret = SecretStr(cloud.webhook_secret)
    verify(right, right_body, secret)
    with pytest.raises(Unsigned):
        verify(wrong, wrong_body, secret)


async def test_every_change_is_told_the_apps_own_changes_too(
    cloud: JiraSide, recorder: Recorder
) -> None:
    cloud.webhook_url = f"{recorder.origin}/"
    key = cloud.add_issue("x").key
    cloud.human_comment(key, "me too", cloud.ben)
    cloud.human_assign(key, cloud.ben)
    cloud.human_labels(key, "red", quiet=True)
    client = library(cloud)
    comment(client, cloud, key, "looking")
    client.close()
    await eventually(lambda: len(recorder.requests) == 4)
    told = [(each.event, each.who) for each in cloud.sent]
    assert told == [
        ("jira:issue_created", cloud.ann.id),
        ("comment_created", cloud.ben.id),
        ("jira:issue_updated", cloud.ann.id),
        ("comment_created", cloud.site.bot.id),
    ]


async def test_a_webhook_that_fails_is_repeated_under_its_name(
    cloud: JiraSide, recorder: Recorder
) -> None:
    recorder.status = 503
    cloud.webhook_url, cloud.webhook_retry_after = f"{recorder.origin}/", 0.01
    cloud.add_issue("x")
    await eventually(lambda: len(recorder.requests) == 3)
    names = {headers["x-atlassian-webhook-identifier"] for headers, _ in recorder.requests}
    retries = [headers.get("x-atlassian-webhook-retry") for headers, _ in recorder.requests]
    assert len(names) == 1
    assert retries == [None, "1", "2"]


async def test_a_loop_of_webhooks_ends(cloud: JiraSide, recorder: Recorder) -> None:
    cloud.webhook_url, cloud.webhook_most = f"{recorder.origin}/", 5
    key = cloud.add_issue("x").key
    for _ in range(20):
        cloud.human_comment(key, "again")
        await asyncio.sleep(0.01)
    assert len(cloud.sent) == 5
