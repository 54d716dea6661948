"""Questions about documents as a whole: how they are read, and what answers them. Real library, real embedder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import ScriptedGenerator

from index.library import Library
from rag import Answer, Turn, answer
from rag.generators.extractive import ExtractiveGenerator
from rag.reading import Reading, Wish, read_question
from rag.types import Basis

FERRY = "The ferry to Lindholm leaves at 07:40 from the old quay. A ticket costs four crowns."
MUSEUM = "The museum of clocks shows three hundred clocks. A ticket costs nine crowns, and children pay nothing."
BAKERY = "The bakery on Mill Street sells rye bread. It opens at six in the morning."
EARLIER = [Turn("user", "When does the ferry leave?"), Turn("assistant", "It leaves at 07:40.")]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("town")
    for name, text in (("Ferry", FERRY), ("Museum", MUSEUM), ("Bakery", BAKERY)):
        (folder / f"{name.lower()}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
    with Library.open(folder / "library") as library:
        library.add([folder / f"{name}.md" for name in ("ferry", "museum", "bakery")])
        yield library


def ask(library: Library, question: str, history: list[Turn] | None = None) -> Answer:
    return answer(question, library=library, history=history or [], generator=ExtractiveGenerator())


def cited(reply: Answer) -> set[str]:
    return {citation.document.title for citation in reply.citations}


# Reading


@pytest.mark.parametrize(
    ("question", "reading"),
    [
        ("Summarise this", Reading(Wish.SUMMARY)),
        ("Could you please summarize the documents in a few sentences?", Reading(Wish.SUMMARY)),
        ("What is this about?", Reading(Wish.SUMMARY)),
        ("What do the documents say?", Reading(Wish.SUMMARY)),
        ("Give me a short overview of Museum", Reading(Wish.SUMMARY, "Museum")),
        ("What documents do you have?", Reading(Wish.DOCUMENTS)),
        ("How many files are there?", Reading(Wish.DOCUMENTS)),
        ("List all my documents.", Reading(Wish.DOCUMENTS)),
        ("How many documents mention refugees?", Reading(Wish.MENTIONS, "refugees")),
        ("Which of the articles talk about “the ferry”?", Reading(Wish.MENTIONS, "the ferry")),
        ("List the documents that mention Hamas", Reading(Wish.MENTIONS, "Hamas")),
        ("In how many documents is Asif mentioned?", Reading(Wish.MENTIONS, "Asif")),
        ("List all the ministers.", Reading(Wish.LIST)),
    ],
)
def test_a_wish_for_whole_documents_is_read_from_the_form_of_the_question(question: str, reading: Reading) -> None:
    assert read_question(question, is_follow_up=False) == reading


@pytest.mark.parametrize(
    "question",
    [
        "What did Asif say about refugees?",
        "What is the capital of France?",
        "How many documents did the court receive?",
        "Which document did the king sign in 1215?",
        "Who summarised the report?",
        "What is the summary judgment procedure?",
        "List the three ingredients of bread.",
        "What article of the constitution protects speech?",
    ],
)
def test_a_question_about_a_fact_is_left_alone(question: str) -> None:
    assert read_question(question, is_follow_up=False) is None


@pytest.mark.parametrize("question", ["Summarise that", "What is it about?", "tl;dr", "Which documents mention him?"])
def test_a_follow_up_that_points_back_is_not_about_the_documents(question: str) -> None:
    assert read_question(question, is_follow_up=True) is None


# Answering


def test_a_count_is_made_over_all_documents_and_one_sentence_of_each_is_cited(library: Library) -> None:
    reply = ask(library, "How many documents mention a ticket?")

    assert {citation.quote for citation in reply.citations} == {
        "A ticket costs four crowns.",
        "A ticket costs nine crowns, and children pay nothing.",
    }
    assert reply.coverage == (
        "“a ticket” is mentioned in 2 of 3 documents: looked for by its words, not by its meaning, in all 3 passages."
        " Quoted is one sentence of each."
    )
    assert all(claim.basis is Basis.QUOTATION for claim in reply.claims)
    assert reply.coverage in str(reply).replace("\n", " ")


def test_words_that_no_document_holds_are_an_abstention_that_says_where_was_looked(library: Library) -> None:
    reply = ask(library, "Which documents mention whales?")

    assert (reply.claims, reply.evidence, reply.confidence) == ((), (), 0)
    assert reply.abstention is not None
    assert reply.abstention.reason == (
        "“whales” is mentioned in 0 of 3 documents: looked for by its words, not by its meaning, in all 3 passages."
    )


def test_the_words_must_stand_together_in_one_passage(library: Library) -> None:
    assert cited(ask(library, "Which documents mention clocks and children?")) == {"Museum"}
    assert ask(library, "Which documents mention clocks and bread?").abstention is not None


def test_documents_are_listed_and_each_is_quoted_as_it_begins(library: Library) -> None:
    reply = ask(library, "What documents do you have?")

    assert reply.coverage == "3 documents: Ferry; Museum; Bakery. Quoted is how each begins."
    assert [citation.quote for citation in reply.citations] == [
        text.split(". ")[0] + "." for text in (FERRY, MUSEUM, BAKERY)
    ]


def test_a_summary_takes_a_sentence_of_every_document_and_says_so(library: Library) -> None:
    reply = ask(library, "What are the documents about?")

    assert cited(reply) == {"Ferry", "Museum", "Bakery"}
    assert reply.coverage == (
        "From 3 of 3 paragraphs of 3 of 3 documents: of each part the sentence nearest to what the whole is about."
    )
    assert reply.confidence == 1


def test_a_summary_of_a_long_document_is_from_all_its_parts(tmp_path: Path) -> None:
    topics = ("ferries", "clocks", "bread", "whales", "trams", "bridges", "gardens", "lamps", "wells", "towers")
    paragraphs = [f"The town's {topic} are its pride. They were counted in 1912 by Ada Berg." for topic in topics]
    (tmp_path / "town.md").write_text("# Town\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add([tmp_path / "town.md"])
        reply = ask(library, "Summarise the document")
        text = library.document(1).text
    parts = [(citation.start * len(topics) // len(text)) // 2 for citation in reply.citations]

    assert parts == [0, 1, 2, 3, 4]
    assert reply.coverage.startswith("From 5 of 10 paragraphs of Town:")
    assert all(text[citation.start : citation.end] == citation.quote for citation in reply.citations)


def test_a_document_is_summed_up_by_its_title_and_another_subject_is_an_ordinary_question(library: Library) -> None:
    assert cited(ask(library, "Give me a summary of museum")) == {"Museum"}

    ordinary = ask(library, "What is the bakery on Mill Street about?")
    assert ordinary.coverage == ""
    assert cited(ordinary) == {"Bakery"}


def test_a_model_writes_the_summary_from_the_chosen_sentences_and_is_checked(library: Library) -> None:
    written = ["They tell of a ferry [1.1]. ", "Whales swim there. "]
    reply = answer("Summarise the documents", library=library, generator=ScriptedGenerator(written))

    assert [claim.text for claim in reply.claims] == ["They tell of a ferry."]
    assert len(reply.withheld) == 1
    assert reply.generator == "scripted"
    assert reply.coverage.startswith("From 3 of 3 paragraphs")


def test_counting_is_left_to_no_model(library: Library) -> None:
    reply = answer("How many documents mention bread?", library=library, generator=ScriptedGenerator(["Seven [1.1]."]))

    assert [claim.text for claim in reply.claims] == ["The bakery on Mill Street sells rye bread."]
    assert reply.generator == ExtractiveGenerator.name


def test_a_list_is_answered_from_passages_and_says_that_it_may_be_incomplete(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.txt").write_text(f"The minister of harbour {number} is called Berg.\n", encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(sorted(tmp_path.glob("*.txt")))
        reply = ask(library, "List all the ministers of harbours")

    assert reply.claims
    assert reply.coverage == "Only the 10 passages that fit best were read, of 12: a list may be incomplete."


def test_a_follow_up_is_answered_from_what_was_said_before(library: Library) -> None:
    assert ask(library, "Summarise that", history=EARLIER).coverage == ""


def test_an_empty_library_has_nothing_to_sum_up(tmp_path: Path) -> None:
    with Library.open(tmp_path) as empty:
        reply = ask(empty, "Summarise this")
    assert reply.abstention is not None
    assert "no documents" in reply.abstention.reason
