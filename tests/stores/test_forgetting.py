"""Promises of the store about tickets that are to be forgotten."""

import sqlite3
import stat
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mendwheel.domain.approval import Approval, Decision
from mendwheel.domain.evidence import ArtifactRef, Dossier, Evidence, EvidenceKind
from mendwheel.domain.ids import EffectKey
from mendwheel.domain.knowledge import Case
from mendwheel.domain.letter import DeadLetter, LetterKind
from mendwheel.domain.outcome import FactKind, Outcome, OutcomeFact, OutcomeKind
from mendwheel.domain.remedy import EffectState, Receipt, Risk
from mendwheel.domain.ticket import Attachment, Report
from mendwheel.ports import StoreUnavailable
from mendwheel.stores.bundle import Stores
from mendwheel.stores.forgetting_sql import COUNTED
from mendwheel.stores.resealing import reseal
from mendwheel.stores.ticket_keys import file_of
from tests.tickets import ticket

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE, OTHER = "mendwheel-default-cli-one", "mendwheel-default-cli-other"
WORD = "zwetschgenknoedel"
"""A word of the ticket that nothing else has: where it is found, something was left."""


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with Stores(tmp_path / "store.db") as made:
        yield made


def fill(stores: Stores, name: str, word: str = WORD) -> ArtifactRef:
    """A ticket with a trace in every table, each with `word` in it; returns its report."""
    report = stores.artifacts.put("default", f"the report says {word}", name)
    head = ticket(id=name, report=report, title=word)
    stores.cases.save(
        Case(ticket_id=name, title=word, text=word, reporter=word, opened_at=NOW, head=head)
    )
    key = EffectKey(ticket_id=name, round=1, step="remedy", target="restart")
    stores.desk.post("", name, word, key)
    stores.ledger.claim(key, "a" * 64, 1)
    stores.ledger.done(key, Receipt(state=EffectState.DONE, detail=word, reference="wf-1"))
    approval = Approval(
        request_id=f"q-{name}", ticket_id=name, round=1, tool="restart", arguments_sha256="a" * 64,
        policy_version="1", risk=Risk.LOW, question=f"Run it for {word}?", code="QQ",
        approvers=["x"], requester="r", asked_at=NOW, expires_at=NOW,
    )  # fmt: skip
    stores.questions.asked(approval)
    decision = Decision(
        request_id=approval.request_id, approved=True, arguments_sha256="a" * 64, channel="cli",
        subject="x", decision_id="d", note=word,
    )  # fmt: skip
    stores.questions.decided(approval.request_id, decision, True, "")
    stores.letters.add(DeadLetter(key=key, kind=LetterKind.MESSAGE, reason=word, at=NOW))
    stores.answers.put("default", f"k-{name}", f"it said {word}", seconds=1e9, ticket=name)
    stores.outcomes.save(
        Outcome(ticket_id=name, round=1, kind=OutcomeKind.FIXED, reason=word, component=word)
    )
    fact = OutcomeFact(id="f", kind=FactKind.THUMBS_UP, who=word, at=NOW)
    stores.outcomes.add_fact(name, fact)
    stores.audit.append(name, "opened", "mendwheel", {"report": report.sha256})
    return report


def test_nothing_of_a_forgotten_ticket_is_left_in_the_file_or_its_log(
    stores: Stores, tmp_path: Path
) -> None:
    fill(stores, ONE)
    # Saved again, as at its end: the index keeps the words of earlier versions until it is merged.
    case = stores.cases.get(ONE)
    assert case is not None
    stores.cases.save(case.model_copy(update={"open": False, "resolution": WORD}))
    assert WORD in _bytes(tmp_path), "else it could not be seen to go"

    stores.forgetting.forget(ONE, "admin")
    assert stores.forgetting.scrub()

    assert WORD not in _bytes(tmp_path)


def test_every_table_that_names_tickets_is_forgotten_or_says_why_not(stores: Stores) -> None:
    kept = {
        "audit": "digests and ids, which the chain needs",
        "reservations": "figures",
        "tenant_tokens": "figures",
        "model_calls": "figures and names of routes",
        "threads": "ids, so that a reply in an old thread starts no second ticket",
        "forgotten": "that it was",
    }
    fill(stores, ONE)
    found = stores.forgetting.traces(ONE)
    counted = " ".join(COUNTED.values())
    for table in stores.store.read().table_names():
        columns = {column.name for column in stores.store.read().table(table).columns}
        if "ticket_id" in columns and table not in kept:
            assert f" {table} " in f"{counted} ", f"{table} is not forgotten"
    assert {name for name, count in found.counts.items() if not count} == {"vectors"}

    stores.forgetting.forget(ONE, "admin")

    assert stores.forgetting.traces(ONE).rows == 0


