"""The whole way, on real parts: the seed article, MiniLM, SQLite, FAISS, and the answers a person would check."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes import ScriptedGenerator, StepwiseGenerator, WordEmbedder
from files import column, pdf

from index.errors import ReadError
from index.library import Library
from index.types import Outcome
from rag import Answer, Turn, answer, answer_stream
from rag.answer import NO_DOCUMENTS
from rag.corpus import open_desk
from rag.draft import ABSTENTION
from rag.errors import ContextOverflow, QuestionError, SettingsError
from rag.generators.base import Written
from rag.manner import NO_WISHES, Wishes
from rag.types import Basis, State
from rag.write import NOT_THERE, UNCHECKED

SEEDS = Path(__file__).parents[2] / "seeds"
REFUGEES = "What did Asif say about refugees?"
RETURN = "“They should arrange for the return of refugees and ensure that illegals do not come from there,” he stated."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("library")) as library:
        library.add([SEEDS])
        yield library


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the person's own cache, library or settings."""
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp() / name.lower()))
    for name in ("PINCITE_MODEL", "PINCITE_LIBRARY", "PINCITE_EMBEDDER"):
        monkeypatch.delenv(name, raising=False)


def quotes(reply: Answer) -> list[str]:
    return [citation.quote for citation in reply.citations]


def test_the_refugees_question_cites_the_sentence(library: Library) -> None:
    reply = answer(REFUGEES, library=library)
    document = library.document(reply.citations[0].document.id)

    assert RETURN in quotes(reply)
    for citation in reply.citations:
        assert document.text[citation.start : citation.end] == citation.quote
    assert reply.citations[-1].heading == "Call for return of refugees"
    assert reply.abstention is None
    assert all(claim.basis is Basis.QUOTATION for claim in reply.claims)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("What did Asif say about India?", "Every state has its own relations, and we have no objection to that"),
        ("What did he say about the agreement with Hamas?", "the agreement has been made directly with Hamas"),
        ("What did Asif say about the new Chief Minister?", "The past of the new Chief Minister is against the state"),
        ("What does Pakistan expect about sovereignty?", "respects Afghanistan’s sovereignty and expects the same"),
        ("What did the minister say about terror attacks?", "terrorism is being carried out from Afghan territory"),
        ("What did Asif say about the people of Gaza?", "The sacrifices made by the Muslims of Gaza are unparalleled"),
        ("How should issues with Afghanistan be resolved?", "through dialogue and mutual respect"),
        ("What did Asif say about religious parties?", "questioned the silence of some religious parties"),
        ("Since when have Afghanistan and India shared warm ties?", "shared warm ties since 1947"),
    ],
)
def test_questions_about_the_article_cite_the_right_sentence(library: Library, question: str, sentence: str) -> None:
    assert any(sentence in quote for quote in quotes(answer(question, library=library)))


@pytest.mark.parametrize(
    "question",
    [
        "Who won the 2022 World Cup?",
        "What did Asif say about climate change?",
        "When was Khawaja Asif born?",
        "What did Asif say about the economy of China?",
        "How many refugees live in Pakistan?",
        "Who is the president of Afghanistan?",
    ],
)
def test_what_the_article_does_not_answer_abstains_with_the_nearest_passages(library: Library, question: str) -> None:
    reply = answer(question, library=library)

    assert (reply.claims, reply.citations) == ((), ())
    assert reply.abstention is not None
    assert reply.abstention.reason == NOT_THERE
    assert reply.evidence
    assert "Nearest passages" in str(reply)


def test_a_follow_up_finds_what_it_is_about(library: Library) -> None:
    reply = answer("And what about India?", library=library, history=[Turn("user", REFUGEES)])
    assert any("relations with India" in quote for quote in quotes(reply))


@pytest.mark.parametrize("before", [REFUGEES, "Who won the 2022 World Cup?"])
def test_a_new_topic_is_not_held_to_the_one_before_it(library: Library, before: str) -> None:
    reply = answer("What did he say about Hamas?", library=library, history=[Turn("user", before)])
    assert any("directly with Hamas" in quote for quote in quotes(reply))
    assert not any("refugees" in quote for quote in quotes(reply))


def test_evidence_comes_first_then_growing_answers_then_the_last(library: Library) -> None:
    written = ["", "Asif urged ", "the return of refugees [1.2].", " The defence ", "minister spoke [1.1]. "]
    states = [
        (state.state, len(state.claims), bool(state.evidence))
        for state in answer_stream(REFUGEES, library=library, generator=ScriptedGenerator(written))
    ]
    assert states == [
        (State.EVIDENCE, 0, True),
        (State.EVIDENCE, 0, True),
        (State.WRITING, 0, True),
        (State.WRITING, 1, True),
        (State.DONE, 2, True),
    ]


