"""What is kept, as Protocols. Adapters: stores/.

All store ports are synchronous and may be called from any thread; async callers use
`asyncio.to_thread`. Every method may raise `StoreUnavailable` (disk full, file gone, locked).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from mendwheel.domain.approval import Approval, Decision
from mendwheel.domain.evidence import ArtifactRef
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.knowledge import Case, CaseMatch, Document, Passage
from mendwheel.domain.letter import DeadLetter, LetterStanding
from mendwheel.domain.outcome import Outcome, OutcomeFact, Standing
from mendwheel.domain.playbook import Playbook
from mendwheel.domain.remedy import Receipt


class StoreUnavailable(RuntimeError):
    """The store cannot be read or written now; the message names the file and the way out."""


class LedgerConflict(ValueError):
    """One effect key was used with different arguments: a bug or an attack, never retried."""


class Artifacts(Protocol):
    """Texts too big for history, addressed by tenant and content."""

    def put(self, tenant: str, text: str, ticket: str = "") -> ArtifactRef:
        """Keep `text` until `ticket` (an id) is forgotten; without one, for ever."""
        ...

    def get(self, ref: ArtifactRef) -> str:
        """Raises LookupError when the artifact is unknown or was forgotten."""
        ...


class Knowledge(Protocol):
    """Documents, searchable by passage."""

    def add(self, tenant: str, documents: Iterable[Document]) -> int:
        """Add or replace documents by id, each in one transaction; returns passages written."""
        ...

    def remove(self, tenant: str, document_ids: Iterable[str]) -> int: ...

    def search(
        self,
        tenant: str,
        query: str,
        *,
        labels: Sequence[str] = (),
        product: str | None = None,
        kinds: Sequence[str] = (),
        limit: int = 8,
    ) -> list[Passage]:
        """Best passages first. `labels` are the reader's access labels; filtered before ranking."""
        ...

    def count(self, tenant: str) -> int:
        """Number of documents."""
        ...


class Cases(Protocol):
    """Tickets, open and closed, for recall, duplicates and lists."""

    def save(self, case: Case) -> None:
        """Insert or update by ticket id."""
        ...

    def get(self, ticket_id: str) -> Case | None: ...

    def similar(self, case: Case, *, limit: int = 5, open_only: bool = False) -> list[CaseMatch]:
        """Cases of the same tenant most like `case` (never itself), best first."""
        ...

    def list(self, tenant: str, *, open_only: bool = False, limit: int = 50) -> list[Case]: ...


class Ledger(Protocol):
    """One decision, one observable effect."""

    def claim(
        self, key: EffectKey, arguments_sha256: str, lease_seconds: float, *, bound: bool = True
    ) -> Receipt:
        """Record *intended* and take the lease: FRESH, HELD (by a live lease) or DONE.

        `Receipt.detail` is `"again"` with FRESH when an earlier attempt's lease ran out: look at
        the target before writing.

        Raises:
            LedgerConflict: the key stands with other arguments, and it is `bound` to them.
        """
        ...

    def release(self, key: EffectKey) -> None:
        """This attempt is over and wrote nothing: the next one need not wait for its lease."""
        ...

    def withdraw(self, key: EffectKey) -> None:
        """Nothing was done, and the next claim is the first: it has nothing to look for."""
        ...

    def done(self, key: EffectKey, receipt: Receipt) -> None: ...

    def entries(self, ticket_id: str) -> list[tuple[EffectKey, Receipt]]: ...


class Letters(Protocol):
    """Effects that were given up, one row a key, until somebody has seen to them."""

    def add(self, letter: DeadLetter) -> None:
        """Given up, or given up once more: the newest reason and request stand."""
        ...

    def get(self, key: EffectKey) -> DeadLetter | None: ...

    def end(self, key: EffectKey, standing: LetterStanding, by: str, note: str = "") -> bool:
        """Close an open one; False when there is none."""
        ...

    def list(self, *, every: bool = False, limit: int = 1000) -> list[DeadLetter]:
        """The open ones, or all of them; oldest first."""
        ...

    def count(self) -> int:
        """Number of open ones."""
        ...


class Outcomes(Protocol):
    """What came of tickets."""

    def save(self, outcome: Outcome) -> None:
        """Upsert by (ticket id, round)."""
        ...

    def latest(self, ticket_id: str) -> Outcome | None: ...

    def settle(self, ticket_id: str, round: int, standing: Standing) -> None: ...

    def add_fact(self, ticket_id: str, fact: OutcomeFact) -> bool:
        """False when the fact's id was there already."""
        ...

    def facts(self, ticket_id: str) -> list[OutcomeFact]: ...


class Questions(Protocol):
    """Approvals as they were asked, and the decisions that came for them."""

    def asked(self, approval: Approval) -> None: ...

    def open(self, ticket_id: str) -> Approval | None:
        """The question that waits for an answer now."""
        ...

    def decided(
        self, approval_id: str, decision: Decision, accepted: bool, reason: str
    ) -> None: ...

    def overturned(self, approval_id: str, decision_id: str, reason: str) -> None:
        """A decision that was accepted does not count after all: somebody was faster."""
        ...

    def decisions(self, approval_id: str) -> list[tuple[Decision, bool, str]]:
        """Decision, whether it was accepted, and why not or what else it needs, as they arrived."""
        ...

    def closed(self, approval_id: str) -> None: ...

    def find(self, approval_id: str) -> Approval | None:
        """A question by its id, open or not."""
        ...


class Audit(Protocol):
    """Who did what, hash-chained; digests and ids, never text."""

    def append(
        self, ticket_id: str, action: str, actor: str, detail: dict[str, str], *, once: str = ""
    ) -> int:
        """Returns the row's sequence number; of the one that is there, if it says the same and was
        written under the same `once`."""
        ...

    def read(self, ticket_id: str) -> list[dict[str, str]]: ...

    def verify(self) -> int:
        """Number of rows whose chain holds. Raises ValueError naming the first broken row."""
        ...


class Playbooks(Protocol):
    """Resolves which versions apply to a ticket."""

    def resolve(self, ticket_id: str) -> Playbook: ...


class Chat(Protocol):
    """Where people read what the suite says: one card a ticket, and its thread."""

    def find(self, place: str, key: EffectKey) -> str | None:
        """Reference of the message written under `key`, or None."""
        ...

    def post(self, place: str, ticket_id: str, text: str, key: EffectKey) -> str: ...

    def update(self, place: str, reference: str, text: str) -> None: ...

    def thread(self, ticket_id: str) -> list[tuple[datetime, str]]:
        """What was written about a ticket, oldest first."""
        ...


class Threads(Protocol):
    """Which ticket a thread, an alert group or another outside name belongs to."""

    def bind(self, thread: str, ticket_id: str) -> None:
        """The last binding holds."""
        ...

    def ticket(self, thread: str) -> str | None: ...


class Deliveries(Protocol):
    """Ids of what was taken in already, per system; kept for as long as the store."""

    def seen(self, system: str, delivery_id: str) -> bool: ...

    def note(self, system: str, delivery_id: str) -> None: ...


class Cursors(Protocol):
    """How far a poll or a backfill has come."""

    def get(self, name: str) -> str:
        """Empty when it has not begun."""
        ...

    def set(self, name: str, value: str) -> None: ...
