"""The database's schema as a list of steps. Append-only: a step that has shipped is never edited.

What a step leaves empty because it is made by Python (`passage_terms`, `sketches`) the database fills when it is
opened.
"""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 TEXT NOT NULL,
        format TEXT NOT NULL,
        parser_version INTEGER NOT NULL,
        title TEXT NOT NULL,
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        characters INTEGER NOT NULL,
        added_at TEXT NOT NULL,
        UNIQUE (sha256, format)
    );

    CREATE TABLE sources (
        path TEXT PRIMARY KEY,
        document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        bytes INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL
    );
    CREATE INDEX sources_by_document ON sources (document_id);

    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id INTEGER NOT NULL REFERENCES documents (id),
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        "start" INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        headings TEXT NOT NULL,
        sentences TEXT NOT NULL,
        page INTEGER,
        text TEXT NOT NULL,
        UNIQUE (document_id, position)
    );

    CREATE TABLE embeddings (
        passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
        embedder TEXT NOT NULL,
        vector BLOB NOT NULL,
        sentence_vectors BLOB NOT NULL,
        PRIMARY KEY (passage_id, embedder)
    );

    CREATE TABLE state (
        name TEXT PRIMARY KEY,
        value INTEGER NOT NULL
    );
    INSERT INTO state VALUES ('generation', 0);

    CREATE VIEW searchable AS
        SELECT passages.id AS id, documents.title AS title, passages.headings AS headings, passages.text AS text
        FROM passages JOIN documents ON documents.id = passages.document_id;

    CREATE VIRTUAL TABLE passages_fts USING fts5 (
        title, headings, text,
        content = 'searchable', content_rowid = 'id',
        tokenize = 'porter unicode61 remove_diacritics 2'
    );

    CREATE TRIGGER passage_added AFTER INSERT ON passages WHEN new.kind != 'heading' BEGIN
        INSERT INTO passages_fts (rowid, title, headings, text)
            SELECT id, title, headings, text FROM searchable WHERE id = new.id;
    END;
    CREATE TRIGGER passage_removed BEFORE DELETE ON passages WHEN old.kind != 'heading' BEGIN
        INSERT INTO passages_fts (passages_fts, rowid, title, headings, text)
            SELECT 'delete', id, title, headings, text FROM searchable WHERE id = old.id;
    END;
    CREATE TRIGGER document_removed BEFORE DELETE ON documents BEGIN
        DELETE FROM passages WHERE document_id = old.id;
    END;
    CREATE TRIGGER embedding_added AFTER INSERT ON embeddings BEGIN
        UPDATE state SET value = value + 1 WHERE name = 'generation';
    END;
    CREATE TRIGGER embedding_removed AFTER DELETE ON embeddings BEGIN
        UPDATE state SET value = value + 1 WHERE name = 'generation';
    END;
    """,
    """
    DROP TRIGGER passage_added;
    DROP TRIGGER passage_removed;
    DROP TABLE passages_fts;
    DROP VIEW searchable;

    CREATE TABLE passage_terms (
        passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        title TEXT NOT NULL,
        headings TEXT NOT NULL,
        text TEXT NOT NULL
    );
    CREATE VIRTUAL TABLE terms_fts USING fts5 (
        title, headings, text,
        content = 'passage_terms', content_rowid = 'passage_id',
        tokenize = 'ascii'
    );
    INSERT INTO terms_fts (terms_fts, rank) VALUES ('rank', 'bm25(2.0, 1.0, 1.0)');
    INSERT INTO state VALUES ('analyser', 0), ('passages', 0);
    CREATE INDEX documents_by_language ON documents (language);

    CREATE TRIGGER terms_added AFTER INSERT ON passage_terms BEGIN
        INSERT INTO terms_fts (rowid, title, headings, text)
            VALUES (new.passage_id, new.title, new.headings, new.text);
        UPDATE state SET value = value + 1 WHERE name = 'passages';
    END;
    CREATE TRIGGER terms_removed BEFORE DELETE ON passage_terms BEGIN
        INSERT INTO terms_fts (terms_fts, rowid, title, headings, text)
            VALUES ('delete', old.passage_id, old.title, old.headings, old.text);
        UPDATE state SET value = value - 1 WHERE name = 'passages';
    END;
    """,
    """
    ALTER TABLE documents ADD COLUMN pages TEXT NOT NULL DEFAULT '';
    ALTER TABLE passages ADD COLUMN later_pages TEXT NOT NULL DEFAULT '';
    """,
    """
    ALTER TABLE sources ADD COLUMN collection TEXT NOT NULL DEFAULT 'documents';
    CREATE INDEX sources_by_collection ON sources (collection, document_id);
    UPDATE sources SET collection = 'uploads' WHERE path NOT LIKE '/%' AND path NOT LIKE '_:%';
    WITH
        slashed (path, file) AS (SELECT path, replace(path, '\\', '/') FROM sources),
        folders (path, folder) AS (SELECT path, rtrim(rtrim(file, replace(file, '/', '')), '/') FROM slashed)
    UPDATE sources SET collection = substr(folder, length(rtrim(folder, replace(folder, '/', ''))) + 1)
        FROM folders WHERE folders.path = sources.path AND collection = 'documents' AND folder LIKE '%/_%';
    UPDATE sources SET modified_ns = 1000000000 * (
        SELECT strftime('%s', added_at) FROM documents WHERE documents.id = document_id
    ) WHERE collection = 'uploads' AND modified_ns = 0;
    """,
    """
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        title TEXT NOT NULL,
        folded TEXT NOT NULL,
        begun_at TEXT NOT NULL,
        changed_at TEXT NOT NULL
    );
    CREATE INDEX conversations_by_owner ON conversations (owner, changed_at);
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        asked_at TEXT NOT NULL,
        answer TEXT NOT NULL,
        words TEXT NOT NULL
    );
    CREATE INDEX turns_by_conversation ON turns (conversation_id);
    """,
    """
    CREATE TABLE failures (
        path TEXT PRIMARY KEY,
        bytes INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,
        reading TEXT NOT NULL,
        failure TEXT NOT NULL,
        reason TEXT NOT NULL
    );
    """,
    """
    CREATE TABLE sketches (
        document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        smallest TEXT NOT NULL
    );
    CREATE TABLE sketch_keys (
        key INTEGER NOT NULL,
        document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        PRIMARY KEY (key, document_id)
    ) WITHOUT ROWID;
    CREATE INDEX sketch_keys_by_document ON sketch_keys (document_id);
    INSERT INTO state VALUES ('sketcher', 0);
    """,
    """
    INSERT INTO state VALUES ('vectors_file', 0);
    """,
    """
    CREATE TABLE embedding_changes (
        id INTEGER PRIMARY KEY,
        generation INTEGER NOT NULL UNIQUE,
        passage_id INTEGER NOT NULL
    );
    INSERT INTO embedding_changes (generation, passage_id) SELECT value, 0 FROM state WHERE name = 'generation';
    INSERT INTO state VALUES ('library', random() & 9223372036854775807);

    DROP TRIGGER embedding_added;
    DROP TRIGGER embedding_removed;
    CREATE TRIGGER embedding_added AFTER INSERT ON embeddings BEGIN
        UPDATE state SET value = value + 1 + (random() & 1048575) WHERE name = 'generation';
        INSERT INTO embedding_changes (generation, passage_id)
            SELECT value, new.passage_id FROM state WHERE name = 'generation';
    END;
    CREATE TRIGGER embedding_removed AFTER DELETE ON embeddings BEGIN
        UPDATE state SET value = value + 1 + (random() & 1048575) WHERE name = 'generation';
        INSERT INTO embedding_changes (generation, passage_id)
            SELECT value, old.passage_id FROM state WHERE name = 'generation';
    END;
    CREATE TRIGGER change_forgotten AFTER INSERT ON embedding_changes BEGIN
        DELETE FROM embedding_changes WHERE id = new.id - 100000;
    END;
    """,
    """
    CREATE TABLE feedback (
        turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        citation INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        said_at TEXT NOT NULL,
        PRIMARY KEY (turn_id, citation)
    );
    """,
    """
    ALTER TABLE embeddings ADD COLUMN word_codes BLOB;
    """,
    """
    CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    );
    """,
    """
    CREATE INDEX passages_by_kind ON passages (document_id, kind);
    """,
)