def test_a_waiting_question_says_how_many_go_first_and_a_writing_one_how_fast_it_writes(library: Library) -> None:
    steps = [Written(ahead=2), Written(ahead=1), Written(), Written("Asif ", 1), Written("spoke [1.1].", 3)]
    answers = list(answer_stream(REFUGEES, library=library, generator=StepwiseGenerator(steps)))

    assert [own.ahead for own in answers] == [0, 2, 1, 0, 0, 0]
    assert [own.tokens for own in answers] == [0, 0, 0, 0, 1, 4]
    assert [own.tokens_per_second is None for own in answers] == [True] * 5 + [False]
    seconds = answers[-1].seconds
    assert seconds["evidence"] < seconds["first_token"] < seconds["last_token"] <= seconds["total"]
    assert answers[-1].tokens_per_second == pytest.approx(3 / (seconds["last_token"] - seconds["first_token"]))


def test_an_answer_says_while_its_model_is_loaded(library: Library) -> None:
    steps = [Written(loading=True), Written(), Written("Asif spoke [1.1].", 1)]
    answers = list(answer_stream(REFUGEES, library=library, generator=StepwiseGenerator(steps)))

    assert [own.loading for own in answers] == [False, True, False, False, False]


def test_a_generator_without_room_for_all_is_given_less_and_the_answer_says_how_much_is_left_out(
    library: Library,
) -> None:
    generator = StepwiseGenerator([Written("Asif spoke [1.1].")], most_sentences=4)
    reply = answer(REFUGEES, library=library, generator=generator, evidence_tokens=300)

    assert [count > 4 for count in generator.given_sentences] == [True] * (len(generator.given_sentences) - 1) + [False]
    assert sum(len(place.sentences) for place in reply.read) == generator.given_sentences[-1]
    assert reply.left_out == generator.given_sentences[0] - generator.given_sentences[-1] > 0
    with pytest.raises(ContextOverflow):
        answer(REFUGEES, library=library, generator=StepwiseGenerator([], most_sentences=0))


def test_no_more_passages_are_read_than_is_wanted_by_the_call_else_by_the_library(library: Library) -> None:
    def read(wishes: Wishes = NO_WISHES) -> int:
        return len(answer(REFUGEES, library=library, wishes=wishes).read)

    usual = read()
    library.choices().keep("passages", "2")
    try:
        assert (usual, read(), read(Wishes(passages=1))) == (5, 2, 1)
        with pytest.raises(SettingsError, match=r"^--passages: .* 11: it must be a whole number from 1 to 10$"):
            read(Wishes(passages=11))
    finally:
        library.choices().forget("passages")
    assert read(Wishes(passages=10)) > usual


def test_a_model_s_own_words_are_shown_or_withheld_as_the_call_wants_it(library: Library) -> None:
    written = ["Asif spoke [1.1]."]
    free = answer(REFUGEES, library=library, generator=ScriptedGenerator(written))
    strict = answer(REFUGEES, library=library, generator=ScriptedGenerator(written), wishes=Wishes(strictness="strict"))

    assert free.text == "Asif spoke. [1]"
    assert (strict.text, [own.text for own in strict.withheld]) == (UNCHECKED, written)


def test_passages_that_a_follow_up_needs_again_keep_their_place(library: Library) -> None:
    first = answer(REFUGEES, library=library)
    second = answer("What did the minister say about India?", library=library, history=first.turns)
    alone = answer("What did the minister say about India?", library=library)

    before, after = ([place.passage_id for place in reply.read] for reply in (first, second))
    staying = max(place for place, passage in enumerate(before) if passage in after) + 1
    assert staying >= 2
    assert after[:staying] == before[:staying]
    assert {place.passage_id for place in alone.read} <= set(after)
    assert quotes(second) == quotes(alone)


def test_a_follow_up_that_rules_find_nothing_for_is_searched_for_as_the_generator_restates_it(library: Library) -> None:
    history = [
        Turn("user", "Were the people of Gaza praised?"),
        Turn("assistant", "The minister praised their resilience."),
        Turn("user", "Who won the 2022 World Cup in Qatar?"),
        Turn("assistant", NOT_THERE),
    ]
    follow_up = "Why that?"
    wrong = "Why that and the moon?"
    right = "Why that, were the people of Gaza praised?"
    replies = [
        answer(
            follow_up,
            library=library,
            history=history,
            generator=ScriptedGenerator(["Asif spoke [1.1]."], restated=[said]),
        )
        for said in ("", wrong, right)
    ]

    assert [reply.abstention is None for reply in replies] == [False, False, True]
    assert replies[0].confidence == replies[1].confidence < replies[2].confidence
    assert "Gaza" in replies[2].evidence[0].text


def test_closing_the_stream_stops_the_generator(library: Library) -> None:
    generator = ScriptedGenerator(["Asif spoke [1.1]. ", "He spoke [1.2]. ", "More [1.1]. "])
    stream = answer_stream(REFUGEES, library=library, generator=generator)
    next(stream)
    next(stream)
    stream.close()
    assert generator.closed_early


def test_a_generator_that_lies_is_withheld_and_the_answer_abstains(library: Library) -> None:
    lies = ["Asif said “refugees are welcome” [1]. ", "Biden won [1.1]. ", "It rained."]
    reply = answer(REFUGEES, library=library, generator=ScriptedGenerator(lies))

    assert reply.abstention is not None
    assert reply.abstention.reason == UNCHECKED
    assert len(reply.withheld) == 3
    assert "welcome" not in str(reply)


