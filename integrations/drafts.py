"""A report before it is a ticket, and the step between: texts into the store, the rest is small."""

import uuid
from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, Field

from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import free_text_keys, ticket_id
from mendwheel.domain.ticket import Attachment, Report, Ticket
from mendwheel.integrations.pasted import parted
from mendwheel.security.redaction import redact
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

MAX_TEXT = 1_000_000
"""Characters of one text; more is cut, and the text says so."""


_REDACTED = 20_000
"""Characters of a title that are redacted: half a long token would not be known as one."""


class File(BaseModel):
    """A piece of recorded evidence to attach."""

    name: str
    media: str = "text"
    text: str


class Draft(BaseModel):
    """A report before it is a ticket."""

    title: str = ""
    body: str = ""
    reporter: str
    system: str = "cli"
    key: str | None = Field(
        None, description="key in the system of record; none: made from the text"
    )
    product: str | None = None
    component: str | None = None
    files: list[File] = []
    candidates: dict[str, list[str]] = {}
    delivery_id: str | None = None
    place: str = ""
    show_in: list[str] = Field([], description="further places that follow the ticket")
    tenant: str | None = Field(None, description="none: the one in the settings")


def to_ticket(draft: Draft, stores: Stores, settings: Settings, now: datetime) -> Ticket:
    """Store the texts; what is returned may go into history.

    Raises:
        ValueError: the draft has no text.
    """
    draft, tenant = by_rule(draft, settings)
    title, body = clean(draft.title).strip(), clean(draft.body)
    if not (title or body.strip()):
        raise ValueError("the ticket has no text: say in a sentence what is wrong or asked")
    title = title or body.strip().splitlines()[0]
    key = draft.key or _free_key(draft, f"{title}\n{body}", now, stores, tenant)
    name = ticket_id(tenant, draft.system, key)

    def keep(kept: str) -> ArtifactRef:
        return stores.artifacts.put(tenant, kept, name)

    report = _report(draft, title, body, keep)
    return Ticket(
        id=name,
        tenant=tenant,
        system=draft.system,
        key=key,
        title=redact(" ".join(title.split())[:_REDACTED])[:120],
        reporter=draft.reporter,
        report=keep(report.model_dump_json()),
        component=draft.component,
        opened_at=now,
        delivery_id=draft.delivery_id or uuid.uuid4().hex,
        place=draft.place,
    )


def by_rule(draft: Draft, settings: Settings) -> tuple[Draft, str]:
    """The draft with what holds at its place filled in, and its tenant."""
    places = list(dict.fromkeys(each for each in (draft.place, *draft.show_in) if each))
    rule = settings.rule(places[0]) if places else None
    if rule is not None:
        places = list(dict.fromkeys([*places, *rule.show_in]))
    whole = draft.model_copy(
        update={
            "place": places[0] if places else "",
            "show_in": places[1:],
            "component": draft.component or (rule.component if rule else None),
        }
    )
    return whole, draft.tenant or (rule.tenant if rule else None) or settings.tenant


def _report(draft: Draft, title: str, body: str, keep: Callable[[str], ArtifactRef]) -> Report:
    # People attach nothing where they chat, they paste; elsewhere files come as files.
    body, logs = parted(body) if draft.place else (body, {})
    pasted = [File(name=name, media="logs", text=log) for name, log in logs.items()]
    attachments = [
        Attachment(
            name=file.name[:200],
            media=file.media,
            artifact=keep(clean(file.text)),
        )
        for file in (*draft.files, *pasted)
    ]
    return Report(
        title=title,
        body=body,
        product=draft.product,
        candidates=draft.candidates,
        attachments=attachments,
    )


def _free_key(draft: Draft, text: str, now: datetime, stores: Stores, tenant: str) -> str:
    """The same words of the same person within ten minutes are one ticket."""
    current, previous = free_text_keys(draft.place, draft.reporter, text, now)
    before = ticket_id(tenant, draft.system, previous)
    return previous if stores.cases.get(before) else current


def clean(text: str) -> str:
    """Keeps every language; replaces what JSON cannot hold, cuts what nobody reads."""
    text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}\n[cut: {len(text) - MAX_TEXT:,} more characters]"
