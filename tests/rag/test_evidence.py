"""Sentences as answers: what a question wants, what stands around a sentence, and how sure it is."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder

from index.analyse import words
from index.library import Library
from rag.evidence import CREDITS, ScoredSentence, Signals, answerability, confidence, rank, score_sentences
from rag.function_words import denies
from rag.query import is_latin, read_query
from rag.retrieve import retrieve
from rag.wanted import Wanted, has_wanted, wanted

HARBOUR = """# Lindholm ferry

The timetable changes in spring. The first crossing leaves at dawn. It takes 35 minutes. Nobody is left behind.

## Prices

A ticket is cheap. Children travel free.
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "harbour.md").write_text(HARBOUR, encoding="utf-8")
    with Library(tmp_path / "library", WordEmbedder, "words") as library:
        library.add([tmp_path / "harbour.md"])
        yield library


def scored(library: Library, question: str) -> dict[str, Signals]:
    sentences = score_sentences(library, question, retrieve(library, question, 10))
    return {sentence.passage.sentence_text(sentence.number): sentence.signals for sentence in sentences}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many refugees live in Pakistan?", Wanted.NUMBER),
        ("What percentage voted?", Wanted.NUMBER),
        ("When did who leave?", Wanted.DATE),
        ("In which year was it built?", Wanted.DATE),
        ("Who built it?", Wanted.NAME),
        ("Where is it?", Wanted.NAME),
        ("What is it like?", Wanted.ANYTHING),
        ("How is it done?", Wanted.ANYTHING),
        ("Wie viele Menschen leben dort?", Wanted.NUMBER),
        ("Wann wurde es gebaut?", Wanted.DATE),
        ("¿Cuántos habitantes tiene?", Wanted.NUMBER),
        ("¿Quién lo construyó?", Wanted.NAME),
        ("瑞典有多少人？", Wanted.NUMBER),
        ("متى بني؟", Wanted.DATE),
        ("وہاں کتنے لوگ ہیں؟", Wanted.NUMBER),
    ],
)
def test_a_question_word_says_what_is_wanted(question: str, kind: Wanted) -> None:
    assert wanted(question) is kind


@pytest.mark.parametrize(
    ("kind", "question", "sentence", "has"),
    [
        (Wanted.NUMBER, "How many came in 1990?", "In 1990 many came.", False),
        (Wanted.NUMBER, "How many came in 1990?", "In 1990, 35 came.", True),
        (Wanted.NUMBER, "How many came?", "Twelve came.", True),
        (Wanted.NUMBER, "多少人？", "人口约一千万。", True),
        (Wanted.DATE, "When did it open?", "It opened in March.", True),
        (Wanted.DATE, "When did it open?", "It opened at last.", False),
        (Wanted.DATE, "What happened in May when it opened?", "In May it opened.", False),
        (Wanted.NAME, "Who is Asif?", "Then Asif left.", False),
        (Wanted.NAME, "Who is Asif?", "The minister is Khawaja Asif.", True),
        (Wanted.NAME, "Who built it?", "Asif built it, and he lives in it.", True),
        (Wanted.NAME, "Who built it?", "He built it. Then he lived in it.", False),
        (Wanted.NAME, "Wer hat es gebaut?", "Er hat es gebaut.", False),
        (Wanted.NAME, "من هو؟", "وصل أحمد إلى الميناء", True),
        (Wanted.ANYTHING, "Why?", "so it goes", True),
    ],
)
def test_a_sentence_has_what_is_wanted_if_the_question_does_not_say_it_already(
    kind: Wanted, question: str, sentence: str, has: bool
) -> None:
    assert has_wanted(kind, sentence, question) is has


def test_words_around_a_sentence_count_the_less_the_farther_they_are(library: Library) -> None:
    signals = scored(library, "When is the timetable?")
    assert {
        text: round(own.coverage, 3) for text, own in signals.items() if "ticket" not in text and "free" not in text
    } == {
        "The timetable changes in spring.": 1.0,
        "The first crossing leaves at dawn.": CREDITS.before,
        "It takes 35 minutes.": CREDITS.earlier,
        "Nobody is left behind.": CREDITS.earlier,
    }
    assert scored(library, "When does nobody?")["It takes 35 minutes."].coverage == CREDITS.later


def test_a_word_of_the_headings_counts_for_each_sentence_below(library: Library) -> None:
    signals = scored(library, "What about prices of the ferry?")
    assert signals["Children travel free."].coverage == 1.0
    assert signals["It takes 35 minutes."].coverage < 1.0


def test_a_number_that_is_wanted_lifts_the_sentence_that_has_one(library: Library) -> None:
    sentences = score_sentences(library, "How long does it take?", retrieve(library, "How long does it take?", 10))
    assert sentences[0].passage.sentence_text(sentences[0].number) == "It takes 35 minutes."
    assert [sentence.signals.number for sentence in sentences].count(1.0) == 1


