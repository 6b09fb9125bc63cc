"""Reads tickets that people have labelled, so that triage can go by the nearest of them."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mendwheel.domain.ticket import TicketKind
from mendwheel.knowledge.sources import Problem


class LabelledTicket(BaseModel):
    """One line of a labels file; other keys are dropped unread."""

    model_config = ConfigDict(extra="ignore")

    id: str = ""
    title: str = ""
    text: str = Field("", description="what was reported")
    kind: TicketKind | None = None
    component: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "LabelledTicket":
        if not (self.title + self.text).strip():
            raise ValueError("give a text or a title")
        if self.kind is None and not (self.component or "").strip():
            raise ValueError("give a kind (consulting or anomaly) or a component")
        return self


def read_labels(path: Path) -> Iterator[LabelledTicket | Problem]:
    """The labelled tickets of a JSON lines file, in its order.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            try:
                yield LabelledTicket.model_validate(json.loads(raw.decode("utf-8-sig")))
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                said = first["msg"].removeprefix("Value error, ")
                yield Problem(str(path), number, f"{where}: {said}" if where else said)
            except (ValueError, RecursionError):
                yield Problem(str(path), number, "not a JSON object in UTF-8")
