"""The answer without a model: whole sentences, few, in the documents' order, and never one without its antecedent."""

from dataclasses import replace

from fakes import text_of
from given_passages import given_passages

from rag.generators.extractive import ExtractiveGenerator
from rag.types import Given


def scored(given: Given, scores: dict[str, float]) -> Given:
    """Give each sentence the score of the word it begins with."""
    passages = [
        replace(
            passage,
            sentences=tuple(
                replace(sentence, score=scores[sentence.text.split()[0]]) for sentence in passage.sentences
            ),
        )
        for passage in given.passages
    ]
    return replace(given, passages=tuple(passages))


def quoted(given: Given, **scores: float) -> str:
    return text_of(ExtractiveGenerator().draft("?", scored(given, scores), ()))


TWO = given_passages("Ann spoke. Ben left.", "Cem came. Dee sat. Eve ran.")


def test_the_best_sentence_is_quoted_alone_where_no_other_is_near() -> None:
    assert quoted(TWO, Ann=0.1, Ben=0.9, Cem=0.6, Dee=0.2, Eve=0.2) == "“Ben left.” [1]. "


def test_up_to_three_near_the_best_are_quoted_in_document_order() -> None:
    drafted = "“Ann spoke.” [1]. “Dee sat.” [2]. “Eve ran.” [2]. "
    assert quoted(TWO, Ann=0.9, Ben=0.5, Cem=0.5, Dee=0.8, Eve=0.85) == drafted


def test_a_sentence_that_points_back_comes_with_the_one_before_it() -> None:
    given = given_passages("Ann spoke. They listened. Cem came.", "He slept.")
    assert quoted(given, Ann=0.1, They=0.9, Cem=0.1, He=0.1) == "“Ann spoke.” [1]. “They listened.” [1]. "
    assert quoted(given, Ann=0.1, They=0.1, Cem=0.1, He=0.9) == "“He slept.” [2]. ", "nothing stands before it"


def test_the_best_are_never_dropped_for_an_antecedent() -> None:
    given = given_passages("Ann spoke. They listened. Cem came. Dee sat.")
    assert (
        quoted(given, Ann=0.1, They=0.8, Cem=0.9, Dee=0.85) == "“They listened.” [1]. “Cem came.” [1]. “Dee sat.” [1]. "
    )
