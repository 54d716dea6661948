"""Which passages and sentences a generator is given: those that matter, within a budget of tokens, where they were.

Reading is what a model on a processor takes longest for, and it reads again from the first word that changed. So
passages that it was given for the question before keep their place, and what is new comes after them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from index.types import Passage
from rag.draft import QUOTATION_MARKS
from rag.evidence import ScoredSentence
from rag.manner import PASSAGES
from rag.types import Given, GivenPassage, GivenSentence, Read

TOKENS_OF_ID = 6
"""Of "(2.1) " before each sentence, in the vocabularies of Qwen, Llama and Gemma."""

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Cut:
    """A passage and the indices of those of its sentences that are given, in their order."""

    passage: Passage
    sentences: tuple[int, ...]


def give(
    sentences: Sequence[ScoredSentence],
    count_tokens: CountTokens,
    budget: int,
    earlier: Sequence[Cut] = (),
    most: int = PASSAGES,
) -> Given:
    """Return what a generator is given: numbered from 1, best passage first, or after those given `earlier`.

    Passages are given whole where the budget allows; else the best sentences are, each with its neighbours.
    Passages of `earlier` that are needed again stay where they were, with those between them, if there is room.
    `sentences` are all scored sentences of the candidates, best first; `budget` is in tokens as `count_tokens` counts
    them, which need not be the model's own. At most `most` passages are new to the conversation.
    """
    passages = list({sentence.passage.id: sentence.passage for sentence in sentences}.values())[:most]
    cost = _cost(count_tokens, [*passages, *(cut.passage for cut in earlier)])
    cuts = _in_place(earlier, _wanted(passages, sentences, cost, budget), cost, budget)
    scores = {(sentence.passage.id, sentence.number): sentence.score for sentence in sentences}
    given = tuple(_given_passage(number, cut, scores) for number, cut in enumerate(cuts, 1))
    fitting = {cut.passage.id: len(cut.sentences) for cut in cuts}
    left_out = sum(len(passage.sentences) - fitting.get(passage.id, 0) for passage in passages)
    return Given(given, _marks_for(given), left_out)


def give_chosen(cuts: Sequence[Cut]) -> Given:
    """Return exactly these sentences, in this order, each of which belongs to the answer."""
    given = tuple(_given_passage(number, cut, {}) for number, cut in enumerate(cuts, 1))
    return Given(given, _marks_for(given), is_selection=True)


def cut_again(read: Sequence[Read], passages: Iterable[Passage]) -> list[Cut]:
    """Return what was given once as cuts of `passages`; what is gone since is left out."""
    by_id = {passage.id: passage for passage in passages}
    return [
        Cut(by_id[place.passage_id], tuple(number - 1 for number in place.sentences))
        for place in read
        if place.passage_id in by_id and max(place.sentences, default=0) <= len(by_id[place.passage_id].sentences)
    ]


def reading_of(given: Given) -> tuple[Read, ...]:
    """Return which sentences are given, without their texts."""
    return tuple(
        Read(passage.passage.id, tuple(sentence.number for sentence in passage.sentences)) for passage in given.passages
    )


# Choosing

Cost = Callable[[Cut], int]


def _cost(count_tokens: CountTokens, passages: Sequence[Passage]) -> Cost:
    """Return what a cut costs in tokens."""
    places = [(passage.id, index) for passage in passages for index in range(len(passage.sentences))]
    texts = [passage.sentence_text(index) for passage in passages for index in range(len(passage.sentences))]
    tokens = dict(zip(places, count_tokens(texts), strict=True))
    return lambda cut: sum(tokens[cut.passage.id, index] + TOKENS_OF_ID for index in cut.sentences)


def _wanted(passages: Sequence[Passage], sentences: Sequence[ScoredSentence], cost: Cost, budget: int) -> list[Cut]:
    """Return the passages whole if they fit, else what the best sentences leave of them; at least one sentence."""
    whole = [Cut(passage, tuple(range(len(passage.sentences)))) for passage in passages]
    if sum(map(cost, whole)) <= budget:
        return whole
    kept: dict[int, set[int]] = {passage.id: set() for passage in passages}
    left = budget
    for sentence in sentences:
        own = kept.get(sentence.passage.id)
        if own is None:
            continue
        more = [Cut(sentence.passage, tuple(part - own)) for part in (_with_neighbours(sentence), {sentence.number})]
        taken = next((cut for cut in more if cost(cut) <= left), None)
        if taken:
            own.update(taken.sentences)
            left -= cost(taken)
    cuts = [Cut(passage, tuple(sorted(kept[passage.id]))) for passage in passages if kept[passage.id]]
    return cuts or [Cut(best.passage, (best.number,)) for best in sentences[:1]]


def _with_neighbours(sentence: ScoredSentence) -> set[int]:
    """Return the indices of a sentence and those beside it: they say who "he" is, and how it goes on."""
    return set(range(max(sentence.number - 1, 0), min(sentence.number + 2, len(sentence.passage.sentences))))


def _in_place(earlier: Sequence[Cut], wanted: Sequence[Cut], cost: Cost, budget: int) -> list[Cut]:
    """Return what is wanted in an order that begins as `earlier` does, for as long as it can within the budget."""
    by_id = {cut.passage.id: cut for cut in wanted}
    staying = [place for place, cut in enumerate(earlier) if cut.passage.id in by_id]
    if not staying:
        return list(wanted)
    with_those_between = earlier[: staying[-1] + 1]
    for begins in (with_those_between, [earlier[place] for place in staying]):
        there = [_joined(cut, by_id.get(cut.passage.id)) for cut in begins]
        cuts = [*there, *(cut for cut in wanted if cut.passage.id not in {own.passage.id for own in there})]
        if sum(map(cost, cuts)) <= budget:
            return cuts
    return list(wanted)


def _joined(cut: Cut, other: Cut | None) -> Cut:
    return Cut(cut.passage, tuple(sorted({*cut.sentences, *other.sentences}))) if other else cut


# Numbering


def _given_passage(number: int, cut: Cut, scores: dict[tuple[int, int], float]) -> GivenPassage:
    passage = cut.passage
    sentences = tuple(
        GivenSentence(
            index + 1,
            passage.sentences[index],
            " ".join(passage.sentence_text(index).split()),
            scores.get((passage.id, index), 0.0),
        )
        for index in cut.sentences
    )
    return GivenPassage(number, passage, sentences)


def _marks_for(passages: Sequence[GivenPassage]) -> tuple[str, str]:
    """Return the first pair of quotation marks that no given sentence holds."""
    text = "".join(passage.text for passage in passages)
    free = [pair for pair in QUOTATION_MARKS if not any(mark in text for mark in pair)]
    return free[0] if free else QUOTATION_MARKS[-1]