def test_a_generator_that_abstains_makes_an_abstention(library: Library) -> None:
    reply = answer(REFUGEES, library=library, generator=ScriptedGenerator([ABSTENTION]))
    assert (reply.claims, reply.withheld) == ((), ())
    assert reply.abstention is not None
    assert reply.abstention.reason == NOT_THERE


def test_print_shows_markers_and_the_sources_with_their_quotes(library: Library) -> None:
    printed = str(answer(REFUGEES, library=library))
    assert "[1]" in printed
    assert "Sources" in printed
    assert "Call for return of refugees" in printed
    assert printed.count("They should arrange for the return of refugees") == 2


def test_an_answer_is_ready_for_json(library: Library) -> None:
    reply = answer(REFUGEES, library=library)
    data = json.loads(json.dumps(reply.to_dict()))

    assert data["text"] == reply.text
    assert data["claims"][0]["citations"][0]["quote"] == reply.claims[0].citations[0].quote
    assert [citation["start"] for citation in data["citations"]] == [citation.start for citation in reply.citations]
    assert data["state"] == "done"


def test_a_citation_of_a_pdf_names_the_page_its_sentence_begins_on(tmp_path: Path) -> None:
    lines = ["The museum of Lindholm shows a clock of 1907. It was the first one of the town, and for a long time"]
    (tmp_path / "guide.pdf").write_bytes(
        pdf([
            [*column(50, 700, lines, size=9)],
            column(50, 700, ["the only one. The ferry to Lindholm leaves at 07:40 from the north quay."], size=9),
        ])
    )  # fmt: skip
    [citation] = answer("When does the ferry to Lindholm leave?", documents=tmp_path / "guide.pdf").citations

    assert (citation.quote, citation.page) == ("The ferry to Lindholm leaves at 07:40 from the north quay.", 2)


def test_documents_may_be_a_file_a_folder_or_several_and_changes_are_seen(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry to Lindholm leaves at 07:40 from the quay.\n", encoding="utf-8")
    question = "When does the ferry to Lindholm leave?"
    for documents in (tmp_path / "ferry.txt", str(tmp_path), [tmp_path, SEEDS]):
        assert quotes(answer(question, documents=documents)) == ["The ferry to Lindholm leaves at 07:40 from the quay."]

    (tmp_path / "ferry.txt").write_text("The ferry to Lindholm now leaves at 09:15.\n", encoding="utf-8")
    assert quotes(answer(question, documents=tmp_path)) == ["The ferry to Lindholm now leaves at 09:15."]


def test_documents_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(ReadError, match=r"empty\.txt holds no text"):
        answer("What?", documents=tmp_path)
    with pytest.raises(ReadError, match="does not exist"):
        answer("What?", documents=tmp_path / "missing")


def test_an_empty_library_says_that_there_are_no_documents(tmp_path: Path) -> None:
    with Library.open(tmp_path) as empty:
        reply = answer(REFUGEES, library=empty)
    assert reply.abstention is not None
    assert reply.abstention.reason == NO_DOCUMENTS


@pytest.mark.parametrize(
    ("question", "line"), [("", "is empty"), (" ?! ", "is empty"), ("a" * 100_000, "100,000 characters")]
)
def test_a_question_that_cannot_be_asked_is_one_line(library: Library, question: str, line: str) -> None:
    with pytest.raises(QuestionError, match=line):
        answer(question, library=library)


def test_many_threads_may_ask_at_once(library: Library) -> None:
    questions = [REFUGEES, "What did Asif say about India?"] * 8
    alone = {question: quotes(answer(question, library=library)) for question in set(questions)}
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda question: quotes(answer(question, library=library)), questions))
    assert replies == [alone[question] for question in questions]


def test_uploads_to_a_page_stay_when_it_is_opened_again_and_other_answers_never_see_them() -> None:
    question = "When does the ferry to Lindholm leave?"
    desk = open_desk([SEEDS])
    desk.add_upload("ferry.txt", b"The ferry to Lindholm leaves at 07:40 from the quay.\n")

    assert quotes(answer(question, library=open_desk([SEEDS]))) == [
        "The ferry to Lindholm leaves at 07:40 from the quay."
    ]
    assert answer(question, documents=SEEDS).abstention is not None


def test_documents_that_have_not_changed_are_not_embedded_again(tmp_path: Path) -> None:
    class Refuses(WordEmbedder):
        def embed_passages(self, texts: object, sentences: object) -> list[object]:
            raise AssertionError("embedded again")

    (tmp_path / "a.txt").write_text("The ferry leaves.\n", encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.hold_only([tmp_path / "a.txt"])
    with Library(tmp_path / "library", Refuses, "words") as library:
        assert [report.outcome for report in library.hold_only([tmp_path / "a.txt"])] == [Outcome.UNCHANGED]
