"""What a generator is given: what matters, within the budget, and in an order that a model need not read again."""

from collections.abc import Sequence
from itertools import takewhile

from given_passages import passage_of
from hypothesis import given as examples
from hypothesis import strategies as st

from rag.evidence import ScoredSentence, Signals
from rag.give import TOKENS_OF_ID, Cut, cut_again, give, reading_of
from rag.prompt import messages
from rag.settings import EVIDENCE_TOKENS
from rag.types import Read

NO_SIGNALS = Signals(0, 0, 0, 0, 0, 0, 0, 0, True)
PASSAGES = {
    number: passage_of(" ".join(f"Sentence {place} of passage {number} is here." for place in range(1, 7)), number)
    for number in range(1, 8)
}
SENTENCE = 7 + TOKENS_OF_ID
"""What each of these sentences costs."""


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def scored(*best: tuple[int, int]) -> list[ScoredSentence]:
    """All sentences of the passages that are named; those named (passage, sentence from 1) come first, best first."""
    places = list(dict.fromkeys(best))
    rest = [(number, place) for number in dict.fromkeys(number for number, _ in best) for place in range(1, 7)]
    ordered = list(dict.fromkeys([*places, *rest]))
    return [
        ScoredSentence(PASSAGES[number], place - 1, NO_SIGNALS, 1 - rank / len(ordered))
        for rank, (number, place) in enumerate(ordered)
    ]


def numbers(given: object) -> dict[int, tuple[int, ...]]:
    return {read.passage_id // 10: read.sentences for read in reading_of(given)}  # type: ignore[arg-type]  # a Given


def test_passages_are_given_whole_best_first_where_there_is_room() -> None:
    given = give(scored((3, 2), (1, 5)), words, EVIDENCE_TOKENS)

    assert [(passage.number, passage.passage.id) for passage in given.passages] == [(1, 30), (2, 10)]
    assert numbers(given) == {3: (1, 2, 3, 4, 5, 6), 1: (1, 2, 3, 4, 5, 6)}
    assert given.left_out == 0
    assert given.passages[0].sentences[1].score == 1.0


def test_of_many_passages_the_best_five_are_given() -> None:
    given = give(scored(*((number, 1) for number in range(1, 8))), words, EVIDENCE_TOKENS)

    assert list(numbers(given)) == [1, 2, 3, 4, 5]
    assert give(scored(*((number, 1) for number in range(1, 8))), words, 4 * SENTENCE).left_out == 26


def test_without_room_the_best_sentences_are_given_with_their_neighbours_and_the_gaps_are_told() -> None:
    given = give(scored((1, 5), (2, 1)), words, 5 * SENTENCE)

    assert numbers(given) == {1: (4, 5, 6), 2: (1, 2)}
    assert given.left_out == 7
    text = messages("Why?", given, ())[-1]["content"]
    assert "(…) (1.4) Sentence 4 of passage 1 is here. (1.5)" in text
    assert "(2.2) Sentence 2 of passage 2 is here. (…)" in text


def test_a_sentence_whose_neighbours_do_not_fit_is_given_alone_and_the_best_one_always() -> None:
    assert numbers(give(scored((1, 5), (2, 3)), words, 4 * SENTENCE)) == {1: (4, 5, 6), 2: (3,)}
    assert numbers(give(scored((1, 5), (2, 3)), words, 1)) == {1: (5,)}


@examples(
    st.lists(st.tuples(st.integers(1, 7), st.integers(1, 6)), min_size=1, max_size=20), st.integers(SENTENCE, 600)
)
def test_what_is_given_never_costs_more_than_the_budget(best: list[tuple[int, int]], budget: int) -> None:
    earlier = [Cut(PASSAGES[number], (0, 1, 2)) for number in (7, 2, 4)]
    given = give(scored(*best), words, budget, earlier)

    assert sum(len(passage.sentences) * SENTENCE for passage in given.passages) <= budget
    first_number, first_place = best[0]
    assert first_place in numbers(given)[first_number]
    ids = [passage.passage.id for passage in given.passages]
    assert len(ids) == len(set(ids))


# From question to question


def test_a_passage_that_is_needed_again_stays_in_its_place_and_new_ones_follow() -> None:
    first = give(scored((1, 1), (2, 1), (3, 1)), words, EVIDENCE_TOKENS)
    second = give(
        scored((4, 1), (3, 2), (1, 1)), words, EVIDENCE_TOKENS, cut_again(reading_of(first), PASSAGES.values())
    )

    assert list(numbers(second)) == [1, 2, 3, 4], "the one between them stays, or all after it were read again"
    same = [message["content"] for message in (messages("A?", first, ())[-1], messages("B?", second, ())[-1])]
    read_again = len(same[0]) - len(list(takewhile(lambda pair: pair[0] == pair[1], zip(*same, strict=False))))
    assert read_again == len("\n\nQuestion: A?") - len("\n\n")


def test_where_nothing_is_needed_again_the_best_passage_comes_first() -> None:
    earlier = [Cut(PASSAGES[number], (0, 1)) for number in (5, 6)]

    assert list(numbers(give(scored((2, 1), (1, 1)), words, EVIDENCE_TOKENS, earlier))) == [2, 1]


def test_without_room_for_those_between_only_what_is_needed_stays_and_then_only_the_order_is_given_up() -> None:
    earlier = [Cut(PASSAGES[number], (0, 1, 2, 3, 4, 5)) for number in (1, 2, 3)]
    again = scored((3, 2), (1, 1))

    assert list(numbers(give(again, words, 18 * SENTENCE, earlier))) == [1, 2, 3]
    assert list(numbers(give(again, words, 17 * SENTENCE, earlier))) == [1, 3]
    assert list(numbers(give(again, words, 11 * SENTENCE, earlier))) == [3, 1]


def test_sentences_that_a_question_adds_to_a_passage_are_given_with_those_it_had() -> None:
    earlier = [Cut(PASSAGES[1], (0, 1)), Cut(PASSAGES[2], (5,))]

    assert numbers(give(scored((2, 2)), words, 8 * SENTENCE, earlier)) == {1: (1, 2), 2: (1, 2, 3, 4, 5, 6)}
    assert numbers(give(scored((2, 2)), words, 5 * SENTENCE, earlier)) == {2: (1, 2, 3, 4, 5)}


def test_what_is_gone_or_shorter_since_is_not_given_again() -> None:
    read = (Read(10, (1, 2)), Read(990, (1,)), Read(20, (7,)), Read(30, (6,)))

    assert cut_again(read, PASSAGES.values()) == [Cut(PASSAGES[1], (0, 1)), Cut(PASSAGES[3], (5,))]


def test_the_default_budget_has_room_for_five_full_passages() -> None:
    longest, sentences = 192, 8
    assert 5 * (longest + sentences * TOKENS_OF_ID) <= EVIDENCE_TOKENS
