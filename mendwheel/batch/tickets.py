"""The tickets of a batch. Only what a reporter could have said gets through."""

from pydantic import BaseModel, ConfigDict, Field

from mendwheel.integrations.drafts import Draft, File

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
