"""Reads the tickets of a batch. Only what a reporter could have said gets through."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mendwheel.integrations.drafts import Draft, File
from mendwheel.knowledge.sources import Problem

SYSTEM = "batch"
"""The system of record that a batch's ticket ids name."""


class Piece(BaseModel):
    """Recorded evidence of a ticket. `type` is metrics, logs, alert, tool_output …"""

    name: str
    type: str = "text"
    text: str


class BatchTicket(BaseModel):
    """One line of a tickets file; every other key of the line is dropped unread."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1)
    title: str = ""
    body: str = ""
    product: str | None = None
    evidence: list[Piece] = []
    candidates: dict[str, list[str]] = {}

    def draft(self) -> Draft:
        """The report as the intake takes it. A ticket without words is named by its id."""
        words = (self.title + self.body).strip()
        return Draft(
            title=self.title if words else f"Ticket {self.id}",
            body=self.body,
            reporter=SYSTEM,
            system=SYSTEM,
            key=self.id,
            product=self.product,
            files=[File(name=p.name, media=p.type, text=p.text) for p in self.evidence],
            candidates=self.candidates,
        )


def read_tickets(path: Path) -> tuple[list[BatchTicket], list[Problem]]:
    """The tickets in the file's order, and the lines that hold none.

    Raises:
        OSError: the file cannot be read.
    """
    tickets: dict[str, BatchTicket] = {}
    problems: list[Problem] = []
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            try:
                ticket = _ticket(raw)
            except ValueError as error:
                problems.append(Problem(str(path), number, str(error)))
                continue
            if ticket.id in tickets:
                what = f"id {ticket.id!r} was there before: the first one counts"
                problems.append(Problem(str(path), number, what))
            else:
                tickets[ticket.id] = ticket
    return list(tickets.values()), problems


def _ticket(raw: bytes) -> BatchTicket:
    """Raises ValueError with one line that says what is wrong."""
    try:
        fields = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from None
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return BatchTicket.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg'].lower()}") from None
