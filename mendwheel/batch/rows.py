"""What a batch says about each ticket: one flat row, made from the run's result and diagnosis."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, Field

from mendwheel.domain.diagnosis import Diagnosis
from mendwheel.domain.outcome import Outcome, OutcomeKind

SCORED_AS = {
    OutcomeKind.ANSWERED: "answer",
    OutcomeKind.ASKED_BACK: "clarify",
    OutcomeKind.HANDED_OVER: "escalate",
    OutcomeKind.FIXED: "fix",
    OutcomeKind.PROPOSED: "fix",  # the cause is named and the steps are given
    OutcomeKind.RUNBOOK: "runbook",
    OutcomeKind.NO_ACTION: "no_action",
    OutcomeKind.DUPLICATE: "escalate",
    OutcomeKind.RESOLVED_BY_HUMAN: "escalate",
    OutcomeKind.CANCELLED: "escalate",
    OutcomeKind.FAILED: "escalate",
}
"""Outcome kind → what a scorer calls it. Whatever a human still has to do is `escalate`."""


class Row(BaseModel):
    """One line of the results. `seconds` is from the run's start to its end."""

    id: str
    outcome: str
    doc_ids: list[str] = []
    answer: str = ""
    root_cause_service: str = ""
    root_cause_type: str = ""
    runbook_ids: list[str] = []
    confidence: float = 0.0
    seconds: float = 0.0
    tokens: int = 0
    engine: str = ""
    kind: str = Field("", description="outcome kind; empty: the run ended without an outcome")
    reason: str = ""
    workflow_id: str = ""
    run_id: str = ""
    error: str = ""

    @property
    def run_failed(self) -> bool:
        """The run did not complete; one that did may still report the outcome `failed`."""
        return not self.kind


def row_of(
    key: str, outcome: Outcome, diagnosis: Diagnosis, seconds: float, tokens: int, run_id: str
) -> Row:
    """The row of a run that ended with an outcome."""
    return Row(
        id=key,
        outcome=SCORED_AS[outcome.kind],
        doc_ids=diagnosis.documents,
        answer=_said(outcome.kind, diagnosis),
        root_cause_service=diagnosis.component or "",
        root_cause_type=diagnosis.fault or "",
        runbook_ids=diagnosis.runbooks,
        confidence=outcome.confidence,
        seconds=round(seconds, 3),
        tokens=tokens,
        engine=outcome.engine,
        kind=outcome.kind.value,
        reason=outcome.reason,
        workflow_id=outcome.ticket_id,
        run_id=run_id,
        error=outcome.reason if outcome.kind is OutcomeKind.FAILED else "",
    )


def _said(kind: OutcomeKind, diagnosis: Diagnosis) -> str:
    """What the reporter would read; who is asked back reads the question."""
    asked = diagnosis.questions if kind is OutcomeKind.ASKED_BACK else []
    return "\n\n".join(filter(None, [diagnosis.text(), *asked]))


def failed_row(key: str, workflow_id: str, run_id: str, error: str) -> Row:
    """The row of a run that ended without an outcome: a human has to look."""
    return Row(
        id=key,
        outcome=SCORED_AS[OutcomeKind.FAILED],
        reason="the run ended without an outcome",
        workflow_id=workflow_id,
        run_id=run_id,
        error=error,
    )


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Put `rows` in the place of the file at once: a reader sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{row.model_dump_json()}\n" for row in rows)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
