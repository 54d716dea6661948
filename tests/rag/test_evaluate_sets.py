"""Reading evaluation sets: what becomes a document, a part, a gold record; and one clear line for what is wrong."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.library import Library
from rag.errors import EvaluationError
from rag.evaluate.documents import as_documents, open_records
from rag.evaluate.own import read_own
from rag.evaluate.run import foreign_questions
from rag.evaluate.sets import read_set
from rag.evaluate.types import Record, RecordSentence
from rag.spread import spread
from rag.types import Turn

EMBEDDER = "minilm"
CORPUS = [
    {"id": "Quay#0", "title": "The quay", "text": "The ferry to Lindholm leaves at 07:40 from the old quay."},
    {"id": "Quay#1", "title": "The quay", "text": "Tickets are sold on board.\nDogs travel for free of charge."},
    {"id": "m", "title": "Museum", "text": "The museum opens in May.", "source": "Echo", "published_at": "2023-11-05"},
]
CORPUS.append({**CORPUS[-1], "id": "twin"})


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write_set(folder: Path, corpus: list[dict[str, Any]], queries: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, lines in (("corpus", corpus), ("queries", queries)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return folder


def question(**fields: Any) -> dict[str, Any]:
    return {"id": "q", "question": "When?", "answers": [], "relevant": [], "answerable": True, **fields}


def test_a_question_is_read_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    folder = write_set(
        tmp_path / "town",
        CORPUS,
        [
            question(
                answers=["07:40", "at twenty to eight"],
                relevant=["Quay#0", "twin", "m"],
                history=[{"role": "user", "text": "Is there a ferry?"}],
                evidence=[{"id": "Quay#0", "start": 0, "end": 9}, {"id": "m", "sentences": ["It opens."]}],
                relevant_weak=["Quay#1"],
                type="time",
            )
        ],
    )
    [own] = read_set(folder, 10, EMBEDDER).questions

    assert own.answers == ("07:40",)
    assert own.relevant == {"Quay#0", "m"}
    assert own.unjudged == {"Quay#1"}
    assert own.history == (Turn("user", "Is there a ferry?"),)
    assert own.gold == (RecordSentence("Quay#0", "The ferry"), RecordSentence("m", "It opens."))
    assert own.kind == "time"


def test_what_an_article_says_of_itself_stands_in_its_title(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "town", CORPUS, [question(candidates=["twin", "m"])])
    with read_set(folder, 10, EMBEDDER).parts[0].open(None) as corpus:
        assert [info.title for info in corpus.library.documents()] == ["Museum (Echo, 2023-11-05)"]


def test_each_language_has_a_library_and_candidates_have_one_of_their_own(tmp_path: Path) -> None:
    corpus = [{"id": name, "title": "", "text": "Ja.", "lang": name[:2]} for name in ("de1", "de2", "es1")]
    queries = [question(lang="es"), question(lang="de"), question(lang="de", candidates=["de2"])]
    parts = read_set(write_set(tmp_path / "many", corpus, queries), 10, EMBEDDER).parts

    assert [(part.language, len(part.questions), part.takes_others) for part in parts] == [
        ("es", 1, True),
        ("de", 1, True),
        ("de", 1, False),
    ]


def test_other_sets_questions_are_asked_in_the_same_language_and_without_their_history(tmp_path: Path) -> None:
    turns = [{"role": "user", "text": "And?"}]
    town = read_set(write_set(tmp_path / "town", CORPUS, [question(id="own")]), 10, EMBEDDER)
    other = read_set(
        write_set(
            tmp_path / "other",
            CORPUS,
            [question(id="fits"), question(id="german", lang="de"), question(id="later", history=turns)],
        ),
        10,
        EMBEDDER,
    )

    assert [asked.id for asked in foreign_questions(town.parts[0], [other])] == ["fits"]


def test_questions_are_spread_evenly() -> None:
    assert spread(list(range(10)), 4) == [0, 2, 5, 7]
    assert spread([1, 2], 4) == [1, 2]


def test_paragraphs_of_one_document_are_one_file_and_others_stand_alone() -> None:
    records = [
        Record("a#0", "A", "One."),
        Record("b#1", "B", "A part of B."),
        Record("a#1", "A", "Two."),
        Record("c", "", "Three."),
    ]
    written = {document.name: (document.text, document.starts) for document in as_documents(records)}

    assert written == {
        "000000.txt": ("A\n\nOne.\n\nTwo.", ((0, "a#0"), (9, "a#1"))),
        "000001.md": ("# B\n\nA part of B.\n", ((0, "b#1"),)),
        "000002.md": ("Three.\n", ((0, "c"),)),
    }


def test_a_passage_is_one_paragraph_and_a_document_keeps_its_layout() -> None:
    lines = "One line.\n\nAnother line.\n"
    passage, document = as_documents([Record("p", "", lines), Record("d", "D", lines * 120)])

    assert passage.text == "One line. Another line.\n"
    assert document.text == f"# D\n\n{lines * 120}\n"


def test_every_passage_belongs_to_the_record_that_it_came_from(tmp_path: Path) -> None:
    records = [Record(line["id"], line["title"], line["text"]) for line in CORPUS[:3]]
    with open_records(records, EMBEDDER) as corpus:
        found = {
            passage.text: corpus.record_at(info.id, passage.start)
            for info in corpus.library.documents()
            for passage in corpus.library.document_passages(info.id)
        }
        ids = [passage.passage_id for passage in corpus.library.search_lexical(["dogs", "museum"], 5)]
        records_found = corpus.records_of(ids)

    assert {record for text, record in found.items() if "ferry" in text} == {"Quay#0"}
    assert {record for text, record in found.items() if "Tickets" in text or "Dogs" in text} == {"Quay#1"}
    assert {text for text, record in found.items() if record == "m"} == {
        "Museum",
        "The museum opens in May.",
    }
    assert set(records_found) == {"Quay#1", "m"}


def test_a_library_is_made_once(tmp_path: Path) -> None:
    records = [Record("m", "Museum", "The museum opens in May.")]
    with open_records(records, EMBEDDER) as corpus:
        directory, documents = corpus.library.directory, corpus.library.documents()
    vectors = (directory / "vectors.faiss").stat().st_mtime_ns
    with open_records(records, EMBEDDER) as corpus:
        assert corpus.library.directory == directory
        assert corpus.library.documents() == documents
        assert len(documents) == 1
    assert (directory / "vectors.faiss").stat().st_mtime_ns == vectors


# What is wrong with a set


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", r"queries\.jsonl, line 2: not JSON"),
        ("[1]", r"queries\.jsonl, line 2: it must be one JSON object, and is \[1\]"),
        ('{"id": "q"}', r'queries\.jsonl, line 2: "question" is missing: it must be a text'),
        ('{"id": "q", "question": 5}', r'line 2: "question" is 5: it must be a text'),
        ('{"id": "q", "question": "?", "answerable": "no"}', r'line 2: "answerable" is "no": it must be true or false'),
        ('{"id": "q", "question": "?", "answers": "x"}', r'line 2: "answers" is "x": it must be a list of texts'),
        ('{"id": "q", "question": "?", "relevant": ["z"]}', r"line 2: \"relevant\" names 'z', which is not in the"),
        (
            '{"id": "q", "question": "?", "evidence": [{"id": "m"}]}',
            r'line 2: "evidence" needs "sentences", or "start"',
        ),
        ('{"id": "q", "question": "?", "evidence": [{"id": "z"}]}', r"line 2: \"evidence\" names 'z', which is not in"),
    ],
)
def test_a_malformed_line_is_told_with_its_file_and_number(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in CORPUS), encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(f"{json.dumps(question())}\n{line}\n", encoding="utf-8")

    with pytest.raises(EvaluationError, match=what):
        read_set(tmp_path, 10, EMBEDDER)


def test_files_that_are_missing_broken_or_empty_are_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"corpus\.jsonl\.gz does not exist: an evaluation set is a folder with"):
        read_set(tmp_path / "nowhere", 10, EMBEDDER)
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(b'{"id": "a"}\n' * 9)[:-12])
    with pytest.raises(EvaluationError, match=r"corpus\.jsonl\.gz"):
        read_set(tmp_path, 10, EMBEDDER)
    (tmp_path / "corpus.jsonl.gz").write_bytes(b"plain text")
    with pytest.raises(EvaluationError, match=r"corpus\.jsonl\.gz cannot be read after line 0: Not a gzipped file"):
        read_set(tmp_path, 10, EMBEDDER)
    with pytest.raises(EvaluationError, match="holds 4 records and 0 questions"):
        read_set(write_set(tmp_path, CORPUS, []), 10, EMBEDDER)
    (tmp_path / "queries.jsonl.gz").unlink()
    (tmp_path / "queries.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(EvaluationError, match=r"queries\.jsonl, line 1: not UTF-8"):
        read_set(tmp_path, 10, EMBEDDER)


# A person's own questions


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "ferry.txt").write_text("The ferry to Lindholm leaves at 07:40.\n", encoding="utf-8")
    with Library.open(folder / "library") as library:
        library.add([folder / "ferry.txt"])
        yield library


def test_a_persons_questions_name_their_documents_as_pincite_does(tmp_path: Path, library: Library) -> None:
    (tmp_path / "mine.jsonl").write_text(
        '{"question": "When?", "answers": ["07:40"], "relevant": ["ferry.txt"], "evidence": ["It leaves."]}\n\n'
        '{"question": "Who?", "answerable": false}\n',
        encoding="utf-8",
    )
    read = read_own(tmp_path / "mine.jsonl", library, 10)
    first, second = read.questions

    assert read.name == "mine"
    assert (first.id, first.answers, first.relevant) == ("1", ("07:40",), {str(library.documents()[0].id)})
    assert first.gold == (RecordSentence("", "It leaves."),)
    assert (second.id, second.answerable) == ("3", False)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"question": "When?", "relevant": ["tram.txt"]}', 'line 1: "relevant": no document is called tram.txt'),
        ('{"question": "When?", "evidence": [{"id": 1}]}', 'line 1: "evidence" is [{"id": 1}]: it must be a list of'),
        ("", "holds no questions: write one JSON object a line"),
    ],
)
def test_what_is_wrong_with_own_questions_is_told(tmp_path: Path, library: Library, line: str, what: str) -> None:
    (tmp_path / "mine.jsonl").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match=re.escape(what)):
        read_own(tmp_path / "mine.jsonl", library, 10)
