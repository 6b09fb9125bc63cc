"""The statements of the knowledge store, apart from the code that fills them in."""

# Without the filters, which cost more than the index: its best are looked at one after another.
FOUND = """
    SELECT rowid FROM passage_index WHERE passage_index MATCH :expression
    ORDER BY bm25(passage_index, 1.0, 2.0, 3.0, 0.5) LIMIT :most
"""
CANDIDATES = """
    WITH found AS (
        SELECT i.rowid AS key, bm25(passage_index, 1.0, 2.0, 3.0, 0.5) AS score
        FROM passage_index i
        JOIN passages p ON p.key = i.rowid JOIN documents d ON d.key = p.document
        WHERE passage_index MATCH :expression AND d.tenant = :tenant
        AND (:kinds = '[]' OR d.kind IN (SELECT value FROM json_each(:kinds)))
        AND (d.labels = '[]' OR EXISTS (
            SELECT 1 FROM json_each(d.labels) own
            WHERE own.value IN (SELECT value FROM json_each(:labels))))
        ORDER BY score LIMIT :most
    )
    SELECT p.key, p.document, p.body_terms, p.heading_terms, p.title_terms, p.path_terms,
           d.id, d.product
    FROM found JOIN passages p ON p.key = found.key JOIN documents d ON d.key = p.document
"""
# In this order: few keys are wanted, and a tenant may have many documents.
WITHIN = """
    SELECT p.key, p.document, p.body_terms, p.heading_terms, p.title_terms, p.path_terms,
           d.id, d.product
    FROM json_each(:keys) wanted
    CROSS JOIN passages p ON p.key = wanted.value CROSS JOIN documents d ON d.key = p.document
    WHERE d.tenant = :tenant
    AND (:kinds = '[]' OR d.kind IN (SELECT value FROM json_each(:kinds)))
    AND (d.labels = '[]' OR EXISTS (
        SELECT 1 FROM json_each(d.labels) own
        WHERE own.value IN (SELECT value FROM json_each(:labels))))
"""
PASSAGES = """
    SELECT p.key, d.id, d.title, p.heading, p.text, d.kind, p.position, d.component, d.remedy,
           d.url, d.labels
    FROM passages p JOIN documents d ON d.key = p.document
    WHERE p.key IN (SELECT value FROM json_each(?))
"""
UNREADABLE = """
    SELECT d.labels, count(*) FROM documents d
    WHERE d.tenant = :tenant AND d.labels != '[]' AND NOT EXISTS (
        SELECT 1 FROM json_each(d.labels) own
        WHERE own.value IN (SELECT value FROM json_each(:labels)))
    GROUP BY d.labels
"""
ADD_DOCUMENT = """
    INSERT INTO documents
        (tenant, id, digest, kind, product, labels, title, component, remedy, url, origin, place)
    VALUES (:tenant, :id, :digest, :kind, :product, :labels, :title, :component, :remedy, :url,
        :origin, :place)
"""
ADD_PASSAGE = """
    INSERT INTO passages (document, position, heading, text,
        body_terms, heading_terms, title_terms, path_terms)
    VALUES (:document, :position, :heading, :text,
        :body_terms, :heading_terms, :title_terms, :path_terms)
"""
INDEX_PASSAGE = """
    INSERT INTO passage_index (rowid, body_terms, heading_terms, title_terms, path_terms)
    VALUES (:key, :body_terms, :heading_terms, :title_terms, :path_terms)
"""
UNINDEX = """
    INSERT INTO passage_index
        (passage_index, rowid, body_terms, heading_terms, title_terms, path_terms)
    SELECT 'delete', key, body_terms, heading_terms, title_terms, path_terms
    FROM passages
    WHERE document = (SELECT key FROM documents WHERE tenant = ? AND id = ?)
"""
DELETE_PASSAGES = """
    DELETE FROM passages
    WHERE document = (SELECT key FROM documents WHERE tenant = ? AND id = ?)
"""
STANDING = """
    SELECT id, digest, origin, place FROM documents
    WHERE tenant = ? AND id IN (SELECT value FROM json_each(?))
"""
MOVE = """
    UPDATE documents SET origin = ?, place = ?
    WHERE tenant = ? AND id IN (SELECT value FROM json_each(?))
"""
OF_ORIGIN = "SELECT id, place FROM documents WHERE tenant = ? AND origin = ?"
FILE = "SELECT sum, documents FROM knowledge_files WHERE tenant = ? AND origin = ? AND place = ?"
NOTE_FILE = "INSERT OR REPLACE INTO knowledge_files VALUES (?, ?, ?, ?, ?)"
FORGET_FILE = "DELETE FROM knowledge_files WHERE tenant = ? AND origin = ? AND place = ?"