def test_names_of_the_question_that_a_sentence_holds_with_its_title(library: Library) -> None:
    signals = scored(library, "Is Lindholm or Narvik near in 35 minutes?")
    assert signals["It takes 35 minutes."].names == 2 / 3
    assert signals["Nobody is left behind."].names == 1 / 3
    assert scored(library, "Is it near?")["It takes 35 minutes."].names == 1.0


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("Nobody is left behind.", True),
        ("It isn’t there.", True),
        ("Who can't come?", True),
        ("The first Model T is there.", False),
        ("The knot is there.", False),
        ("Welcher Hafen hat keine Fähre?", True),
        ("¿Qué puerto no tiene ferry?", True),
        ("Le port n'a pas de ferry.", True),
        ("В каком порту нет парома?", True),
        ("أي ميناء ليس فيه عبارة؟", True),
        ("哪个港口没有渡轮？", True),
        ("哪个港口有渡轮？", False),
    ],
)
def test_a_text_denies_something_by_a_word_of_its_language(text: str, does: bool) -> None:
    assert denies(words(text)) is does


def test_a_sentence_is_asked_to_deny_something_where_the_question_does(library: Library) -> None:
    signals = scored(library, "What is not left behind in spring?")
    assert signals["Nobody is left behind."].denial == 1.0
    assert signals["The timetable changes in spring."].denial == 0.0
    assert scored(library, "What is left behind in spring?")["The timetable changes in spring."].denial == 1.0


def test_one_of_the_three_best_sentences_has_to_deny(library: Library) -> None:
    found = score_sentences(library, "How long?", retrieve(library, "How long?", 10))[0].passage
    denying, other = (ScoredSentence(found, 0, signals(0.5, 0.5, denial=denial), 1.0) for denial in (1.0, 0.0))
    assert answerability([other, other, denying]).denial == 1.0
    assert answerability([other, other, other, denying]).denial == 0.0


def signals(
    cosine: float, coverage: float, number: float = 1.0, denial: float = 1.0, words: int = 3, is_read: bool = True
) -> Signals:
    return Signals(cosine, coverage, 1.0, number, 1.0, denial, library_size=2.0, words=words, is_read=is_read)


def test_rank_is_the_mean_of_cosine_coverage_and_a_little_of_what_is_wanted() -> None:
    assert rank(signals(0.5, 0.7), CREDITS) == pytest.approx((0.5 + 0.7 + 0.15) / 2.15)
    assert rank(Signals(-1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 3, True), CREDITS) == 0.0


def test_confidence_weighs_the_best_sentence_and_the_nearest(library: Library) -> None:
    found = score_sentences(library, "How long does it take?", retrieve(library, "How long does it take?", 10))
    best, near = (ScoredSentence(found[0].passage, 0, own, 1.0) for own in (signals(0.4, 1.0), signals(0.6, 0.0)))
    known = answerability([best, near])
    assert (known.nearness, known.coverage, known.library_size) == (pytest.approx(0.5), 0.5, 2.0)
    assert 0 < confidence([best]) < confidence([best, near]) < 1
    odds = [
        math.log(sure / (1 - sure))
        for own in (signals(0.4, 1.0), signals(0.4, 1.0, number=0.0), signals(0.4, 1.0, denial=0.0))
        for sure in [confidence([ScoredSentence(best.passage, 0, own, 1.0)])]
    ]
    assert [odds[0] - other for other in odds[1:]] == pytest.approx([1.4, 1.1])
    assert confidence([]) == 0.0


def test_of_a_long_question_a_sentence_is_asked_to_hold_six_words(library: Library) -> None:
    passage = score_sentences(library, "How long?", retrieve(library, "How long?", 10))[0].passage

    def known(coverage: float, words: int) -> float:
        return answerability([ScoredSentence(passage, 0, signals(0.5, coverage, words=words), 1.0)]).coverage

    assert known(0.25, words=6) == pytest.approx(0.25 / 2)
    assert known(0.25, words=12) == pytest.approx(0.5 / 2)
    assert known(0.9, words=24) == pytest.approx(1 / 2)


def test_where_the_script_is_not_read_a_cosine_says_nothing_of_the_confidence(library: Library) -> None:
    passage = score_sentences(library, "How long?", retrieve(library, "How long?", 10))[0].passage

    def sure(cosine: float, coverage: float) -> float:
        return confidence([ScoredSentence(passage, 0, signals(cosine, coverage, is_read=False), 1.0)])

    assert sure(0.9, 0.5) == sure(0.1, 0.5)
    assert sure(0.5, 0.2) < sure(0.5, 0.8)


@pytest.mark.parametrize(
    ("question", "latin"),
    [("How long does it take?", True), ("¿Cuánto dura?", True), ("Wie lange dauert es?", True), ("42?", True),
     ("渡轮什么时候开？", False), ("Сколько времени это занимает?", False), ("كم يستغرق ذلك؟", False),
     ("What does 渡轮 mean?", True)],
)  # fmt: skip
def test_a_question_is_latin_where_half_its_letters_are(question: str, latin: bool) -> None:
    assert is_latin(question) is latin


def test_a_capital_is_no_name_in_german(library: Library) -> None:
    german = read_query(library, "Wann fährt die Fähre von dem Hafen nach Lindholm im Jahr 2024?")
    english = read_query(library, "When does the ferry leave the Harbour for Lindholm in 2024?")
    assert [word.text for word in german.words if word.is_name] == ["2024"]
    assert [word.text for word in english.words if word.is_name] == ["harbour", "lindholm", "2024"]
