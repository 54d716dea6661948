"""The source of truth: one SQLite file. All SQL stands here, in `index.scopes`, `index.migrations` and in
the modules that keep a table of their own (`index.conversations`, `index.feedback`, `index.choices`).

Each thread has a connection of its own, so that readers never wait for a writer (WAL); one writer at a time.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from index import rows, scopes
from index.analyse import ANALYSER_VERSION
from index.bm25 import TITLE_WEIGHT
from index.duplicates import ALIKE, SKETCH_VERSION, Sketch, share, sketch
from index.embedders import Embedded
from index.errors import LibraryError, LibraryFull, LibraryLocked, LibraryTooNew, NotInLibrary
from index.lexical import columns_of, terms_of_columns
from index.migrations import MIGRATIONS
from index.parse.title import retitled
from index.types import (
    Collection,
    Document,
    DocumentInfo,
    Failure,
    Kind,
    ParsedDocument,
    Passage,
    PassageDraft,
    PassageTerms,
    Resemblance,
    Scope,
    ScoredPassage,
)

if TYPE_CHECKING:
    from index.arrays import Floats, Ids

BUSY_TIMEOUT_SECONDS = 10.0
COUNTED = 5_000
"""A word's passages are counted one by one up to here, which takes half a millisecond."""
COUNTS_KEPT = 10_000
IDS_AT_ONCE = 500
RETITLED = "retitled"
"""The generation at which a document was last given another title is noted under this name."""
ALIKE_LOOKED_AT = 50
"""Documents for each key of a sketch, the latest: a thousand copies of one form do not make each the slower."""

SourceRow = tuple[str, int, int, str]
"""A path, its file's bytes and time of change, and the collection it belongs to if it is new.

The bytes are -1 where the file may have changed since without another time: it is then looked at again.
"""
LIKE_NAMED = """
    SELECT documents.id, path FROM documents JOIN sources ON document_id = documents.id
    WHERE sha256 = ? AND parser_version = ? ORDER BY documents.id
"""
"""Documents of a content, with the names that their files have or had."""

DOCUMENTS = """
    SELECT documents.id, title, format, added_at, characters,
        (SELECT path FROM sources WHERE document_id = documents.id ORDER BY rowid LIMIT 1) AS source,
        (SELECT count(*) FROM passages WHERE document_id = documents.id AND kind != 'heading') AS passages
    FROM documents
"""

WITHIN = """
    CROSS JOIN passages ON passages.id = terms_fts.rowid
    WHERE terms_fts MATCH ? AND document_id IN (SELECT value FROM json_each(?))
"""
"""What words find, of some documents. CROSS: the words come first, then whose passage each is; the other way round,
FTS5 would be asked once for each passage."""
COLLECTIONS = """
    SELECT collection, count(*) AS documents, sum(
        (SELECT count(*) FROM passages WHERE passages.document_id = held.document_id AND kind != 'heading')
    ) AS passages
    FROM (SELECT DISTINCT collection, document_id FROM sources) AS held GROUP BY collection ORDER BY collection
"""

TO_ANALYSE = """
    SELECT passages.id, title, language, headings, sentences, "start", passages.text
    FROM passages JOIN documents ON documents.id = document_id
"""
LANGUAGES = """
    WITH RECURSIVE found (language) AS (
        SELECT min(language) FROM documents
        UNION ALL SELECT (SELECT min(language) FROM documents WHERE language > found.language) FROM found
        WHERE found.language IS NOT NULL
    )
    SELECT language FROM found WHERE language IS NOT NULL
"""
"""One step through the index for each language: `DISTINCT` would read an entry for each document."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a document was added from, as it was then."""

    path: str
    document_id: int
    sha256: str
    bytes: int
    modified_ns: int
    parser_version: int
    collection: str


@dataclass(frozen=True, slots=True)
class Link:
    """A file whose content the library has already, as a document that another path, or its own, leads to."""

    path: str
    bytes: int
    modified_ns: int
    collection: str
    document_id: int
    moved_from: str = ""
    """A path that is forgotten for it, and whose collection it takes."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, as it was then."""

    path: str
    bytes: int
    modified_ns: int
    reading: str
    """How it was tried: another parser, or other limits, may read it."""
    failure: Failure
    reason: str


@dataclass(frozen=True, slots=True)
class NewDocument:
    """All that is stored of one document, in one transaction."""

    path: str
    collection: str
    """Where its path is new; one that is known stays in its collection."""
    sha256: str
    parser_version: int
    bytes: int
    modified_ns: int
    parsed: ParsedDocument
    passages: Sequence[PassageDraft]
    embedded: Sequence[Embedded]
    """One for each passage that is no heading."""
    sketch: Sketch


