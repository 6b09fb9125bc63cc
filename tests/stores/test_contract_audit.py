"""Promises of every backend about the audit: what a person changes by hand is found, by row."""

import hashlib

import pytest


def test_audit_reads_back_a_tickets_rows_in_order(backend, clock):
    assert backend.audit.append("t1", "opened", "ann", {"delivery": "d1"}) == 1
    clock.advance(1)
    assert backend.audit.append("t2", "opened", "eve \ud800", {}) == 2
    assert backend.audit.append("t1", "approved", "bob", {"actor": "root"}) == 3
    backend.restart()
    first, second = backend.audit.read("t1")
    assert first == {
        "seq": "1",
        "at": "2026-03-01T09:00:00+00:00",
        "ticket_id": "t1",
        "action": "opened",
        "actor": "ann",
        "delivery": "d1",
    }
    assert second["actor"] == "bob"
    assert backend.audit.verify() == 3


def test_what_is_said_again_by_the_same_run_is_one_row(backend):
    said = ("t1", "effect permitted", "policy", {"effect": "a b"})
    assert backend.audit.append(*said, once="run") == 1
    backend.restart()
    assert backend.audit.append(*said, once="run") == 1
    assert backend.audit.append(*said, once="another run") == 2
    assert (
        backend.audit.append("t1", "effect permitted", "policy", {"effect": "c"}, once="run") == 3
    )
    assert backend.audit.append("t2", *said[1:], once="run") == 4
    assert backend.audit.append(*said) == 5
    assert backend.audit.verify() == 5
    backend.tamper("UPDATE audit SET body = 'nothing' WHERE seq = 3")
    assert backend.audit.append(*said, once="run") == 1, "who tampers stops nobody"


def test_empty_audit_verifies(backend):
    assert backend.audit.verify() == 0


@pytest.mark.parametrize(
    ("edit", "row"),
    [
        ("UPDATE audit SET body = replace(body, 'bob', 'eve') WHERE seq = 4", 4),
        ("UPDATE audit SET ticket_id = 't9' WHERE seq = 2", 2),
        ("UPDATE audit SET sha256 = 'f' || substr(sha256, 2) || 'f' WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq >= 5", 5),
        ("DELETE FROM audit", 1),
        (
            "INSERT INTO audit SELECT seq + 1, ticket_id, body, sha256 FROM audit WHERE seq = 6",
            7,
        ),
    ],
    ids=["body", "ticket", "hash", "gap", "tail", "all", "copy"],
)
def test_audit_row_changed_by_hand_is_named(backend, edit, row):
    for _ in range(6):
        backend.audit.append("t1", "approved", "bob", {})
    assert backend.audit.verify() == 6
    backend.tamper(edit)
    with pytest.raises(ValueError, match=rf"audit row {row} "):
        backend.audit.verify()


def test_audit_row_rewritten_with_its_own_hash_breaks_the_next(backend):
    for _ in range(3):
        backend.audit.append("t1", "approved", "bob", {})
    body = backend.query("SELECT body FROM audit WHERE seq = 2")[0][0].replace("bob", "eve")
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    backend.tamper("UPDATE audit SET body = ?, sha256 = ? WHERE seq = 2", body, sha256)
    with pytest.raises(ValueError, match="audit row 3 "):
        backend.audit.verify()


def test_audit_row_keeps_no_words_that_came_with_a_decision(backend):
    words = "I know this customer, Mary Miller of Acme"
    backend.audit.append("t1", "decision taken", "bob", {"decision": words, "rule": "two people"})
    [row] = backend.audit.read("t1")
    assert row["decision"] == f"sha256:{hashlib.sha256(words.encode()).hexdigest()}"
    assert row["rule"] == "two people", "the policy file says so, no ticket"
    assert backend.audit.verify() == 1


def test_row_that_is_no_row_of_ours_is_named_though_its_hash_is_right(backend):
    backend.audit.append("t1", "approved", "bob", {})
    for body in ("[]", "{}", "nothing"):
        sha256 = hashlib.sha256(body.encode()).hexdigest()
        backend.tamper("UPDATE audit SET body = ?, sha256 = ? WHERE seq = 1", body, sha256)
        with pytest.raises(ValueError, match="audit row 1 "):
            backend.audit.verify()
