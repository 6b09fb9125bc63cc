"""Labels and past answers reach a ticket's triage through the whole suite, and late ones do not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mendwheel.domain.knowledge import Case
from mendwheel.domain.outcome import OutcomeKind
from mendwheel.domain.ticket import TicketKind
from tests.workflows.stage import Stage
from tests.workflows.tickets import question

ASKS = "Does the parcel label printer take blank labels of any size?"


def labelled(number: int, **fields: Any) -> Case:
    given = {
        "ticket_id": f"mendwheel-default-label-{number}",
        "title": "Label printer",
        "text": f"The parcel label printer prints blank labels, case {number}",
        "kind": TicketKind.CONSULTING,
        "component": "printing",
        "open": False,
        "opened_at": datetime(2020, 1, 1, tzinfo=UTC),
    }
    return Case.model_validate(given | fields)


@pytest.mark.parametrize(
    ("fields", "component"),
    [
        ({}, "printing"),
        ({"closed_at": datetime.now(UTC) + timedelta(days=30)}, None),
        ({"outcome": OutcomeKind.HANDED_OVER}, None),
        ({"tenant": "somebody-else"}, None),
    ],
)
async def test_what_was_labelled_before_it_came_names_the_component_of_a_ticket(
    stage: Stage, fields: dict[str, Any], component: str | None
) -> None:
    for number in range(3):
        stage.stores.cases.save(labelled(number, **fields))
    outcome = await stage.result(await stage.submit(question(title=ASKS)))
    assert outcome.component == component
    assert outcome.ticket_kind is TicketKind.CONSULTING
