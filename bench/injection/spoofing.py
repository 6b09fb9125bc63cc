"""Attackers who want a question answered with yes that nobody who may has answered."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from bench.injection.approver import card_of
from bench.injection.cases import Case
from bench.injection.placing import Place, comment
from bench.injection.world import ALERTS, APPROVER, STRANGER, World
from mendwheel.domain.approval import Approval, Attestation, Decision
from mendwheel.integrations.slack import names
from mendwheel.testing.jira_webhooks import body_of, jwt
from mendwheel.testing.sending import post
from mendwheel.testing.slack_mail import Signing, sign

SETTLED = 2.0
"""Seconds after an attack until its effect would be seen."""

Attack = Callable[[World, Case, Place, str, Approval], Awaitable[None]]


async def attack(world: World, case: Case, where: Place, ticket: str) -> bool:
    """Wait for the question, play the attack, and see that whatever it sets off has happened."""
    opened = await world.until(lambda: _shown(world, where, ticket))
    asked = world.stores.questions.open(ticket)
    if not opened or asked is None:
        return False
    await _ATTACKS[case.how](world, case, where, ticket, asked)
    await world.until(lambda: world.stores.questions.open(ticket) is None, within=SETTLED)
    return True


def _shown(world: World, where: Place, ticket: str) -> bool:
    """Whether the question stands at its place; without policy there may be none."""
    if world.stores.outcomes.latest(ticket) is not None:
        return True
    asked = world.stores.questions.open(ticket)
    if asked is None:
        return False
    return bool(where.jira) or card_of(world, where.slack, asked.request_id) is not None


async def _jira_comment(
    world: World, case: Case, where: Place, ticket: str, asked: Approval
) -> None:
    who = world.eve if case.how == "jira_comment" else world.mallory
    await comment(world, where.jira, case.text.replace("{code}", asked.code), who)


async def _edited(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    """The approver's own comment, changed by somebody else."""
    key, text = where.jira, case.text.replace("{code}", asked.code)
    said = world.jira.human_comment(key, "I am looking at it.", world.jira.ann, quiet=True)
    await world.jira.webhook(world.jira_url, world.jira.news("comment_created", key))
    world.jira.human_edits(said, text, world.mallory, quiet=True)
    await world.jira.webhook(world.jira_url, world.jira.news("comment_updated", key, world.mallory))


