"""The statements of the vectors of passages and cases, apart from the code that fills them in."""

WITHOUT_VECTORS = """
    SELECT p.key, d.title, p.heading, p.text
    FROM documents d JOIN passages p ON p.document = d.key
    WHERE d.tenant = :tenant AND p.key > :after AND NOT EXISTS (
        SELECT 1 FROM passage_vectors v WHERE v.passage = p.key AND v.embedder = :embedder)
    ORDER BY p.key LIMIT :most
"""
COUNT_WITHOUT = """
    SELECT count(*) FROM documents d JOIN passages p ON p.document = d.key
    WHERE d.tenant = :tenant AND NOT EXISTS (
        SELECT 1 FROM passage_vectors v WHERE v.passage = p.key AND v.embedder = :embedder)
"""
# The text is compared, because a passage's key may have gone to another text meanwhile.
ADD = """
    INSERT OR REPLACE INTO passage_vectors (passage, tenant, embedder, windows, vectors)
    SELECT p.key, d.tenant, :embedder, :windows, :vectors
    FROM passages p JOIN documents d ON d.key = p.document
    WHERE p.key = :passage AND d.tenant = :tenant AND d.title = :title
    AND p.heading = :heading AND p.text = :text
"""
NOTE_ADDED = """
    INSERT INTO vector_changes (tenant, embedder, added, removed)
    SELECT :tenant, :embedder, max(key), 0 FROM passage_vectors
    WHERE tenant = :tenant AND embedder = :embedder HAVING max(key) IS NOT NULL
    ON CONFLICT (tenant, embedder) DO UPDATE SET added = excluded.added
"""
DELETE = """
    DELETE FROM passage_vectors WHERE passage IN (
        SELECT key FROM passages
        WHERE document = (SELECT key FROM documents WHERE tenant = ? AND id = ?))
"""
NOTE_REMOVED = "UPDATE vector_changes SET removed = removed + 1 WHERE tenant = ?"
CHANGES = "SELECT added, removed FROM vector_changes WHERE tenant = ? AND embedder = ?"
KEYS = "SELECT key FROM passage_vectors WHERE tenant = ? AND embedder = ?"
LOAD = """
    SELECT v.key, v.passage, v.windows, v.vectors, d.kind, d.labels, d.product, d.id
    FROM passage_vectors v JOIN passages p ON p.key = v.passage
    JOIN documents d ON d.key = p.document
    WHERE v.tenant = ? AND v.embedder = ? AND v.key > ? AND v.key <= ? ORDER BY v.key LIMIT ?
"""

# Only where the case still says what was embedded: it may have changed meanwhile.
ADD_CASE = """
    INSERT INTO case_vectors (ticket_id, tenant, embedder, sum, vector)
    SELECT ticket_id, tenant, :embedder, :sum, :vector FROM cases
    WHERE ticket_id = :ticket_id AND coalesce(said, :sum) = :sum
    ON CONFLICT DO NOTHING
"""
CASE_WITHOUT = """
    SELECT 1 FROM cases c WHERE c.ticket_id = ? AND c.said = ? AND NOT EXISTS (
        SELECT 1 FROM case_vectors v WHERE v.ticket_id = c.ticket_id AND v.embedder = ?)
"""
CASES_LOAD = """
    SELECT key, vector FROM case_vectors WHERE tenant = ? AND embedder = ? AND key > ? ORDER BY key
"""
CASES_WITHOUT = """
    SELECT c.document FROM cases c WHERE c.tenant = ? AND NOT EXISTS (
        SELECT 1 FROM case_vectors v WHERE v.ticket_id = c.ticket_id AND v.embedder = ?)
    AND c.ticket_id > ? ORDER BY c.ticket_id LIMIT ?
"""
CASES_OF = """
    SELECT v.key, c.key FROM json_each(:keys) wanted
    CROSS JOIN case_vectors v ON v.key = wanted.value
    CROSS JOIN cases c ON c.ticket_id = v.ticket_id
    WHERE c.tenant = :tenant AND c.ticket_id != :itself AND (NOT :open_only OR c.open)
"""
VECTORS_OF = """
    SELECT v.key, c.key FROM json_each(:keys) wanted
    CROSS JOIN cases c ON c.key = wanted.value
    CROSS JOIN case_vectors v ON v.ticket_id = c.ticket_id AND v.embedder = :embedder
    WHERE c.tenant = :tenant
"""
FORGET_CASE = "DELETE FROM case_vectors WHERE ticket_id = ? AND sum != ?"
