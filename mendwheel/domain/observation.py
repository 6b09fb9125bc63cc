"""What a live look at the world brings back, before it is summarised and kept as evidence."""

from datetime import datetime

from pydantic import BaseModel, Field


class Window(BaseModel):
    """From when to when was looked at, in UTC."""

    start: datetime
    end: datetime


class Observation(BaseModel):
    """One result of a sense, whole. `media` says how investigators read `text`.

    Metrics come as a table with a time column, logs as lines, topology as `caller -> callee`
    lines, changes as one JSON object a line.
    """

    title: str
    media: str = Field(
        description="metrics, logs, traces, topology, changes, state, rows, customer, probe or tool"
    )
    text: str
    url: str | None = Field(None, description="deep link for people")
    window: Window | None = None
