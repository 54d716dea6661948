"""Sample questions read naturally and are answered."""

from pathlib import Path

import pytest

from index.library import Library
from rag.answer import answer
from rag.generators import ExtractiveGenerator
from rag.samples import heading_topic, sample_questions

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("samples")
    (folder / "notes.md").write_text(
        "# Kettle manual\n\n## Descaling\n\nDescale the kettle every month. Descaling takes ten minutes.\n\n"
        "## Warranty\n\nThe warranty lasts two years from the day of purchase.\n",
        encoding="utf-8",
    )
    with Library.open(folder / "library") as library:
        library.add([SEEDS, folder / "notes.md"])
        yield library


def test_the_seed_article_gives_questions_about_its_speaker_and_its_headings(tmp_path: Path) -> None:
    with Library.open(tmp_path) as seeds:
        seeds.add([SEEDS])
        assert sample_questions(seeds) == (
            "What did Asif say about terror attacks?",
            "What did Asif say about refugees?",
            "What did Asif say about India?",
        )


def test_several_documents_take_turns_and_one_without_a_speaker_is_asked_impersonally(library: Library) -> None:
    assert sample_questions(library, 4) == (
        "What did Asif say about terror attacks?",
        "What is said about Descaling?",
        "What did Asif say about refugees?",
        "What is said about warranty?",
    )


def test_every_sample_is_answered(library: Library) -> None:
    questions = sample_questions(library, 6)
    assert len(questions) == 6
    for question in questions:
        assert answer(question, library=library, generator=ExtractiveGenerator()).claims, question


def test_an_empty_library_has_no_samples(tmp_path: Path) -> None:
    with Library.open(tmp_path) as empty:
        assert sample_questions(empty) == ()


@pytest.mark.parametrize(
    ("heading", "section", "topic"),
    [
        ("Call for return of refugees", "They should arrange for the return of refugees.", "refugees"),
        ("Warm ties between Kabul, India not concern", "Warm ties with India and Kabul.", "India"),
        ("Terror attacks from Afghan soil", "He said terrorists attacked from Afghan territory.", "terror attacks"),
        ("Installation And Setup", "The installation needs a setup of ten minutes.", "setup"),
        ("Introduction", "This text is about bees.", ""),
        ("2021", "Sales grew in 2021.", "2021"),
        ("— ? —", "Nothing.", ""),
    ],
)
def test_a_heading_names_its_topic_only_if_its_section_speaks_of_it(heading: str, section: str, topic: str) -> None:
    assert heading_topic(heading, section) == topic
