"""Whoever reads evidence is told of which time it tells, and is led to where it was seen."""

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest

from mendwheel.activities.briefs import Texts
from mendwheel.activities.cards import card, sources
from mendwheel.activities.establishing import establish
from mendwheel.activities.observing import Observing
from mendwheel.agents import AGENTS
from mendwheel.agents.agent import Brief
from mendwheel.contracts.observing import ObserveRequest
from mendwheel.contracts.presenting import PresentRequest
from mendwheel.domain.diagnosis import Claim, Diagnosis, DiagnosisNote, Stance
from mendwheel.domain.evidence import Dossier, Evidence, EvidenceKind
from mendwheel.domain.observation import Observation, Window, spanning
from mendwheel.domain.ticket import Phase, Report
from mendwheel.gateway.messages import build
from mendwheel.integrations.jira.body import share
from mendwheel.integrations.jira.card import card_markdown
from mendwheel.integrations.slack.card import card_blocks
from mendwheel.stores.bundle import Stores
from tests.integrations.telemetry_case import REPORT, WINDOW
from tests.tickets import ticket

TOLD = "2026-03-01 11:00 to 12:00 UTC"
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
LINK = "https://watch.test/explore?q=1"
LOG = "\n".join(
    f"2026-03-01T11:{minute:02}:00Z ERROR checkout: connection pool exhausted"
    for minute in range(30, 60)
)
EXHIBIT = Evidence(
    id="X1",
    kind=EvidenceKind.EXHIBIT,
    title="checkout.log",
    source="logs",
    media="logs",
    text=LOG,
    url=LINK,
    window=WINDOW,
)


class Showing:
    """A sense with one observation."""

    def __init__(self, seen: Observation) -> None:
        self.name = "logs"
        self._seen = seen

    def observe(self, *_: object) -> list[Observation]:
        return [self._seen]


async def kept(tmp_path: Path, seen: Observation) -> Evidence:
    with Stores(tmp_path / "s.db") as stores:
        report = stores.artifacts.put("default", REPORT.model_dump_json())
        observing = Observing([Showing(seen)], stores.artifacts, lambda: NOW)
        ref = await observing.observe(ObserveRequest(ticket=ticket(report=report)))
        [found] = Dossier.model_validate_json(stores.artifacts.get(ref)).evidence
        return found


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (WINDOW.start, WINDOW.end, TOLD),
        (WINDOW.start, WINDOW.start + timedelta(seconds=20), "2026-03-01 11:00 UTC"),
        (
            WINDOW.start - timedelta(days=1),
            WINDOW.end,
            "2026-02-28 11:00 to 2026-03-01 12:00 UTC",
        ),
        (
            datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1))),
            datetime(2026, 3, 1, 12, 0),
            TOLD,
        ),
    ],
)
def test_a_window_is_told_in_utc(start: datetime, end: datetime, said: str) -> None:
    assert Window(start=start, end=end).told() == said


def test_windows_span_from_the_first_start_to_the_last_end() -> None:
    later = Window(start=WINDOW.end, end=NOW)
    assert spanning([None, later, WINDOW]) == Window(start=WINDOW.start, end=NOW)
    assert spanning([None]) is None


async def test_what_a_sense_saw_keeps_its_window_and_its_link(tmp_path: Path) -> None:
    seen = Observation(title="log", media="logs", text="x", url=LINK, window=WINDOW)
    found = await kept(tmp_path, seen)
    assert (found.window, found.url) == (WINDOW, LINK)


async def test_what_names_no_time_is_of_the_moment_of_the_look(tmp_path: Path) -> None:
    found = await kept(tmp_path, Observation(title="pods", media="state", text="x"))
    assert found.window == Window(start=NOW, end=NOW)


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "ftp://watch.test/x", "//watch.test", "https://a:b@watch.test"),
        *("https://watch.test/x>y", "https://watch.test/a b", "https://watch.test/\n", "https://"),
        f"https://watch.test/{'x' * 5000}",
    ],
)
async def test_what_is_no_safe_link_is_none(tmp_path: Path, url: str) -> None:
    seen = Observation(title="log", media="logs", text="x", url=url)
    assert (await kept(tmp_path, seen)).url is None


def test_evidence_from_before_there_were_windows_is_still_read() -> None:
    old = '{"evidence":[{"id":"X1","kind":"exhibit","title":"t","source":"s"}]}'
    assert Dossier.model_validate_json(old).evidence[0].window is None


def test_a_model_reads_the_window_beside_the_evidence() -> None:
    brief = Brief(report=Report(title="Slow", body=""), evidence=[EXHIBIT])
    built = build(
        AGENTS["investigator"], brief, system="s", context_chars=8000, hide=lambda text: text
    )
    assert f"checkout.log (exhibit, logs, reported, {TOLD})" in built[1]["content"]


def test_a_finding_has_the_window_and_the_link_of_what_it_rests_on() -> None:
    found = establish("records", Brief(report=REPORT, evidence=[EXHIBIT]))
    assert found
    assert {(item.window, item.url) for item in found if item.cites} == {(WINDOW, LINK)}


def test_people_see_the_window_on_the_card_and_in_the_list_of_sources(tmp_path: Path) -> None:
    with Stores(tmp_path / "s.db") as stores:
        texts = Texts(stores.artifacts)
        diagnosis = Diagnosis(
            stance=Stance.CAUSE, claims=[Claim(text="The pool.", evidence_ids=["X1"])]
        )
        dossier = Dossier(evidence=[EXHIBIT])
        note = DiagnosisNote(
            ref=texts.keep(ticket(), diagnosis), stance=Stance.CAUSE, headline="pool"
        )
        request = PresentRequest(
            ticket=ticket(),
            place="slack:C1",
            phase=Phase.REVIEW,
            round=1,
            dossier=texts.keep(ticket(), dossier),
            diagnosis=note,
        )
        shown = card(request, texts, [], lambda _: None, NOW)
    assert [each.window for each in shown.evidence] == [WINDOW]
    assert TOLD in str(card_blocks(shown))
    assert TOLD in card_markdown(shown, partial(share, cloud=True))
    assert TOLD in sources(dossier, {"X1": 1})
