"""What `make demo-chat` promises: six tickets decided in chat, one page, nothing left running."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, ROOT / "examples/lanternpost/chat/run.py"]
OUTCOMES = [
    ("question", "answered"),
    ("unanswerable", "handed_over"),
    ("anomaly", "fixed"),
    ("duplicate", "duplicate"),
    ("hostile", "handed_over"),
    ("anomaly", "fixed"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> BeautifulSoup:
    folder = tmp_path_factory.mktemp("chat")
    done = subprocess.run(
        COMMAND,
        cwd=folder,
        env=os.environ | {"SEED": "4"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = folder / ".mendwheel/chat/chat.html"
    assert f"What people saw: {written}" in done.stdout
    platform = json.loads((folder / ".mendwheel/chat/platform.json").read_text("utf-8"))
    assert all(service["healthy"] for service in platform.values())
    return BeautifulSoup(written.read_text("utf-8"), "html.parser")


def cards(page: BeautifulSoup) -> list[Tag]:
    """Messages with a title, by ticket in the order in which they appeared."""
    found = [each for each in page.select(".message") if each.find("h3")]
    return sorted(found, key=lambda card: float(str(card["data-ts"])))


def test_page_has_each_ticket_with_its_outcome(page: BeautifulSoup) -> None:
    rows = [(row["data-role"], row["data-outcome"]) for row in page.select("tr[data-role]")]
    assert rows == OUTCOMES


def test_each_card_says_how_its_ticket_ended(page: BeautifulSoup) -> None:
    titles = [row.select("td")[1].text for row in page.select("tr[data-role]")]
    shown = {str(card.h3.text): card.text for card in cards(page) if card.h3}
    for title, (_, outcome) in zip(titles, OUTCOMES, strict=True):
        assert outcome.replace("_", " ") in shown[title], title
    assert len(cards(page)) == len(OUTCOMES), "one card a ticket, whatever came twice"


def test_a_button_and_a_comment_have_decided(page: BeautifulSoup) -> None:
    decided = [
        card.text.split("approved by")[1] for card in cards(page) if "approved by" in card.text
    ]
    assert len(decided) == 2
    assert "jira:ada" in decided[0]
    assert "@ada" in decided[1]


def test_issue_is_done_and_tells_its_outcome_in_comments(page: BeautifulSoup) -> None:
    issue = page.select_one("section.issue")
    assert issue is not None
    assert issue["data-key"] == "LP-1"
    assert issue.select_one("h2 small").text == "Done"  # type: ignore[union-attr]
    comments = [each.text for each in issue.select(".comment")]
    assert any("fixed" in text.lower() for text in comments)
    assert any("/approve" in text for text in comments)


def test_page_needs_nothing_from_elsewhere(page: BeautifulSoup) -> None:
    assert not page.select("script, link, img, iframe, [src]")
    assert page.select("button")
    assert all(button.has_attr("disabled") for button in page.select("button"))


def test_interrupt_leaves_nothing_running(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    with subprocess.Popen(
        COMMAND,
        cwd=tmp_path,
        env=os.environ | {"MARK": mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        said = ""
        while "/resolve" not in said:
            said = demo.stdout.readline()
            assert said, "it ended before it began"
        assert len(list(marked(mark))) >= 4, "Slack, Jira, Temporal and the demonstration"
        demo.send_signal(signal.SIGINT)
        output, errors = demo.communicate(timeout=60)
    assert demo.returncode == 130, errors
    assert "starts afresh" in output
    assert list(marked(mark)) == []


def marked(mark: str) -> Iterator[int]:
    """Processes that were started with this mark in their environment."""
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                yield int(path.parent.name)
        except OSError:
            continue  # it has ended meanwhile, or is not ours
