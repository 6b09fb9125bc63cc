"""What Jira sends to an app: bodies in version 2 shapes, and three ways to prove who sent them."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Literal

from mendwheel.testing.jira_shapes import Shapes
from mendwheel.testing.jira_state import JiraSite, Json, News

Proof = Literal["hmac", "jwt", "automation", "none"]
"""hmac: `X-Hub-Signature`; jwt: a bearer token; automation: the secret itself, in a header."""


def identifier() -> str:
    """Value of `X-Atlassian-Webhook-Identifier` for one event; its redeliveries have the same."""
    return str(uuid.uuid4())


def body_of(site: JiraSite, news: News) -> Json:
    """The webhook body for what happened, as it stands now."""
    shapes = Shapes(site, "2")
    body: Json = {"timestamp": int(time.time() * 1000), "webhookEvent": news.event}
    who = shapes.person(news.who)
    fields = ["*all", "-comment"]
    if news.comment is not None:
        fields = ["summary", "issuetype", "project", "assignee", "priority", "status"]
        body |= {"comment": shapes.comment(news.issue, news.comment), "eventType": "primaryAction"}
    else:
        body |= {"user": who, "issue_event_type_name": _type_name(news)}
    if news.change is not None:
        body["changelog"] = {"id": news.change.id, "items": news.change.items}
    return body | {"issue": shapes.issue(news.issue, fields, set())}


def headers_of(
    proof: Proof, secret: str, raw: bytes, *, identifier: str, retry: int = 0
) -> dict[str, str]:
    """Headers for one delivery of `raw`."""
    headers = {"content-type": "application/json; charset=UTF-8"}
    if proof == "automation":
        return headers | {"X-Automation-Webhook-Token": secret}
    headers |= {
        "User-Agent": "Atlassian Webhook HTTP Client",
        "X-Atlassian-Webhook-Identifier": identifier,
        "X-Atlassian-Webhook-Flow": "Primary",
    }
    if retry:
        headers["X-Atlassian-Webhook-Retry"] = str(retry)
    if proof == "hmac":
        digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        headers["X-Hub-Signature"] = f"sha256={digest}"
    elif proof == "jwt":
        headers["Authorization"] = f"Bearer {jwt(secret)}"
    return headers


def jwt(secret: str, *, age: float = 0.0, life: float = 180.0) -> str:
    """A JWT as Jira signs dynamic webhooks: HS256; `age` in seconds makes an old one."""
    issued = int(time.time() - age)
    claims = {"iss": "local-client", "iat": issued, "exp": int(issued + life)}
    parts = [_part({"typ": "JWT", "alg": "HS256"}), _part(claims)]
    digest = hmac.new(secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()])


def _part(value: Json) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _type_name(news: News) -> str:
    if news.event == "jira:issue_created":
        return "issue_created"
    changed = {each["field"] for each in (news.change.items if news.change else [])}
    return "issue_assigned" if changed == {"assignee"} else "issue_generic"
