"""Tickets as people and systems would send them, and the platform they are about."""

import json
import os
import random
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lanternpost.host import state
from lanternpost.incident import draw_incident
from lanternpost.tickets import sample_state, sample_tickets

from mendwheel.domain.approval import Approval, Decision
from mendwheel.domain.knowledge import Document
from mendwheel.integrations.drafts import Draft, File
from mendwheel.knowledge.sources import read_documents

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lanternpost"

GUIDE = Document(
    id="export-links",
    title="Export links",
    body="# Export links\n\nA download link of an export works for 72 hours, then it expires.\n\n"
    "## Renew a link\n\nChoose **Repeat** next to the export and a new link is made.\n",
)
QUESTION = "How many hours does the download link of an export work before it expires?"


def runbooks() -> list[Document]:
    """The sample runbooks and one guide: enough to answer, to fix and to fail to find."""
    found = read_documents(EXAMPLE / "knowledge" / "runbooks")
    return [GUIDE, *(item for item in found if isinstance(item, Document))]


def question(**fields: Any) -> Draft:
    """A question that the guide answers."""
    return Draft(**{"title": QUESTION, "reporter": "mary", "key": _key()} | fields)


def seed_of(fault: str) -> int:
    """A seed whose incident has this fault (`leak` or `bad_release`)."""
    return next(n for n in range(99) if draw_incident(random.Random(n)).fault == fault)


def incident(fault: str = "leak", role: str = "anomaly", **fields: Any) -> Draft:
    """A broken service with its recorded evidence; the state file is broken to match."""
    seed = seed_of(fault)
    state.path().write_text(json.dumps(sample_state(seed)), "utf-8")
    sample = next(ticket for ticket in sample_tickets(seed) if ticket.role == role)
    files = [File(name=item.name, media=item.type, text=item.text) for item in sample.evidence]
    draft = {
        "title": sample.title,
        "body": sample.body,
        "reporter": sample.reporter,
        "component": sample.component,
        "key": _key(),
        "files": files,
    }
    return Draft(**draft | fields)


def broken() -> tuple[str, dict[str, Any]]:
    """Name and state of the service that the incident is about."""
    return next((name, it) for name, it in state.read().items() if it["fault"])


def _key() -> str:
    return f"T-{secrets.token_hex(4)}"


def set_state_file(folder: Path, setenv: Callable[[str, str], None]) -> None:
    """Point the host at a state file of one test's own."""
    folder.mkdir(parents=True, exist_ok=True)
    setenv(state.STATE_VARIABLE, os.fspath(folder / "lanternpost.json"))


def by_hand(asked: Approval, subject: str, *, approved: bool = True, **other: Any) -> Decision:
    """A decision as anybody with access to Temporal could send it: nobody vouches for it."""
    fields = {
        "request_id": asked.request_id,
        "approved": approved,
        "arguments_sha256": asked.arguments_sha256,
        "channel": "temporal",
        "subject": subject,
        "decision_id": secrets.token_hex(8),
    }
    return Decision(**fields | other)
