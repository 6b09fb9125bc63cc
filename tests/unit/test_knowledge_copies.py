"""One page that was taken in twice is found once; what only looks like it is not taken for it."""

from pathlib import Path
from typing import Any

import pytest

from mendwheel.domain.evidence import EvidenceKind
from mendwheel.domain.knowledge import Document, Passage
from mendwheel.knowledge.copies import collapsed
from mendwheel.stores.bundle import Stores
from mendwheel.tools.reads import as_evidence


def passage(document: str, **other: Any) -> Passage:
    plain = {"title": "Links", "heading": "Expiry", "text": "They work for 72 hours."}
    return Passage(document_id=document, **plain | other)


def test_the_first_of_those_that_say_the_same_names_the_others() -> None:
    spaced = passage("c", text="they  work\nfor 72 hours.")
    found = collapsed([passage("a"), passage("b"), passage("a"), spaced, passage("b")])
    assert [(each.document_id, each.copies) for each in found] == [("a", ["b", "c"])]
    assert as_evidence(found[0], EvidenceKind.PASSAGE).copies == ["b", "c"]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "They do not work for 72 hours."},
        {"title": "Keys"},
        {"heading": "Renewal"},
        {"component": "mail"},
        {"remedy": "restart"},
        {"kind": "runbook"},
        {"labels": ["staff"]},
    ],
)
def test_what_is_about_another_thing_or_for_other_people_stays(other: dict[str, Any]) -> None:
    both = [passage("a"), passage("b", **other)]
    assert collapsed(both) == both


def test_others_take_the_places_of_copies(tmp_path: Path) -> None:
    page = {"title": "Links", "body": "A download link works for 72 hours."}
    copies = [Document(id=f"copy-{number}", **page) for number in range(6)]
    others = [
        Document(id=f"other-{n}", title=f"Download {n}", body=f"Download number {n} is a file.")
        for n in range(4)
    ]
    with Stores(tmp_path / "s.db") as stores:
        stores.knowledge.add("t", [*copies, *others])
        found = stores.knowledge.search("t", "how long does a download link work", limit=4)
    assert [each.document_id[:5] for each in found] == ["copy-", "other", "other", "other"]
    assert found[0].copies
