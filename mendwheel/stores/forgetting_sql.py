"""What the store holds about a ticket, by table: counted, deleted, or left as a bare row."""

COUNTED = {
    "texts": (
        "SELECT count(*) FROM sealed_texts WHERE key IN"
        " (SELECT number FROM ticket_keys WHERE ticket_id = ?)"
    ),
    "keys": "SELECT count(*) FROM ticket_keys WHERE ticket_id = ?",
    "case": "SELECT count(*) FROM cases WHERE ticket_id = ?",
    "vectors": "SELECT count(*) FROM case_vectors WHERE ticket_id = ?",
    "messages": "SELECT count(*) FROM desk WHERE ticket_id = ?",
    "questions": "SELECT count(*) FROM questions WHERE ticket_id = ?",
    "decisions": (
        "SELECT count(*) FROM decisions WHERE request_id IN"
        " (SELECT request_id FROM questions WHERE ticket_id = ?)"
    ),
    "kept answers": "SELECT count(*) FROM model_answers WHERE ticket_id = ?",
    "outcomes": "SELECT count(*) FROM outcomes WHERE ticket_id = ? AND bare = 0",
    "facts": "SELECT count(*) FROM outcome_facts WHERE ticket_id = ? AND bare = 0",
    "dead letters": "SELECT count(*) FROM dead_letters WHERE ticket_id = ?",
    "receipts": "SELECT count(*) FROM effects WHERE ticket_id = ? AND detail <> ''",
}
"""What is there to be forgotten; all 0 afterwards."""

DELETED = (
    # The text first, its key next: neither is of use without the other.
    "DELETE FROM sealed_texts WHERE key IN (SELECT number FROM ticket_keys WHERE ticket_id = ?)",
    "DELETE FROM ticket_keys WHERE ticket_id = ?",
    "INSERT INTO case_index (case_index, rowid, terms)"
    " SELECT 'delete', key, terms FROM cases WHERE ticket_id = ?",
    "DELETE FROM cases WHERE ticket_id = ?",
    "DELETE FROM case_vectors WHERE ticket_id = ?",
    "DELETE FROM desk WHERE ticket_id = ?",
    "DELETE FROM decisions WHERE request_id IN"
    " (SELECT request_id FROM questions WHERE ticket_id = ?)",
    "DELETE FROM questions WHERE ticket_id = ?",
    "DELETE FROM model_answers WHERE ticket_id = ?",
    "DELETE FROM dead_letters WHERE ticket_id = ?",
    # The receipt still says that it was done: it is what keeps an effect from being done twice.
    "UPDATE effects SET detail = '' WHERE ticket_id = ?",
    # One reported anew has a card of its own; where the old one is can still be told.
    "UPDATE OR REPLACE effects SET step = 'card-before' WHERE ticket_id = ? AND step = 'card'",
)
"""Each names the ticket once."""

OUTCOMES = "SELECT round, body FROM outcomes WHERE ticket_id = ?"
BARE_OUTCOME = "UPDATE outcomes SET body = ?, bare = 1 WHERE ticket_id = ? AND round = ?"
FACTS = "SELECT id, body FROM outcome_facts WHERE ticket_id = ?"
BARE_FACT = "UPDATE outcome_facts SET body = ?, bare = 1 WHERE ticket_id = ? AND id = ?"

NOTE = (
    "INSERT INTO forgotten (ticket_id, tenant, at, by, history) VALUES (?, ?, ?, ?, 1)"
    " ON CONFLICT (ticket_id) DO UPDATE SET at = excluded.at, by = excluded.by, history = 1"
)
NOTED = "SELECT history FROM forgotten WHERE ticket_id = ?"
# Somebody may have written in an old thread: what was kept of that belongs to no case. What was
# reported anew since is another ticket, with a time of its own: its runs of before are gone, or it
# could not have begun.
WAITING = (
    "SELECT ticket_id FROM forgotten f WHERE"
    " (history AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.ticket_id = f.ticket_id"
    " AND julianday(c.opened_at) >= julianday(f.at)))"
    " OR (EXISTS (SELECT 1 FROM ticket_keys k WHERE k.ticket_id = f.ticket_id)"
    " AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.ticket_id = f.ticket_id)) ORDER BY at"
)
LAST_ROUND = (
    "SELECT coalesce(max(round), 0) FROM (SELECT round FROM effects WHERE ticket_id = ?1"
    " UNION ALL SELECT round FROM outcomes WHERE ticket_id = ?1)"
    " WHERE EXISTS (SELECT 1 FROM forgotten WHERE ticket_id = ?1)"
)
HISTORY_GONE = "UPDATE forgotten SET history = 0 WHERE ticket_id = ?"

TENANT = (
    "SELECT tenant FROM cases WHERE ticket_id = ?1"
    " UNION SELECT tenant FROM ticket_keys WHERE ticket_id = ?1"
    " UNION SELECT tenant FROM forgotten WHERE ticket_id = ?1 LIMIT 1"
)
REPORTED = (
    "SELECT ticket_id FROM cases WHERE document ->> '$.reporter' = ? AND (? = '' OR tenant = ?)"
    " ORDER BY ticket_id"
)
# Labelled and backfilled cases have no head: they are knowledge that somebody put in.
# Days as a number, since SQLite's datetime() has no parts of a second.
CLOSED = (
    "SELECT ticket_id FROM cases WHERE tenant = ? AND NOT open"
    " AND document ->> '$.head' IS NOT NULL"
    " AND julianday(document ->> '$.closed_at') < julianday(?) ORDER BY ticket_id"
)
TENANTS = "SELECT DISTINCT tenant FROM cases ORDER BY tenant"
DOSSIERS = (
    "SELECT ticket_id, body ->> '$.dossier.tenant', body ->> '$.dossier.sha256',"
    " body ->> '$.dossier.size' FROM outcomes WHERE body ->> '$.dossier' IS NOT NULL"
    " ORDER BY ticket_id, round"
)
MERGE_INDEX = "INSERT INTO case_index (case_index) VALUES ('optimize')"