class Database:
    """One library's SQLite file. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or create the file and bring it to today's schema.

        Raises: LibraryTooNew, LibraryLocked, LibraryFull, LibraryError.
        """
        self.path = path
        self._local = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        self._counts: tuple[int, dict[str, int]] = (-1, {})
        with self._explained():
            self._migrate()
        self._analyse_anew()
        self._sketch_anew()

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    # Connections and transactions

    def _connection(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            self._local.connection = connection
            with self._lock:
                self._close_those_of_ended_threads()
                self._connections[threading.current_thread()] = connection
        return connection

    def _close_those_of_ended_threads(self) -> None:
        for thread in [thread for thread in self._connections if not thread.is_alive()]:
            self._connections.pop(thread).close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with self._explained():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into one clear line."""
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def _all(self, query: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self._explained():
            return self._connection().execute(query, parameters).fetchall()

    def query(self, query: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Rows of a query of the modules that keep other tables in this file."""
        return self._all(query, parameters)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction of such a module: all of it or nothing."""
        with self._writing() as connection:
            yield connection

    def _migrate(self) -> None:
        connection = self._connection()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise LibraryTooNew(
                f"the library at {self.path.parent} was made by a newer version of Pincite (format {version}, this one"
                f" reads up to {len(MIGRATIONS)}): upgrade with pip install --upgrade pincite"
            )
        if version == len(MIGRATIONS):
            return
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN EXCLUSIVE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for step in MIGRATIONS[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")

    def _analyse_anew(self) -> None:
        """Make the terms of all passages once more where another analyser has made them, or none yet."""
        if self._state("analyser") == ANALYSER_VERSION:
            return
        with self._writing() as connection:
            connection.execute("DELETE FROM passage_terms")
            for row in connection.execute(f"{TO_ANALYSE} WHERE kind != ?", (Kind.HEADING,)):
                spans = rows.spans(row["sentences"])
                sentences = [row["text"][span.start - row["start"] : span.end - row["start"]] for span in spans]
                columns = columns_of(row["title"], row["headings"].split("\n"), sentences, row["language"])
                _insert_terms(connection, row["id"], columns)
            connection.execute("UPDATE state SET value = ? WHERE name = 'analyser'", (ANALYSER_VERSION,))

    def _sketch_anew(self) -> None:
        """Make the sketches of all documents once more where another version has made them, or none yet."""
        if self._state("sketcher") == SKETCH_VERSION:
            return
        with self._writing() as connection:
            connection.execute("DELETE FROM sketches")
            connection.execute("DELETE FROM sketch_keys")
            for document_id, text in connection.execute("SELECT id, text FROM documents"):
                _insert_sketch(connection, document_id, sketch(text))
            connection.execute("UPDATE state SET value = ? WHERE name = 'sketcher'", (SKETCH_VERSION,))

    # Writing

    def replace(self, documents: Sequence[NewDocument], embedder: str) -> None:
        """Store documents in one transaction; what their paths held before is removed."""
        with self._writing() as connection:
            for document in documents:
                document_id = self._existing(connection, document)
                others: list[SourceRow] = []
                if document_id is None:
                    others = self._remove_older_reading(connection, document)
                    document_id = _insert_document(connection, document)
                    _insert_passages(connection, document_id, document, embedder)
                    _insert_sketch(connection, document_id, document.sketch)
                own = (document.path, document.bytes, document.modified_ns, document.collection)
                _remove_unnamed(connection, [_lead(connection, path, document_id) for path in (*others, own)])

    def link(self, links: Sequence[Link]) -> list[Link]:
        """Have paths lead to documents that are there, in one transaction; return those whose document is gone.

        A document that is called after its file gets the new name where it was moved, for its words, too; what was
        embedded with the old name stays.
        """
        lost, former = [], []
        with self._writing() as connection:
            for link in links:
                title = connection.execute("SELECT title FROM documents WHERE id = ?", (link.document_id,)).fetchone()
                if title is None:
                    lost.append(link)
                    continue
                collection = _forget(connection, link.moved_from) or link.collection
                source = (link.path, link.bytes, link.modified_ns, collection)
                former.append(_lead(connection, source, link.document_id))
                if link.moved_from and (new_title := retitled(title[0], link.moved_from, link.path)) != title[0]:
                    _retitle(connection, link.document_id, new_title)
            _remove_unnamed(connection, former)
        return lost

    def remove(self, document_id: int) -> None:
        """Remove a document, its passages and embeddings, whatever paths it came from."""
        with self._writing() as connection:
            removed = connection.execute("DELETE FROM documents WHERE id = ?", (document_id,)).rowcount
        if not removed:
            raise NotInLibrary(f"no document has the number {document_id}")

    def remove_paths(self, paths: Sequence[str]) -> None:
        """Forget paths, and their documents where no other path leads to them, in one transaction."""
        with self._writing() as connection:
            for path in paths:
                connection.execute("DELETE FROM failures WHERE path = ?", (path,))
                delete = "DELETE FROM sources WHERE path = ? RETURNING document_id"
                _remove_unnamed(connection, [row[0] for row in connection.execute(delete, (path,)).fetchall()])

    def note_failure(self, failed: Failed) -> None:
        """Note that a file cannot be read, so that it need not be tried again while it is as it was."""
        columns = (failed.path, failed.bytes, failed.modified_ns, failed.reading, failed.failure, failed.reason)
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?)", columns)

    # Collections

    def collections(self) -> tuple[Collection, ...]:
        """Every collection, by name."""
        return tuple(Collection(*row) for row in self._all(COLLECTIONS))

    def members(self) -> dict[str, list[int]]:
        """The documents of each collection, both in order."""
        query = "SELECT DISTINCT collection, document_id FROM sources ORDER BY collection, document_id"
        members: dict[str, list[int]] = {}
        for row in self._all(query):
            members.setdefault(row["collection"], []).append(row["document_id"])
        return members

    def collect(self, paths: Sequence[str], collection: str) -> None:
        """Put what came from these paths into a collection; paths that are not known are passed over."""
        with self._writing() as connection:
            connection.executemany(
                "UPDATE sources SET collection = ? WHERE path = ?", [(collection, path) for path in paths]
            )

    def rename_collection(self, name: str, new: str) -> None:
        """Give a collection another name."""
        with self._writing() as connection:
            connection.execute("UPDATE sources SET collection = ? WHERE collection = ?", (new, name))

    def remove_collection(self, name: str) -> None:
        """Remove a collection, and its documents where they are in no other."""
        with self._writing() as connection:
            query = "DELETE FROM sources WHERE collection = ? RETURNING document_id"
            found = connection.execute(query, (name,)).fetchall()
            _remove_unnamed(connection, sorted({row["document_id"] for row in found}))

    def _existing(self, connection: sqlite3.Connection, document: NewDocument) -> int | None:
        row = connection.execute(
            "SELECT id FROM documents WHERE sha256 = ? AND format = ? AND parser_version = ?",
            (document.sha256, document.parsed.format, document.parser_version),
        ).fetchone()
        return row["id"] if row else None

    def _remove_older_reading(self, connection: sqlite3.Connection, document: NewDocument) -> list[SourceRow]:
        """Remove what an earlier parser made of the same content, and return the other paths that led to it."""
        found = connection.execute(
            "SELECT path, bytes, modified_ns, collection FROM sources JOIN documents ON documents.id = document_id"
            " WHERE sha256 = ? AND format = ?",
            (document.sha256, document.parsed.format),
        ).fetchall()
        connection.execute(
            "DELETE FROM documents WHERE sha256 = ? AND format = ?", (document.sha256, document.parsed.format)
        )
        return [(row["path"], row["bytes"], row["modified_ns"], row["collection"]) for row in found]

    # Reading

    def generation(self) -> int:
        """A number that grows with every change of an embedding, by steps of chance: no two histories share it."""
        return self._state("generation")

    def identity(self) -> int:
        """A number of chance that this library alone has."""
        return self._state("library")

    def become_another(self) -> None:
        """Take another identity, as a copy has to that lives on beside its original."""
        with self._writing() as connection:
            connection.execute("UPDATE state SET value = random() & 9223372036854775807 WHERE name = 'library'")

    def vectors_file(self) -> int:
        """The number of the vectors' file that was written last, 0 for none."""
        return self._state("vectors_file")

    def note_vectors_file(self, number: int) -> None:
        """Note the number of the vectors' file that was just written."""
        with self._writing() as connection:
            connection.execute("UPDATE state SET value = ? WHERE name = 'vectors_file'", (number,))

    def noted(self, name: str) -> int:
        """The number that was noted under a name, 0 for none."""
        found = self._all("SELECT value FROM state WHERE name = ?", (name,))
        return int(found[0]["value"]) if found else 0

    def note(self, name: str, number: int) -> None:
        """Note a number under a name, unless a larger one was."""
        with self._writing() as connection:
            _note(connection, name, number)

    def _state(self, name: str) -> int:
        return int(self._all("SELECT value FROM state WHERE name = ?", (name,))[0]["value"])

    def source(self, path: str) -> Source | None:
        """What is stored of a path."""
        found = self._sources("WHERE path = ?", (path,))
        return found[0] if found else None

    def sources(self) -> list[Source]:
        """Every path that a document came from."""
        return self._sources("", ())

    def count_sources(self) -> int:
        """The number of paths that a document came from."""
        return int(self._all("SELECT count(*) FROM sources")[0][0])

    def sources_below(self, folder: str) -> list[Source]:
        """Every path in a folder, or in folders below it, that a document came from."""
        return self._sources("WHERE path >= ? AND path < ?", _range_below(folder))

    def failures_below(self, folder: str) -> list[Failed]:
        """Every file in a folder, or in folders below it, that was noted as a failure."""
        query = "SELECT * FROM failures WHERE path >= ? AND path < ?"
        return [_failed(row) for row in self._all(query, _range_below(folder))]

    def failure(self, path: str) -> Failed | None:
        """What was noted of a path that could not be read."""
        found = self._all("SELECT * FROM failures WHERE path = ?", (path,))
        return _failed(found[0]) if found else None

    def resembled(self, path: str) -> Resemblance | None:
        """The document that was there before the path's own and is most like it, None where none is much like it."""
        row = self._all("SELECT document_id, rowid FROM sources WHERE path = ?", (path,))
        if not row:
            return None
        [(own, place)] = row
        earlier = "SELECT path FROM sources WHERE document_id = ? AND rowid < ? ORDER BY rowid LIMIT 1"
        if same := self._all(earlier, (own, place)):
            return Resemblance(same[0]["path"], 1.0)
        return self._most_alike(own)

    def _most_alike(self, own: int) -> Resemblance | None:
        keys = [row["key"] for row in self._all("SELECT key FROM sketch_keys WHERE document_id = ?", (own,))]
        near = "SELECT document_id FROM sketch_keys WHERE key = ? AND document_id < ? ORDER BY document_id DESC LIMIT ?"
        ids = sorted({row[0] for key in keys for row in self._all(near, (key, own, ALIKE_LOOKED_AT))})
        query = f"SELECT document_id, smallest FROM sketches WHERE document_id IN ({_marks([own, *ids])})"
        sketches = {row[0]: rows.offsets(row[1]) for row in self._all(query, [own, *ids])}
        shares = {id_: share(sketches[own], sketches[id_]) for id_ in ids if {id_, own} <= set(sketches)}
        best = max(shares, key=lambda id_: shares[id_], default=0)
        if shares.get(best, 0.0) < ALIKE:
            return None
        source = self._all("SELECT path FROM sources WHERE document_id = ? ORDER BY rowid LIMIT 1", (best,))
        return Resemblance(source[0]["path"], shares[best]) if source else None

    def document_with(self, sha256: str, name: str, parser_version: int) -> int | None:
        """The document of this content, if its file's name had the same ending, so that it was read in the same way."""
        found = self._all(LIKE_NAMED, (sha256, parser_version))
        return next((row["id"] for row in found if _ending(row["path"]) == _ending(name)), None)

    def _sources(self, where: str, parameters: Sequence[object]) -> list[Source]:
        query = (
            "SELECT path, document_id, sha256, bytes, modified_ns, parser_version, collection"
            f" FROM sources JOIN documents ON documents.id = document_id {where}"
        )
        return [Source(*row) for row in self._all(query, parameters)]

    def documents(self) -> tuple[DocumentInfo, ...]:
        """Every document, in the order they were added."""
        return tuple(rows.document_info(row) for row in self._all(f"{DOCUMENTS} ORDER BY documents.id"))

    def within(self, scope: Scope) -> list[int]:
        """The documents that a scope allows, by their ids, ascending."""
        allowed, parameters = scopes.condition(scope)
        query = f"SELECT DISTINCT document_id FROM sources JOIN documents ON documents.id = document_id WHERE {allowed}"
        return sorted(row[0] for row in self._all(query, parameters))

    def fingerprints(self, ids: Sequence[int]) -> dict[int, str]:
        """The SHA-256 of documents' files by id; those that are gone by now are left out."""
        query = f"SELECT id, sha256 FROM documents WHERE id IN ({_marks(ids)})"
        return {row["id"]: row["sha256"] for row in self._all(query, ids)}

    def with_content(self, sha256: str) -> int | None:
        """The document whose file has this SHA-256, None where none has."""
        found = self._all("SELECT id FROM documents WHERE sha256 = ? ORDER BY id", (sha256,))
        return found[0]["id"] if found else None

    def document(self, document_id: int) -> Document:
        """One document with its text. Raises: NotInLibrary."""
        found = self._all(f"SELECT * FROM ({DOCUMENTS}) JOIN documents USING (id) WHERE id = ?", (document_id,))
        if not found:
            raise NotInLibrary(f"no document has the number {document_id}")
        return Document(rows.document_info(found[0]), found[0]["text"], rows.offsets(found[0]["pages"]))

    def document_passages(self, document_id: int) -> tuple[Passage, ...]:
        """A document's passages and headings, in order."""
        return self._passages("WHERE document_id = ? ORDER BY position", (document_id,))

    def passages(self, ids: Sequence[int]) -> tuple[Passage, ...]:
        """Passages by id, in the order of `ids`; those that are gone by now are left out."""
        found = {passage.id: passage for passage in self._passages(f"WHERE id IN ({_marks(ids)})", ids)}
        return tuple(found[id_] for id_ in ids if id_ in found)

    def _passages(self, where: str, parameters: Sequence[object]) -> tuple[Passage, ...]:
        found = self._all(f"SELECT * FROM passages {where}", parameters)
        document_ids = sorted({row["document_id"] for row in found})
        query = f"{DOCUMENTS} WHERE documents.id IN ({_marks(document_ids)})"
        infos = {row["id"]: rows.document_info(row) for row in self._all(query, document_ids)}
        return tuple(rows.passage(row, infos[row["document_id"]]) for row in found if row["document_id"] in infos)

    def search(self, match: str, limit: int, documents: Sequence[int] | None = None) -> list[ScoredPassage]:
        """Passages that match an FTS5 expression, best first, scored by BM25 (Robertson and Zaragoza, 2009).

        Of all documents, or of `documents`; how rare a word is, BM25 takes from all. Sorted by SQLite, which keeps the
        best so far; `ORDER BY rank` would have FTS5 sort them all, which takes a third longer.
        """
        where, parameters = _matching(match, documents)
        query = f"SELECT terms_fts.rowid AS id, -rank AS score FROM terms_fts {where} ORDER BY score DESC LIMIT ?"
        return [ScoredPassage(row["id"], row["score"]) for row in self._all(query, (*parameters, limit))]

    def passages_with(self, matches: Sequence[str], documents: Sequence[int] | None = None) -> list[int]:
        """For each FTS5 expression, the number of passages that match it, of all documents or of `documents`.

        Of all documents it is an estimate where there are more than `COUNTED`: as if they went on as they began.
        """
        if documents is None:
            return self._counts_of_all(matches)
        found = [_matching(match, documents) for match in matches]
        return [int(self._all(f"SELECT count(*) FROM terms_fts {where}", values)[0][0]) for where, values in found]

    def _counts_of_all(self, matches: Sequence[str]) -> list[int]:
        """Count each expression once for as long as nothing is added or removed."""
        generation = self.generation()
        kept_at, kept = self._counts
        if kept_at != generation or len(kept) > COUNTS_KEPT:
            kept = {}
        kept.update({match: self._about(match) for match in matches if match not in kept})
        self._counts = (generation, kept)
        return [kept[match] for match in matches]

    def _about(self, match: str) -> int:
        query = "SELECT count(*), max(id) FROM (SELECT rowid AS id FROM terms_fts WHERE terms_fts MATCH ? LIMIT ?)"
        [(counted, last)] = self._all(query, (match, COUNTED))
        if counted < COUNTED:
            return int(counted)
        [(of_all,)] = self._all("SELECT max(passage_id) FROM passage_terms")
        return min(self.count(), int(counted * of_all / last))

    def term_columns(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """The terms of passages by id: of the title, of headings and text; each between single spaces."""
        query = f"SELECT passage_id, title, headings, text FROM passage_terms WHERE passage_id IN ({_marks(ids)})"
        return {
            row[0]: (_spaced(row[1]), _spaced(f"{row[2]} {row[3]}" if row[2] else row[3]))
            for row in self._all(query, ids)
        }

    def weighted_terms(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """The terms of passages by id, as often as BM25 counts them; those that are gone by now are left out."""
        times = int(TITLE_WEIGHT)
        return {
            id_: [*(title.split() * times), *rest.split()]
            for first in range(0, len(ids), IDS_AT_ONCE)
            for id_, (title, rest) in self.term_columns(ids[first : first + IDS_AT_ONCE]).items()
        }

    def passage_ids(self, documents: Sequence[int]) -> list[int]:
        """The ids of the documents' passages that can be found."""
        query = "SELECT id FROM passages WHERE kind != ? AND document_id IN (SELECT value FROM json_each(?))"
        return [row["id"] for row in self._all(query, (Kind.HEADING, json.dumps(list(documents))))]

    def terms(self, ids: Sequence[int]) -> dict[int, PassageTerms]:
        """The terms of passages by id; those that are gone by now are left out."""
        query = f"SELECT passage_id, title, headings, text FROM passage_terms WHERE passage_id IN ({_marks(ids)})"
        return {row["passage_id"]: terms_of_columns(*row[1:]) for row in self._all(query, ids)}

    def languages(self) -> frozenset[str]:
        """The languages of the documents: ISO 639-1 codes, "" where one is not known."""
        return frozenset(row["language"] for row in self._all(LANGUAGES))

    def count(self) -> int:
        """The number of passages that can be found."""
        return self._state("passages")

    # Embeddings

    def embedded_ids(self, embedder: str) -> Ids:
        """The ids of the passages this embedder has embedded, ascending; shape (passages,)."""
        import numpy as np

        query = "SELECT passage_id FROM embeddings WHERE embedder = ? ORDER BY passage_id"
        with self._explained():
            found = self._connection().execute(query, (embedder,))
            return np.fromiter((row[0] for row in found), np.int64)

    def embeddings_changed_since(self, generation: int) -> Ids | None:
        """The ids of the passages whose embeddings came or went since then, ascending; None where that is not known.

        The last 100,000 changes are known.
        """
        import numpy as np

        query = "SELECT generation, passage_id FROM embedding_changes WHERE generation >= ? ORDER BY generation"
        found = self._all(query, (generation,))
        if not found or found[0]["generation"] != generation:
            return None
        return np.unique(np.array([row["passage_id"] for row in found[1:]], np.int64))

    def lacks_embeddings(self, embedder: str) -> bool:
        """Whether there may be passages that this embedder has not embedded; told from their numbers alone."""
        [row] = self._all("SELECT count(*) FROM embeddings WHERE embedder = ?", (embedder,))
        return int(row[0]) != self.count()

    def vectors(self, ids: Sequence[int], embedder: str) -> dict[int, Floats]:
        """Embeddings of passages by id, each of shape (dimensions,); those that are gone by now are left out."""
        import numpy as np

        return {id_: np.frombuffer(blob, np.float32) for id_, blob in self._blobs("vector", ids, embedder).items()}

    def sentence_vectors(self, ids: Sequence[int], embedder: str, dimensions: int) -> dict[int, Floats]:
        """Embeddings of the passages' sentences by passage id; each of shape (sentences, dimensions)."""
        import numpy as np

        from index.halves import to_single

        stored = self._blobs("sentence_vectors", ids, embedder)
        every = to_single(np.frombuffer(b"".join(stored.values()), np.float16)).reshape(-1, dimensions)
        bounds = pairwise(accumulate((len(blob) // (2 * dimensions) for blob in stored.values()), initial=0))
        return {id_: every[start:end] for id_, (start, end) in zip(stored, bounds, strict=True)}

    def word_codes(self, ids: Sequence[int], embedder: str) -> dict[int, bytes]:
        """The codes of the passages' words by passage id (`index.word_codes`); those that have none are left out."""
        return {id_: blob for id_, blob in self._blobs("word_codes", ids, embedder).items() if blob is not None}

    def _blobs(self, column: str, ids: Sequence[int], embedder: str) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for first in range(0, len(ids), IDS_AT_ONCE):
            some = ids[first : first + IDS_AT_ONCE]
            query = f"SELECT passage_id, {column} FROM embeddings WHERE embedder = ? AND passage_id IN ({_marks(some)})"
            found.update({row[0]: row[1] for row in self._all(query, (embedder, *map(int, some)))})
        return found

    def not_embedded(self, embedder: str, limit: int) -> tuple[Passage, ...]:
        """Passages that this embedder has not embedded, in order, at most `limit`."""
        return self._passages(
            "WHERE kind != 'heading' AND id NOT IN (SELECT passage_id FROM embeddings WHERE embedder = ?)"
            " ORDER BY id LIMIT ?",
            (embedder, limit),
        )

    def without_word_codes(self, embedder: str) -> tuple[Passage, ...]:
        """Passages that were embedded before there were codes of words, in order."""
        return self._passages(
            "WHERE id IN (SELECT passage_id FROM embeddings WHERE embedder = ? AND word_codes IS NULL) ORDER BY id",
            (embedder,),
        )

    def add_embeddings(self, ids: Sequence[int], embedded: Sequence[Embedded], embedder: str) -> None:
        """Store embeddings of passages."""
        with self._writing() as connection:
            for id_, own in zip(ids, embedded, strict=True):
                _insert_embedding(connection, id_, embedder, own)

    def vector_sizes(self, ids: Sequence[int], embedder: str) -> dict[int, tuple[int, int]]:
        """How many numbers are stored for passages by id: of the passage's vector, of its sentences' together."""
        query = (
            "SELECT passage_id, length(vector) / 4, length(sentence_vectors) / 2 FROM embeddings"
            f" WHERE embedder = ? AND passage_id IN ({_marks(ids)})"
        )
        return {row[0]: (row[1], row[2]) for row in self._all(query, (embedder, *ids))}

    def remove_embeddings(self, ids: Sequence[int], embedder: str) -> None:
        """Remove the embeddings of passages."""
        with self._writing() as connection:
            connection.executemany(
                "DELETE FROM embeddings WHERE passage_id = ? AND embedder = ?", [(id_, embedder) for id_ in ids]
            )

    # Upkeep

    def damage(self) -> list[str]:
        """What SQLite itself finds wrong with the file, in its words; [] where nothing is."""
        found = [str(row[0]) for row in self._all("PRAGMA integrity_check(20)")]
        broken = [f"a row of {row[0]} points to no row of {row[2]}" for row in self._all("PRAGMA foreign_key_check")]
        return [reason for reason in found if reason != "ok"] + broken

    def damage_of_words(self) -> list[str]:
        """How the index of words differs from the passages; [] where it does not."""
        lacking = "SELECT count(*) FROM passages WHERE kind != ? AND id NOT IN (SELECT passage_id FROM passage_terms)"
        without = int(self._all(lacking, (Kind.HEADING,))[0][0])
        reasons = [f"{without} passages have no words"] if without else []
        try:
            with self._writing() as connection:
                connection.execute("INSERT INTO terms_fts (terms_fts, rank) VALUES ('integrity-check', 1)")
        except LibraryError as error:
            if "malformed" not in str(error.__cause__):
                raise
            reasons.append("the index of words is not that of the passages")
        return reasons

    def rebuild_words(self) -> None:
        """Make the words and their index again, from the passages."""
        with self._writing() as connection:
            connection.execute("INSERT INTO terms_fts (terms_fts) VALUES ('rebuild')")
            connection.execute("UPDATE state SET value = 0 WHERE name = 'analyser'")
        self._analyse_anew()

    def copy_to(self, path: Path) -> None:
        """Write the database as it is at one moment to a new file; others may read and write meanwhile."""
        with self._explained():
            copy = sqlite3.connect(path)
            try:
                self._connection().backup(copy)
            finally:
                copy.close()


def explain(error: sqlite3.Error, path: Path) -> LibraryError:
    """Return SQLite's error as one of ours, with the next step."""
    directory = path.parent
    message = str(error)
    if "locked" in message or "busy" in message:
        return LibraryLocked(f"another process is writing to the library at {directory}: try again when it is done")
    if "full" in message:
        return LibraryFull(f"the disk that holds the library at {directory} is full: free some space and run again")
    if "readonly" in message or "unable to open" in message:
        return LibraryError(f"the library at {directory} cannot be written: check the folder's permissions")
    if "not a database" in message or "malformed" in message:
        return LibraryError(f"{path} is no library ({message}): restore it from a backup or name another folder")
    return LibraryError(f"the library at {directory} cannot be used: {message}")


def _statements(script: str) -> Iterator[str]:
    """Yield a script's statements; `executescript` would commit the transaction around them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _matching(match: str, documents: Sequence[int] | None) -> tuple[str, tuple[object, ...]]:
    """Return the rest of a query of `terms_fts` for what matches in the documents, and its parameters."""
    if documents is None:
        return "WHERE terms_fts MATCH ?", (match,)
    return WITHIN, (match, json.dumps(list(documents)))


def _remove_unnamed(connection: sqlite3.Connection, document_ids: Sequence[int | None]) -> None:
    """Remove those of the documents that no path leads to any more."""
    connection.executemany(
        "DELETE FROM documents WHERE id = ? AND id NOT IN (SELECT document_id FROM sources)",
        [(document_id,) for document_id in document_ids],
    )


def _spaced(terms: str) -> str:
    return f" {terms} ".replace("\n", " ") if terms else " "


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _insert_document(connection: sqlite3.Connection, document: NewDocument) -> int:
    parsed = document.parsed
    cursor = connection.execute(
        "INSERT INTO documents (sha256, format, parser_version, title, language, text, characters, pages, added_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
        (
            document.sha256,
            parsed.format,
            document.parser_version,
            parsed.title,
            parsed.language,
            parsed.text,
            len(parsed.text),
            rows.offsets_column(parsed.pages),
        ),
    )
    return int(cursor.lastrowid or 0)


def _insert_sketch(connection: sqlite3.Connection, document_id: int, own: Sketch) -> None:
    smallest = rows.offsets_column(own.smallest)
    connection.execute("INSERT INTO sketches (document_id, smallest) VALUES (?, ?)", (document_id, smallest))
    connection.executemany(
        "INSERT INTO sketch_keys (key, document_id) VALUES (?, ?)", [(key, document_id) for key in set(own.keys)]
    )


def _lead(connection: sqlite3.Connection, source: SourceRow, document_id: int) -> int | None:
    """Have a path lead to a document, and stay in its collection if it is known.

    Return the id of the document that it led to before.
    """
    former = connection.execute("SELECT document_id FROM sources WHERE path = ?", source[:1]).fetchone()
    connection.execute(
        "INSERT INTO sources (path, bytes, modified_ns, collection, document_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET bytes = excluded.bytes, modified_ns = excluded.modified_ns,"
        " document_id = excluded.document_id",
        (*source, document_id),
    )
    connection.execute("DELETE FROM failures WHERE path = ?", source[:1])
    return former[0] if former else None


def _forget(connection: sqlite3.Connection, path: str) -> str:
    """Forget a path; return its collection, "" of an unknown one."""
    found = connection.execute("DELETE FROM sources WHERE path = ? RETURNING collection", (path,)).fetchall()
    return str(found[0]["collection"]) if found else ""


def _retitle(connection: sqlite3.Connection, document_id: int, title: str) -> None:
    """Call a document something else; the words of its passages are replaced, which keeps their index in step."""
    connection.execute("UPDATE documents SET title = ? WHERE id = ?", (title, document_id))
    language = connection.execute("SELECT language FROM documents WHERE id = ?", (document_id,)).fetchone()[0]
    words = columns_of(title, (), (), language)[0]
    query = (
        "SELECT passage_id, passage_terms.headings, passage_terms.text FROM passage_terms"
        " JOIN passages ON id = passage_id WHERE document_id = ?"
    )
    for passage_id, headings, text in connection.execute(query, (document_id,)).fetchall():
        connection.execute("DELETE FROM passage_terms WHERE passage_id = ?", (passage_id,))
        _insert_terms(connection, passage_id, (words, headings, text))
        _note(connection, RETITLED, _change(connection, passage_id))


def _change(connection: sqlite3.Connection, passage_id: int) -> int:
    """Have what is derived from a passage made anew, as the triggers do; return the generation after it."""
    connection.execute("UPDATE state SET value = value + 1 + (random() & 1048575) WHERE name = 'generation'")
    [generation] = connection.execute("SELECT value FROM state WHERE name = 'generation'").fetchone()
    change = "INSERT INTO embedding_changes (generation, passage_id) VALUES (?, ?)"
    connection.execute(change, (generation, passage_id))
    return int(generation)


def _note(connection: sqlite3.Connection, name: str, number: int) -> None:
    insert = "INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)"
    connection.execute(insert, (name, number))


def _ending(path: str) -> str:
    """Return what of a file's name may say how it is read: its suffix, or all of it where it has none."""
    own = PurePath(path)
    return own.suffix.lower() or own.name


def _failed(row: sqlite3.Row) -> Failed:
    path, bytes_, modified_ns, reading, failure, reason = row
    return Failed(path, bytes_, modified_ns, reading, Failure(failure), reason)


def _range_below(folder: str) -> tuple[str, str]:
    """Return the first path in a folder, and the first one after all of them."""
    first = folder.removesuffix(os.sep) + os.sep
    return first, first[:-1] + chr(ord(os.sep) + 1)


def _insert_passages(connection: sqlite3.Connection, document_id: int, document: NewDocument, embedder: str) -> None:
    embedded = iter(document.embedded)
    for position, draft in enumerate(document.passages):
        passage_id = _insert_passage(connection, document_id, position, draft, document.parsed.text)
        if draft.kind is not Kind.HEADING:
            _insert_terms(connection, passage_id, _columns(document.parsed, draft))
            _insert_embedding(connection, passage_id, embedder, next(embedded))


def _columns(parsed: ParsedDocument, draft: PassageDraft) -> tuple[str, str, str]:
    sentences = [span.of(parsed.text) for span in draft.sentences]
    return columns_of(parsed.title, draft.headings, sentences, parsed.language)


def _insert_terms(connection: sqlite3.Connection, passage_id: int, columns: tuple[str, str, str]) -> None:
    connection.execute(
        "INSERT INTO passage_terms (passage_id, title, headings, text) VALUES (?, ?, ?, ?)", (passage_id, *columns)
    )


def _insert_passage(
    connection: sqlite3.Connection, document_id: int, position: int, draft: PassageDraft, text: str
) -> int:
    cursor = connection.execute(
        'INSERT INTO passages (document_id, position, kind, "start", "end", headings, sentences, page, later_pages,'
        " text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document_id,
            position,
            draft.kind,
            draft.span.start,
            draft.span.end,
            "\n".join(draft.headings),
            rows.spans_column(draft.sentences),
            draft.page,
            rows.offsets_column(draft.later_pages),
            draft.span.of(text),
        ),
    )
    return int(cursor.lastrowid or 0)


def _insert_embedding(connection: sqlite3.Connection, passage_id: int, embedder: str, own: Embedded) -> None:
    passage, sentences = own.vectors[0].astype("float32"), own.vectors[1:].astype("float16")
    connection.execute(
        "INSERT INTO embeddings (passage_id, embedder, vector, sentence_vectors, word_codes) VALUES (?, ?, ?, ?, ?)",
        (passage_id, embedder, passage.tobytes(), sentences.tobytes(), own.word_codes),
    )
