"""The suite without its defences: each replaced by nothing, from outside, for one run of the bench.

There is no switch for this in the product, and none may be added: what is taken away here is
taken away by name, in the modules that use it. A defence that moves breaks this file, and the
bench with it, before the cases that it stops turn harmless unnoticed.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock
from urllib.parse import urljoin

from slack_bolt.middleware.request_verification.async_request_verification import (
    AsyncRequestVerification,
)

from mendwheel.activities import judging, outgoing, results, supporting, thinking
from mendwheel.activities.outgoing import Outgoing
from mendwheel.domain.approval import Authorisation
from mendwheel.domain.evidence import EvidenceKind
from mendwheel.gateway import checks, messages
from mendwheel.gateway.moderation import RuleModerator
from mendwheel.integrations.alerts import webhook as alerts
from mendwheel.integrations.jira import body as jira_body
from mendwheel.integrations.jira import commands, orders
from mendwheel.integrations.jira import webhook as jira_webhook
from mendwheel.integrations.senses import probe
from mendwheel.integrations.slack import app, card, escape, message, mrkdwn, question
from mendwheel.security.redaction import Mask
from mendwheel.tools import reads

ACTS = """
mode = "live"
operator_decides = true
[approvers]
default = ["ada"]
[people]
ada = ["slack:{slack}", "jira:{jira}"]
[[rules]]
name = "everything runs"
course = "act"
[[rules]]
name = "but for what is attacked by its answer"
course = "ask"
when = {{ severity = ["low"] }}
"""


def _same(text: str, *_: Any, **__: Any) -> str:
    return text


async def _nothing(*_: Any, **__: Any) -> list[str]:
    return []


@contextlib.contextmanager
def undefended() -> Iterator[None]:
    """While it lasts, nothing of what follows is checked, hidden or escaped."""
    with contextlib.ExitStack() as stack:

        def without(module: Any, name: str, instead: Any) -> None:
            stack.enter_context(mock.patch.object(module, name, instead))

        mrkdwn.pieces.cache_clear()
        _of_models(without)
        _of_secrets(without)
        _of_places(without)
        _of_people(without)
        yield
    mrkdwn.pieces.cache_clear()


def _of_models(without: Any) -> None:
    """Fences, moderation, language, the look for orders, grounding, citations, support."""
    without(messages, "unfenced", _same)
    without(RuleModerator, "asked", _nothing)
    without(RuleModerator, "said", _nothing)
    without(checks, "foreign", lambda *_: False)
    without(thinking, "guarded", lambda output, brief: output)
    without(thinking, "grounded", lambda said, *_, **__: said)
    without(supporting, "supported", lambda plan, *_, **__: plan)
    without(results, "check", lambda diagnosis, *_, **__: (list(diagnosis.claims), []))


def _of_secrets(without: Any) -> None:
    """Redaction on the way out and back, and the tenant of a search."""
    without(Mask, "hide", lambda self, text: text)
    without(results, "without_secrets", _same)
    without(results, "redact", _same)
    without(outgoing, "without_secrets", _same)
    without(reads.KnowledgeRead, "look", _any_tenant)


def _any_tenant(self: Any, ticket: Any, report: Any, query: str, labels: Any = ()) -> list[Any]:
    found = [
        passage
        for tenant in (ticket.tenant, "other")
        for passage in self._knowledge.search(tenant, query, labels=labels, limit=6)
    ]
    return [reads.as_evidence(passage, EvidenceKind.PASSAGE) for passage in found]


def _of_places(without: Any) -> None:
    """Escaping, the list of hosts, and where a probe may be led."""
    without(Outgoing, "text", lambda self, text, dossier: text)
    for module in (escape, card, message, mrkdwn, question):
        for name in ("plain", "literal", "clean", "entities", "escape", "code"):
            if hasattr(module, name):
                without(module, name, _same)
    without(jira_body, "document", _believing(jira_body.document))
    without(probe, "_following", lambda url, location: urljoin(url, location) or None)


def _of_people(without: Any) -> None:
    """Signatures, who may decide, whose command counts, the token of alerts."""
    without(app.SlackEndpoint, "_signed", lambda self, request, body: True)
    without(AsyncRequestVerification, "async_process", _let_pass)
    without(jira_webhook, "verify", lambda *_: None)
    without(alerts, "bears", lambda *_: True)
    without(judging, "verify", lambda *_: True)
    without(judging, "authorise", _allowed)
    without(commands, "of", lambda comment: commands.read(comment.text))
    without(orders, "_objection", lambda asked, *_: None if asked else "nothing waits")


async def _let_pass(self: Any, *, req: Any, resp: Any, next: Any) -> Any:
    return await next()


def _allowed(policy: Any, asked: Any, decision: Any, **_: Any) -> Authorisation:
    return Authorisation(allowed=True, subject=decision.subject, role="approver")


_CALL = re.compile(r"\[~accountid:([^\]]+)\]")


def _believing(document: Any) -> Any:
    """A renderer that takes markup and nodes in a text for its own, as Jira's old editor does."""

    def render(markdown: str, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = document(markdown, **more)
        for found in _CALL.findall(markdown):
            made["content"].append(_paragraph({"type": "mention", "attrs": {"id": found}}))
        at = markdown.find('{"type"')
        while at >= 0:
            try:
                node, length = json.JSONDecoder().raw_decode(markdown[at:])
            except ValueError:
                node, length = None, 1
            if node is not None:
                made["content"].append(_block(node))
            at = markdown.find('{"type"', at + length)
        return made

    return render


def _paragraph(node: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [node]}


def _block(node: dict[str, Any]) -> dict[str, Any]:
    if node.get("type") == "media":
        return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [node]}
    return node if node.get("type") in ("blockCard", "extension") else _paragraph(node)