def test_forgetting_one_ticket_takes_nothing_from_another_with_the_same_words(
    stores: Stores,
) -> None:
    report = fill(stores, ONE)
    assert fill(stores, OTHER) == report, "the same text has the same address"
    before = stores.forgetting.traces(OTHER)

    stores.forgetting.forget(ONE, "admin")

    assert stores.forgetting.traces(OTHER) == before
    assert WORD in stores.artifacts.get(report)
    stores.forgetting.forget(OTHER, "admin")
    with pytest.raises(LookupError, match="forgotten"):
        stores.artifacts.get(report)


def test_audit_chain_holds_before_and_after_and_tells_who_forgot_what(stores: Stores) -> None:
    fill(stores, ONE)
    fill(stores, OTHER, "marillenknoedel")
    rows = stores.audit.verify()
    stores.forgetting.forget(ONE, "admin")

    assert stores.audit.verify() == rows + 1
    last = stores.audit.read(ONE)[-1]
    assert (last["action"], last["actor"], last["texts"]) == ("forgotten", "admin", "2")
    assert WORD not in str(stores.audit.read(ONE))


def test_forgetting_again_changes_nothing_and_a_new_round_can_be_forgotten_anew(
    stores: Stores,
) -> None:
    fill(stores, ONE)
    stores.forgetting.forget(ONE, "admin")
    rows = stores.audit.verify()
    assert stores.forgetting.forget(ONE, "admin").rows == 0
    assert stores.audit.verify() == rows

    again = fill(stores, ONE)
    assert WORD in stores.artifacts.get(again)
    stores.forgetting.forget(ONE, "admin")
    assert stores.forgetting.traces(ONE).rows == 0


def test_words_that_come_late_are_found_again_though_no_case_is_left(stores: Stores) -> None:
    fill(stores, ONE)
    stores.forgetting.forget(ONE, "admin")
    stores.forgetting.history_gone(ONE)
    assert stores.forgetting.waiting() == []
    stores.artifacts.put("default", "a reply in the old thread", ONE)
    assert stores.forgetting.waiting() == [ONE]
    fill(stores, ONE)
    assert stores.forgetting.waiting() == [], "it was reported anew, and is a ticket again"


def test_ticket_reported_anew_is_none_that_is_still_to_be_forgotten(tmp_path: Path) -> None:
    later = NOW + timedelta(minutes=1)
    with Stores(tmp_path / "store.db", now=lambda: later) as stores:
        fill(stores, ONE)
        stores.forgetting.forget(ONE, "admin")
        assert stores.forgetting.waiting() == [ONE], "until Temporal says that it has nothing"
        fill(stores, ONE)
        assert stores.forgetting.waiting() == [ONE], "a step that was under way wrote it again"
        case = stores.cases.get(ONE)
        assert case is not None
        stores.cases.save(case.model_copy(update={"opened_at": later + timedelta(minutes=1)}))
        assert stores.forgetting.waiting() == []


def test_outcome_and_effect_of_a_forgotten_ticket_still_count(stores: Stores) -> None:
    fill(stores, ONE)
    stores.forgetting.forget(ONE, "admin")

    outcome = stores.outcomes.latest(ONE)
    assert outcome is not None
    assert (outcome.kind, outcome.reason) == (OutcomeKind.FIXED, "forgotten")
    [(_, receipt)] = stores.ledger.entries(ONE)
    assert (receipt.state, receipt.reference) == (EffectState.DONE, "wf-1")


def test_another_process_that_still_holds_the_key_cannot_bring_a_text_back(
    stores: Stores, tmp_path: Path
) -> None:
    with Stores(tmp_path / "store.db") as other:
        report = fill(other, ONE)
        stores.forgetting.forget(ONE, "admin")
        # The process goes on with the key it remembers; what it writes has a new key all the same.
        late = other.artifacts.put("default", "late words", ONE)
        assert stores.artifacts.get(late) == "late words"
        other.artifacts.drop("default", ONE)
        with pytest.raises(LookupError):
            other.artifacts.get(report)


def test_copy_of_the_store_without_its_key_file_holds_no_readable_text(
    stores: Stores, tmp_path: Path
) -> None:
    report = fill(stores, ONE)
    stores.store.checkpoint()
    copy = tmp_path / "copy.db"
    copy.write_bytes((tmp_path / "store.db").read_bytes())
    with Stores(copy) as stolen, pytest.raises(StoreUnavailable, match=r"copy\.key is missing"):
        stolen.artifacts.get(report)
    # With another store's key it is no better, and nothing is overwritten.
    file_of(copy).write_text("00" * 32)
    file_of(copy).chmod(0o600)
    with Stores(copy) as stolen, pytest.raises(StoreUnavailable, match="not the key"):
        stolen.artifacts.get(report)


