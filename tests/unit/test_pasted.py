"""What people paste into a report in chat counts as evidence when it is a log."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mendwheel.domain.ticket import Report
from mendwheel.integrations.drafts import Draft, to_ticket
from mendwheel.integrations.pasted import parted
from mendwheel.settings import Settings
from mendwheel.stores.bundle import Stores

LOG = "2026-07-04T10:07:50.495Z ERROR notifier TemplateRenderError: unknown placeholder\n"


def test_pasted_logs_are_taken_out_of_what_is_said_block_by_block() -> None:
    said = f"It fails:\n```\n{LOG}```\nand then\n```text\n{LOG}{LOG}```\nthank you"
    text, logs = parted(said)
    assert text == "It fails:\n[pasted-1.txt]\nand then\n[pasted-2.txt]\nthank you"
    assert logs == {"pasted-1.txt": LOG, "pasted-2.txt": LOG + LOG}


def test_fence_on_the_line_of_its_last_log_line_ends_it() -> None:
    assert parted(f"```\n{LOG.strip()}```") == ("[pasted-1.txt]", {"pasted-1.txt": LOG.strip()})


@pytest.mark.parametrize(
    "said",
    [
        "```python\nprint('2026-07-04 is a date')\n```",
        "how do I read an ERROR since 2026-07-04T10:07?",
        "```\n\n```",
        f"```\n{LOG}",
    ],
    ids=["code", "prose", "empty", "open"],
)
def test_what_is_no_pasted_log_stays_text(said: str) -> None:
    assert parted(said) == (said, {})


@pytest.mark.parametrize(("place", "files"), [("slack:C1", ["pasted-1.txt"]), ("", [])])
def test_only_reports_from_places_of_people_have_pasted_files(
    place: str, files: list[str], tmp_path: Path
) -> None:
    draft = Draft(body=f"It fails\n```\n{LOG}```", reporter="slack:U1", place=place)
    settings = Settings(home=tmp_path)
    with Stores(settings.store_path) as stores:
        ticket = to_ticket(draft, stores, settings, datetime.now(UTC))
        report = Report.model_validate_json(stores.artifacts.get(ticket.report))
        texts = [stores.artifacts.get(each.artifact) for each in report.attachments]
    assert [each.name for each in report.attachments] == files
    assert texts == [LOG] * len(files)
    assert (LOG in report.body) is not bool(files)
