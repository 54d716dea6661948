"""Fusion, words, evidence and rewriting, each against a worked example."""

import pytest

from rag.retrieve import fuse
from rag.rewrite import rewrite
from rag.types import Turn
from rag.words import content_words, coverage, stem, stems_of


def test_fusion_is_half_bm25_over_its_maximum_and_half_cosine_from_least_to_most() -> None:
    assert fuse([4.0, 0.0, 2.0], [0.2, 0.6, 0.4]) == pytest.approx([0.5, 0.5, 0.5])
    assert fuse([4.0, 1.0], [0.9, 0.1]) == pytest.approx([1.0, 0.125])


def test_fusion_of_one_candidate_or_none() -> None:
    assert fuse([], []) == []
    assert fuse([0.0], [0.3]) == pytest.approx([0.5])


def test_words_that_only_ask_are_left_out() -> None:
    assert content_words("What did Asif say about refugees?") == ["asif", "refugees"]
    assert content_words("What about this?") == ["what", "about", "this"]


def test_words_are_compared_by_their_stems() -> None:
    assert stem("refugees") == stem("refugee")
    assert {"refuge", "return"} <= stems_of("Returning refugees!")


def test_coverage_is_the_share_of_weight_with_half_credit_for_the_surroundings() -> None:
    weights = {"asif": 1.0, "refuge": 3.0}
    sentence, around = frozenset({"refuge"}), frozenset({"asif", "refuge"})

    assert coverage(weights, [sentence], [1.0]) == 0.75
    assert coverage(weights, [sentence, around], [1.0, 0.5]) == 0.875
    assert coverage({}, [sentence], [1.0]) == 0.0


REFUGEES = Turn("user", "What did Asif say about refugees?")


@pytest.mark.parametrize(
    ("question", "history", "expected"),
    [
        ("What is it?", (), "What is it?"),
        ("And what about India?", (REFUGEES,), "What did Asif say about India?"),
        ("How about the Chief Minister", (REFUGEES,), "What did Asif say about the Chief Minister?"),
        ("Why did he say that?", (REFUGEES,), "Why did he say that? asif refugees"),
        ("When does the ferry to Lindholm leave?", (REFUGEES,), "When does the ferry to Lindholm leave?"),
        ("Why?", (REFUGEES, Turn("assistant", "Because.")), "Why? asif refugees"),
        ("Is a return planned?", (REFUGEES,), "Is a return planned? asif refugees"),
        ("Are refugees to return?", (REFUGEES,), "Are refugees to return? asif"),
        ("Who won the 2022 World Cup?", (REFUGEES,), "Who won the 2022 World Cup?"),
        ("Why did he go to Lindholm?", (REFUGEES,), "Why did he go to Lindholm? asif refugees"),
        (
            "Are Kabul and Delhi near?",
            (REFUGEES, Turn("assistant", "Kabul, Delhi.")),
            "Are Kabul and Delhi near? asif refugees",
        ),
        ("Why?", (REFUGEES, Turn("user", "And what about India?")), "Why? asif india"),
        ("And when?", (REFUGEES, Turn("user", "Why?")), "And when? asif refugees"),
        ("And when?", (REFUGEES, Turn("user", "When does the ferry leave?")), "And when? ferry leave"),
        ("And when?", (REFUGEES, *[Turn("user", "Why?")] * 5), "And when? asif refugees"),
        ("And when?", (REFUGEES, *[Turn("user", "Why?")] * 5_000), "And when?"),
        ("Why?", (Turn("user", "A b c d e f g ferry?"),), "Why? b c e f g ferry"),
        ("Why?", (Turn("user", "  "), Turn("assistant", "Ask.")), "Why?"),
    ],
)
def test_a_follow_up_is_made_to_stand_alone(question: str, history: tuple[Turn, ...], expected: str) -> None:
    assert rewrite(question, history) == expected
