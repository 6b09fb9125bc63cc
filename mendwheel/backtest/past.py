"""A past issue: what was known when it was created, and, kept apart, what people made of it."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from mendwheel.batch.tickets import BatchTicket, Piece
from mendwheel.domain.ids import ticket_id
from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.integrations.drafts import Draft, clean
from mendwheel.security.redaction import redact

LAST_WORDS = 3
"""Comments before the end that are taken to say what was done."""
AFTERWARDS = timedelta(minutes=10)
"""Whoever closes an issue may say why a moment later."""
TEXT, ENDING = 4000, 2000  # characters, as `Case` says


class PastComment(BaseModel):
    model_config = ConfigDict(extra="ignore")

    text: str = ""
    author: str = ""
    created: AwareDatetime | None = Field(None, description="none: counts as before the end")


class PastIssue(BaseModel):
    """`title`, `body` and `component` are as they were at `created`; every time has an offset."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1)
    title: str = ""
    body: str = ""
    product: str | None = None
    component: str | None = None
    labels: list[str] = []
    evidence: list[Piece] = []
    candidates: dict[str, list[str]] = {}
    reporter: str = ""
    created: AwareDatetime
    resolved: AwareDatetime | None = None
    resolution: str = Field("", description="how it was closed: Done, Won't Do …")
    resolved_by: str = ""
    comments: list[PastComment] = Field([], description="oldest first")
    url: str = ""

    @property
    def hours(self) -> float | None:
        """From creation to resolution; none while it is open."""
        if self.resolved is None:
            return None
        return max(0.0, (self.resolved - self.created).total_seconds() / 3600)

    def ended_before(self, moment: datetime) -> bool:
        """Whether its end was known at `moment`."""
        return self.resolved is not None and self.resolved < moment

    def known(self) -> "PastTicket":
        """What the suite gets to see."""
        shared = PastTicket.model_fields.keys() & PastIssue.model_fields.keys()
        return PastTicket(**{name: getattr(self, name) for name in shared})

    def last_words(self) -> str:
        """What people wrote last before it was resolved; redacted."""
        end = self.resolved and self.resolved + AFTERWARDS
        said = [each for each in self.comments if each.text.strip()]
        before = [c for c in said if end is None or c.created is None or c.created <= end]
        words = [redact(clean(each.text.strip())) for each in (before or said)[-LAST_WORDS:]]
        return "\n\n".join(words)

    def case(self, tenant: str, system: str) -> Case:
        """What later issues may recall of it, once it is resolved."""
        head = f"Resolution: {self.resolution}" if self.resolution else ""
        words = self.last_words()
        return Case(
            ticket_id=ticket_id(tenant, system, self.id),
            tenant=tenant,
            title=redact(clean(" ".join(self.title.split())) or self.id)[:120],
            text=redact(clean(f"{self.title}\n{self.body}"))[:TEXT],
            reporter=self.reporter,
            component=self.component,
            open=False,
            outcome=OutcomeKind.RESOLVED_BY_HUMAN,
            # The end says what helped: it is the beginning that is cut.
            resolution="\n".join(part for part in (head, words[-ENDING + 200 :]) if part)[:ENDING],
            opened_at=self.created,
            closed_at=self.resolved,
        )


class PastTicket(BatchTicket):
    """A ticket of a batch with what else a tracker knew of it from the start."""

    component: str | None = None
    reporter: str = ""

    def draft(self) -> Draft:
        usual = super().draft()
        reporter = self.reporter or usual.reporter
        return usual.model_copy(update={"component": self.component, "reporter": reporter})


def in_order(issues: list[PastIssue], last: int) -> list[PastIssue]:
    """The `last` youngest ones, in the order in which they came in."""
    return sorted(issues, key=lambda issue: (issue.created, issue.id))[-last:]
