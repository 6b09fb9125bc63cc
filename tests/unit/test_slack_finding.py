"""Which ticket a person means in Slack, and which ones are none of their channel's business."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mendwheel.domain.ids import EffectKey
from mendwheel.domain.knowledge import Case
from mendwheel.integrations.reach import TicketNotFound
from mendwheel.integrations.slack.listeners.finding import Finder
from mendwheel.integrations.slack.reading import Where
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

THEIRS = "mendwheel-acme-jira-PROJ-7"


def test_another_tenants_ticket_is_found_only_where_it_is_shown_or_by_who_reported_it(
    tmp_path: Path,
) -> None:
    with Stores(tmp_path / "store.db") as stores:
        case = Case(
            ticket_id=THEIRS,
            tenant="acme",
            title="t",
            text="t",
            reporter="slack:U0CAROL",
            opened_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
        stores.cases.save(case)
        key = EffectKey(ticket_id=THEIRS, round=0, step="card", target="slack:C0SHOWN/17.1")
        stores.ledger.claim(key, "a" * 64, 10.0)
        find = Finder(stores, Settings(home=tmp_path), "default")
        assert find.ticket(Where(user="U0BOB", channel="C0SHOWN"), THEIRS) == THEIRS
        assert find.ticket(Where(user="U0CAROL", channel="D0CAROL"), THEIRS) == THEIRS
        with pytest.raises(TicketNotFound):
            find.ticket(Where(user="U0BOB", channel="C0OTHER"), THEIRS)
        ours = "mendwheel-default-slack-new"
        assert find.ticket(Where(user="U0BOB", channel="C0OTHER"), ours) == ours
