"""A folder with corpus.jsonl.gz and queries.jsonl.gz to an evaluation set.

corpus: `id`, `title`, `text`, and where the set has them `lang`, `source` and `published_at`. queries: `id`,
`question`, `answers`, `relevant`, `answerable`, and where the set has them `history`, `candidates`, `evidence`,
`relevant_weak`, `lang`, `answerability` or `type`.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rag.errors import EvaluationError
from rag.evaluate.documents import open_records
from rag.evaluate.lines import Line, read_lines
from rag.evaluate.matching import quotable
from rag.evaluate.types import EvaluationSet, OpenCorpus, Part, Question, Record, RecordSentence
from rag.spread import spread
from rag.types import Turn

Records = dict[str, Record]
"""By id. Records that are word for word the same are one, the first: no search can tell them apart."""


def read_set(folder: Path, limit: int, embedder: str) -> EvaluationSet:
    """Read a set; of its questions about `limit`, evenly spread. The library of a part is made when it is opened.

    A set in several languages has one library a language; questions with candidates have one each.
    Raises: EvaluationError for what is missing or malformed.
    """
    records = _records(folder)
    questions = [_question(line, records) for line in spread(list(read_lines(_file(folder, "queries"))), limit)]
    if not records or not questions:
        raise EvaluationError(f"{folder} holds {len(records)} records and {len(questions)} questions: it needs both")
    return EvaluationSet(folder.name, tuple(_parts(records, questions, embedder)))


def _file(folder: Path, name: str) -> Path:
    packed, plain = folder / f"{name}.jsonl.gz", folder / f"{name}.jsonl"
    found = [path for path in (packed, plain) if path.is_file()]
    if not found:
        raise EvaluationError(
            f"{packed} does not exist: an evaluation set is a folder with corpus.jsonl.gz and queries.jsonl.gz,"
            " or a file of questions, one JSON object a line"
        )
    return found[0]


def _records(folder: Path) -> Records:
    first: dict[tuple[str, ...], Record] = {}
    return {
        record.id: first.setdefault((record.title, record.text, record.language), record)
        for record in map(_record, read_lines(_file(folder, "corpus")))
    }


def _record(line: Line) -> Record:
    """Return a record. What an article says of itself, source and date, belongs to its title."""
    of = ", ".join(part for part in (line.text("source", ""), line.text("published_at", "")[:10]) if part)
    title = " ".join(line.text("title", "").split())
    return Record(
        line.text("id"), f"{title} ({of})" if title and of else title, line.text("text"), line.text("lang", "")
    )


def _question(line: Line, records: Records) -> Question:
    relevant = _known(line, "relevant", records)
    return Question(
        id=line.text("id"),
        text=line.text("question"),
        answerable=line.truth("answerable", default=True),
        history=tuple(Turn(str(turn.get("role")), str(turn.get("text"))) for turn in line.objects("history")),
        answers=quotable(line.texts("answers"), [records[id_].text for id_ in relevant]),
        relevant=frozenset(relevant),
        unjudged=frozenset(line.texts("relevant_weak")),
        gold=tuple(sentence for entry in line.objects("evidence") for sentence in _gold(line, entry, records)),
        candidates=_known(line, "candidates", records),
        language=line.text("lang", ""),
        kind=line.text("answerability", "") or line.text("type", ""),
    )


def _known(line: Line, name: str, records: Records) -> tuple[str, ...]:
    ids = line.texts(name)
    for id_ in ids:
        if id_ not in records:
            raise line.error(f'"{name}" names {id_!r}, which is not in the corpus')
    return tuple(dict.fromkeys(records[id_].id for id_ in ids))


def _gold(line: Line, entry: dict[str, object], records: Records) -> list[RecordSentence]:
    """Return the gold sentences of one entry, which names them by their texts or by their place in the record."""
    record = records.get(str(entry.get("id")))
    if record is None:
        raise line.error(f'"evidence" names {entry.get("id")!r}, which is not in the corpus')
    sentences, start, end = entry.get("sentences"), entry.get("start"), entry.get("end")
    if isinstance(sentences, list):
        return [RecordSentence(record.id, str(sentence)) for sentence in sentences]
    if isinstance(start, int) and isinstance(end, int):
        return [RecordSentence(record.id, record.text[start:end])]
    raise line.error('"evidence" needs "sentences", or "start" and "end"')


def _parts(records: Records, questions: Sequence[Question], embedder: str) -> list[Part]:
    everything = list({record.id: record for record in records.values()}.values())
    in_languages = len({record.language for record in everything}) > 1
    shared: dict[str, list[Question]] = {}
    for question in questions:
        if not question.candidates:
            shared.setdefault(question.language if in_languages else "", []).append(question)
    parts = [
        Part(own[0].language, tuple(own), _opener([r for r in everything if language in ("", r.language)], embedder))
        for language, own in shared.items()
    ]
    alone = [question for question in questions if question.candidates]
    return parts + [_part_alone(question, records, embedder) for question in alone]


def _part_alone(question: Question, records: Records, embedder: str) -> Part:
    own = [records[id_] for id_ in question.candidates]
    return Part(question.language, (question,), _opener(own, embedder), takes_others=False)


def _opener(records: Sequence[Record], embedder: str) -> OpenCorpus:
    return partial(open_records, tuple(records), embedder)