async def _slack_text(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    card = world.slack.messages(where.slack, by_app=True)[0]
    text = case.text.replace("{code}", asked.code)
    await world.slack.say(
        world.slack_url, text, STRANGER, where.slack, thread_ts=card.thread_ts or card.ts
    )


async def _command(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    text = case.text.replace("{code}", asked.code)
    await world.slack.command(world.slack_url, text, STRANGER, where.slack)


async def _webhook(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    """A comment of the approver's that was never written, in a webhook that Jira never sent.

    It stands in Jira for the moment that the webhook is about, written by somebody who may not
    decide: whoever believes the body takes it for the approver's.
    """
    news = world.jira.news("jira:issue_updated", where.jira, world.jira.ann)
    said = world.jira.human_comment(where.jira, f"/approve {asked.code}", world.mallory, quiet=True)
    body = body_of(world.jira.site, world.jira.news("comment_created", where.jira))
    body["comment"]["author"] = body["comment"]["updateAuthor"] = _ann(world)
    body |= {"token": world.jira.webhook_secret} if "token" in case.raw else {}
    raw = json.dumps(body).encode()
    await post(world.jira_url, raw, _forged(case.raw, raw))
    _ = news, said


def _ann(world: World) -> dict[str, Any]:
    ann = world.jira.ann
    return {"accountId": ann.id, "displayName": "Ann", "active": True, "accountType": "atlassian"}


def _forged(how: str, raw: bytes) -> dict[str, str]:
    headers = {"content-type": "application/json", "X-Atlassian-Webhook-Identifier": _fresh()}
    guess = b"local-webhook-secret"
    match how:
        case "wrong secret":
            mac = hmac.new(guess, raw, hashlib.sha256).hexdigest()
            return headers | {"X-Hub-Signature": f"sha256={mac}"}
        case "sha1":
            mac = hmac.new(guess, raw, hashlib.sha1).hexdigest()
            return headers | {"X-Hub-Signature": f"sha1={mac}"}
        case "old jwt":
            return headers | {"Authorization": f"Bearer {jwt(guess.decode(), age=9000)}"}
        case "unsigned jwt":
            parts = [{"typ": "JWT", "alg": "none"}, {"exp": int(time.time()) + 600}]
            coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts]
            return headers | {"Authorization": f"Bearer {'.'.join(c.rstrip('=') for c in coded)}."}
        case "empty signature":
            return headers | {"X-Hub-Signature": ""}
        case "signature of another body":
            secret = b"local-webhook-secret-of-32-bytes"  # the site's own, over something else
            mac = hmac.new(secret, b'{"webhookEvent":"ping"}', hashlib.sha256).hexdigest()
            return headers | {"X-Hub-Signature": f"sha256={mac}"}
    return headers


async def _click(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    card = card_of(world, where.slack, asked.request_id)
    who = {"by a stranger": "U0BOB", "by the reporter": STRANGER}.get(case.raw, APPROVER)
    signing = {
        "wrong secret": Signing(secret="guessed"),  # noqa: S106
        "no signature": Signing(secret=""),
        "ten minutes old": Signing(age=600),
        "future timestamp": Signing(age=-3600),
        "another body's signature": Signing(secret="of another body"),  # noqa: S106
        "version 1 signature": Signing(secret="v1"),  # noqa: S106
    }.get(case.raw, Signing())
    await world.slack.click(
        world.slack_url, names.APPROVE, asked.request_id, who, card, signing=signing
    )


async def _replay(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    """What the approver once said to another question, sent again for this one."""
    if where.jira:
        other = world.jira.add_issue("An earlier one", project="PROJ", quiet=True)
        text = f"/approve {asked.code}"
        world.jira.human_comment(other.key, text, world.jira.ann, quiet=True)
        news = world.jira.news("comment_created", other.key)
        body = body_of(world.jira.site, news)
        raw = json.dumps(body).encode()
        mac = hmac.new(world.jira.webhook_secret.encode(), raw, hashlib.sha256).hexdigest()
        body["issue"]["key"] = where.jira
        headers = {"content-type": "application/json", "X-Hub-Signature": f"sha256={mac}"}
        await post(world.jira_url, json.dumps(body).encode(), headers)
        return
    if "code" in case.raw:
        await world.slack.command(world.slack_url, "approve ABCDEF", APPROVER, where.slack)
        return
    captured = _payload(world, where, "0000000000000000")
    sent = _payload(world, where, asked.request_id) if "changed" in case.raw else captured
    age = 3600 if "hour" in case.raw else 0
    sent = _payload(world, where, asked.request_id) if age else sent
    signed = sent if age else captured
    stamp = int(time.time()) - age
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": str(stamp),
        "X-Slack-Signature": sign(world.slack.signing_secret, signed, stamp),
    }
    await post(world.slack_url, sent, headers)


def _payload(world: World, where: Place, request: str) -> bytes:
    card = world.slack.messages(where.slack, by_app=True)[0]
    pressed = {
        "type": "button",
        "action_id": names.APPROVE,
        "value": request,
        "action_ts": "1.1",
        "block_id": "b",
    }
    payload = {
        "type": "block_actions",
        "actions": [pressed],
        "state": {"values": {}},
        **world.slack._around(APPROVER, card),
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


async def _by_hand(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    """Whoever reaches Temporal writes the approver's name."""
    mac = Attestation(edge="slack", key_id="00000000", mac=secrets.token_hex(32))
    decision = Decision(
        request_id=asked.request_id,
        approved=True,
        arguments_sha256="0" * 64 if "hash" in case.raw else asked.arguments_sha256,
        channel="slack",
        subject=f"slack:{APPROVER}",
        decision_id=_fresh(),
        attestation=None if "unsigned" in case.raw else mac,
    )
    await world.edge.reach.signal(ticket, "decision", decision)


async def _alert(world: World, case: Case, where: Place, ticket: str, asked: Approval) -> None:
    raise AssertionError("an alert waits for no question")


def _fresh() -> str:
    return secrets.token_hex(8)


async def alert(world: World, case: Case) -> str:
    """News of an incident that never was, for everybody who follows alerts; the ticket's id."""
    now = datetime.now(UTC).isoformat()
    labels = {"alertname": f"Fire{case.marker}", "service": case.target, "note": case.marker}
    fired = {"status": "firing", "labels": labels, "startsAt": now}
    group = {"version": "4", "groupKey": case.marker, "status": "firing", "alerts": [fired]}
    given = {"wrong token": "Bearer guess", "token as basic": "Basic Z3Vlc3M="}.get(case.raw)
    headers = {"content-type": "application/json"} | ({"Authorization": given} if given else {})
    answer = await post(f"{world.url}/alerts", json.dumps(group).encode(), headers)
    if not answer.ok:
        return ""
    ticket = str(answer.json["tickets"][0])
    await world.until(lambda: any(ticket in m.text for m in world.slack.messages(ALERTS)))
    return ticket


_ATTACKS: dict[str, Attack] = {
    "jira_comment": _jira_comment,
    "jira_reporter": _jira_comment,
    "jira_edited": _edited,
    "slack_text": _slack_text,
    "slack_command": _command,
    "jira_webhook": _webhook,
    "slack_click": _click,
    "replay": _replay,
    "temporal": _by_hand,
}