def test_key_file_is_for_its_owner_alone(stores: Stores, tmp_path: Path) -> None:
    report = fill(stores, ONE)
    path = file_of(tmp_path / "store.db")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with (
        Stores(tmp_path / "store.db") as other,
        pytest.raises(StoreUnavailable, match="chmod 600"),
    ):
        other.artifacts.get(report)


def test_text_that_was_changed_or_moved_in_the_file_is_not_served(
    stores: Stores, tmp_path: Path
) -> None:
    stores.artifacts.put("default", "one", ONE)
    two = stores.artifacts.put("default", "two", ONE)
    swap = "UPDATE sealed_texts SET body = (SELECT body FROM sealed_texts WHERE sha256 <> ?)"
    stores.store.write(lambda db: db.execute(swap, [two.sha256]) and None)
    with (
        Stores(tmp_path / "store.db") as other,
        pytest.raises(StoreUnavailable, match="changed by hand"),
    ):
        other.artifacts.get(two)


def test_tickets_that_quote_a_forgotten_one_are_named(stores: Stores) -> None:
    fill(stores, ONE)
    cited = Evidence(kind=EvidenceKind.CASE, title="t", source=ONE, text=WORD, id="C1")
    ref = stores.artifacts.put(
        "default", Dossier(evidence=[cited]).model_dump_json(exclude_defaults=True), OTHER
    )
    stores.outcomes.save(Outcome(ticket_id=OTHER, round=1, kind=OutcomeKind.ANSWERED, dossier=ref))
    assert stores.forgetting.quoting([ONE]) == {OTHER: [ONE]}


def test_retention_finds_what_ended_long_ago_and_never_what_people_put_in(stores: Stores) -> None:
    def save(name: str, days: float, **more: object) -> None:
        closed = {"open": False, "closed_at": NOW - timedelta(days=days), "head": ticket(id=name)}
        case = Case(ticket_id=name, title="t", text="t", opened_at=NOW, reporter="mary")
        stores.cases.save(case.model_copy(update=closed | more))

    save("old", 366)
    save("young", 364)
    save("running", 400, open=True)
    save("labelled", 400, head=None)
    save("theirs", 400, tenant="red")

    limit = NOW - timedelta(days=365)
    assert stores.forgetting.closed_before(limit, "default") == ["old"]
    a_moment = timedelta(milliseconds=5)
    ended = NOW - timedelta(days=366)
    assert stores.forgetting.closed_before(ended, "default") == []
    assert stores.forgetting.closed_before(ended + a_moment, "default") == ["old"]
    assert stores.forgetting.closed_before(limit, "red") == ["theirs"]
    assert stores.forgetting.reported_by("mary", "red") == ["theirs"]
    assert len(stores.forgetting.reported_by("mary")) == 5


def _plain(stores: Stores, text: str) -> ArtifactRef:
    """A text as a store of before had it."""
    from hashlib import sha256

    raw = text.encode()
    ref = ArtifactRef(tenant="default", sha256=sha256(raw).hexdigest(), size=len(raw))
    row = ("default", ref.sha256, zlib.compress(raw))
    stores.store.write(
        lambda db: db.execute("INSERT INTO artifacts VALUES (?, ?, ?)", row) and None
    )
    return ref


def test_texts_of_before_are_read_then_sealed_and_go_with_their_tickets(
    stores: Stores, tmp_path: Path
) -> None:
    log = _plain(stores, f"log of {WORD}")
    attached = Attachment(name="l", media="logs", artifact=log)
    report = _plain(stores, Report(title="t", body=WORD, attachments=[attached]).model_dump_json())
    _plain(stores, f"a step in between, {WORD}")
    for name in (ONE, OTHER):
        stores.cases.save(
            Case(ticket_id=name, title="t", text="t", opened_at=NOW, head=ticket(report=report))
        )
    assert WORD in stores.artifacts.get(log)

    assert reseal(stores.store, stores.artifacts) == 1, "open tickets may need what is in between"
    for name in (ONE, OTHER):
        case = stores.cases.get(name)
        assert case is not None
        stores.cases.save(case.model_copy(update={"open": False}))
    assert reseal(stores.store, stores.artifacts) == 0

    stores.forgetting.forget(ONE, "admin")
    assert WORD in stores.artifacts.get(log), "the other ticket has it too"
    stores.forgetting.forget(OTHER, "admin")
    with pytest.raises(LookupError):
        stores.artifacts.get(log)
    stores.forgetting.scrub()
    assert WORD not in _bytes(tmp_path)


def _bytes(folder: Path) -> str:
    """Everything in the store's files, texts unpacked as far as they are not sealed."""
    found = b"".join(path.read_bytes() for path in sorted(folder.glob("store.db*")))
    db = sqlite3.connect(folder / "store.db")
    try:
        for (body,) in db.execute("SELECT body FROM artifacts"):
            found += zlib.decompress(body)
    finally:
        db.close()
    return found.decode("latin-1")
