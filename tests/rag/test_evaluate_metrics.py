"""Every measure of an evaluation against a worked example."""

import numpy as np
import pytest

from rag.evaluate.bootstrap import figure
from rag.evaluate.figures import figures_of
from rag.evaluate.matching import holds_answer, quotable, sentence_scores
from rag.evaluate.ranking import ndcg, recall
from rag.evaluate.refusal import auroc, refusal_f1, refusal_precision
from rag.evaluate.types import Asked, Question, RecordSentence


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32).reshape(-1, 1)


def mean(table: np.ndarray) -> float:
    return float(table.mean())


# Rankings


def test_ndcg_discounts_a_gold_record_by_the_logarithm_of_its_place() -> None:
    # gain 1/log2(2) + 1/log2(4) = 1.5, of at most 1/log2(2) + 1/log2(3) = 1.630930
    assert ndcg(["a", "b", "c"], frozenset("ac"), 10) == pytest.approx(1.5 / 1.6309298)


def test_ndcg_is_one_where_all_gold_records_come_first_and_none_below_its_depth_counts() -> None:
    assert ndcg(["a", "c", "b"], frozenset("ac"), 10) == pytest.approx(1)
    assert ndcg(["b", "a"], frozenset("a"), 1) == 0
    assert ndcg(["a", "b"], frozenset("abcd"), 2) == pytest.approx(1)


def test_recall_is_the_share_of_the_gold_records_that_were_found() -> None:
    assert recall(["a", "b", "c"], frozenset("acz"), 3) == pytest.approx(2 / 3)
    assert recall(["a", "b", "c"], frozenset("acz"), 2) == pytest.approx(1 / 3)


# Answers in sentences


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The embargo began in October 1973, they say.", "october 1973"),
        ("It cost “the Earth”.", "Earth"),
        ("Okara 's poem has ten stanzas.", "Okara's poem"),
        ("A population of 10,000 people.", "10,000"),
        ("会议于1998年在北京举行。", "北京"),
        ("Er wohnt in der Straße.", "STRASSE"),
    ],
)
def test_a_text_holds_an_answer_whatever_its_case_punctuation_and_articles(text: str, answer: str) -> None:
    assert holds_answer(text, ["nothing like it", answer])


@pytest.mark.parametrize(
    ("text", "answers"), [("In 1956 he left.", ["5", "195"]), ("Nothing.", ["", "?"]), ("A dog.", [])]
)
def test_an_answer_is_whole_words_and_an_empty_one_is_nowhere(text: str, answers: list[str]) -> None:
    assert not holds_answer(text, answers)


def test_answers_that_no_record_holds_and_mere_verdicts_cannot_be_quoted() -> None:
    answers = ["Yes", "the ferry", "a long answer that somebody wrote"]
    assert quotable(answers, ["Yes, the ferry leaves."]) == ("the ferry",)


def test_sentences_are_the_same_where_one_holds_the_other_in_the_same_record() -> None:
    gold = [RecordSentence("a", "The ferry leaves at 07:40."), RecordSentence("b", "Bread is sold there.")]
    cited = [
        RecordSentence("a", "the ferry leaves at 07:40 , from the quay"),
        RecordSentence("a", "Bread is sold there."),
        RecordSentence("", "Bread is sold there"),
    ]
    # 2 of 3 are right, both of the gold ones are found: F1 = 2 * (2/3) * 1 / (2/3 + 1)
    assert sentence_scores(cited, gold) == pytest.approx((2 / 3, 1.0, 0.8))


def test_nothing_cited_finds_nothing_and_has_no_precision() -> None:
    assert sentence_scores([], [RecordSentence("a", "The ferry.")]) == pytest.approx((np.nan, 0, 0), nan_ok=True)


# Refusing


def test_auroc_counts_pairs_in_the_right_order_and_half_of_those_that_tie() -> None:
    # answerable .9 and .4 against .6 and .4: two wins, a loss and a tie
    confidences, answerable = np.array([0.9, 0.4, 0.6, 0.4], np.float32), np.array([1, 1, 0, 0], np.float32)
    assert auroc(confidences, answerable) == pytest.approx(2.5 / 4)


def test_auroc_says_nothing_of_questions_of_one_sort() -> None:
    assert np.isnan(auroc(np.ones(3, np.float32), np.ones(3, np.float32)))


def test_refusing_is_judged_as_an_answer_to_the_questions_that_have_none() -> None:
    # precision 1/2, recall 1/3, so F1 = 2 * (1/2) * (1/3) / (5/6)
    refused, answerable = np.array([1, 1, 0, 0, 0], np.float32), np.array([1, 0, 0, 0, 1], np.float32)

    assert refusal_precision(refused, answerable) == pytest.approx(1 / 2)
    assert refusal_f1(refused, answerable) == pytest.approx(2 / 5)
    assert np.isnan(refusal_precision(np.zeros(5, np.float32), answerable))


def asked_of(*questions: tuple[bool, bool]) -> list[Asked]:
    """Answerable and refused, each."""
    return [
        Asked(Question(str(number), "?", answerable), {}, (), (), 0.5, refused, 0.1)
        for number, (answerable, refused) in enumerate(questions)
    ]


def test_questions_of_one_sort_are_counted_as_far_as_that_says_something() -> None:
    without = figures_of(asked_of((False, True), (False, True), (False, True), (False, False)), [])
    with_one = figures_of(asked_of((True, True), (True, False)), [])

    assert without["refusal recall"].value == 0.75
    assert with_one["false refusals"].value == 0.5
    assert {name for name in (*without, *with_one) if not name.startswith("seconds")} == {
        "refusal recall",
        "false refusals",
    }


# Intervals


def test_the_interval_of_ten_questions_half_right_is_that_of_ten_throws_of_a_coin() -> None:
    # binomial (10, 1/2): P(at most 1) = .011, P(at most 2) = .055, so the 2.5 percentile is 2 of 10
    own = figure(column(*[0, 1] * 5), mean)
    assert (own.value, own.low, own.high, own.questions) == pytest.approx((0.5, 0.2, 0.8, 10))


def test_questions_that_all_agree_leave_no_doubt() -> None:
    own = figure(column(0.25, 0.25, 0.25), mean)
    assert (own.value, own.low, own.high) == (0.25, 0.25, 0.25)


def test_resamples_without_a_statistic_are_left_out() -> None:
    table = np.array([[0.9, 1], [0.1, 0]], np.float32)
    own = figure(table, lambda rows: auroc(rows[:, 0], rows[:, 1]))
    assert (own.value, own.low, own.high) == (1, 1, 1)


def test_an_interval_is_the_same_each_time_and_hardly_depends_on_the_seed() -> None:
    table = column(*np.random.default_rng(1).normal(size=300))
    ends = np.array([[own.low, own.high] for own in (figure(table, mean, seed) for seed in range(10))])

    assert figure(table, mean) == figure(table, mean)
    assert ends.std(axis=0).max() / (ends[:, 1] - ends[:, 0]).mean() < 1 / 30
