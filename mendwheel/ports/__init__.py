"""What the suite asks of the world, as Protocols: what is kept, and what reaches out."""

from mendwheel.ports.embedding import Embedder, EmbedderError
from mendwheel.ports.models import Answers, Budgets, Calls, Quotas
from mendwheel.ports.moderation import ModerationUnavailable, Moderator
from mendwheel.ports.stores import (
    Artifacts,
    Audit,
    Cases,
    Chat,
    Cursors,
    Deliveries,
    Knowledge,
    Ledger,
    LedgerConflict,
    Outcomes,
    Playbooks,
    Questions,
    StoreUnavailable,
    Threads,
)
from mendwheel.ports.world import (
    Board,
    Clock,
    Inbox,
    LiveSense,
    OnCall,
    PlaceError,
    Sense,
    SenseError,
)

__all__ = [
    "Answers",
    "Artifacts",
    "Audit",
    "Board",
    "Budgets",
    "Calls",
    "Cases",
    "Chat",
    "Clock",
    "Cursors",
    "Deliveries",
    "Embedder",
    "EmbedderError",
    "Inbox",
    "Knowledge",
    "Ledger",
    "LedgerConflict",
    "LiveSense",
    "ModerationUnavailable",
    "Moderator",
    "OnCall",
    "Outcomes",
    "PlaceError",
    "Playbooks",
    "Questions",
    "Quotas",
    "Sense",
    "SenseError",
    "StoreUnavailable",
    "Threads",
]
