"""What every reranker keeps to."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from scripted_server import Reply, Scripted, refusal, serving

from rag.errors import RerankerError
from rag.rerankers import Reranker, open_reranker, remote_of

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "ferry",
    "bread",
    "bakery",
    "sells",
    "leaves",
    "when",
    "the",
    "at",
    "seven",
]
PASSAGES = ["The bakery sells bread.", "The ferry leaves at seven.", "Seven."]


def write_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """Write a tiny cross-encoder with random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=64, num_labels=labels, **sizes)
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return folder


def answer_with_words_in_common(request: Scripted) -> Reply:
    """Score each document by the words it shares with the query; best first, as servers do."""
    words = set(request.asked["query"].lower().split())
    shared = [len(words & set(document.lower().split())) for document in request.asked["documents"]]
    results = [{"index": place, "relevance_score": score / 8} for place, score in enumerate(shared)]
    results.sort(key=lambda result: -result["relevance_score"])
    return 200, "application/json", [json.dumps({"results": results}).encode()]


@pytest.fixture(scope="module", params=["cross-encoder", "server"])
def reranker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reranker]:
    with ExitStack() as stack:
        makers: dict[str, Callable[[], str]] = {
            "cross-encoder": lambda: str(write_cross_encoder(tmp_path_factory.mktemp("models") / "tiny")),
            "server": lambda: stack.enter_context(serving(answer_with_words_in_common))[0],
        }
        opened = open_reranker(makers[request.param]())
        assert opened is not None
        yield opened


def test_scores_are_one_float_a_passage_in_their_order(reranker: Reranker) -> None:
    scores = reranker.scores("when the ferry leaves", PASSAGES)

    assert (scores.dtype, scores.shape) == (np.float32, (3,))
    backwards = reranker.scores("when the ferry leaves", PASSAGES[::-1])
    assert backwards[::-1].tolist() == pytest.approx(scores.tolist(), abs=1e-5)
    assert len(set(scores.tolist())) > 1


def test_a_score_depends_on_the_question_and_not_on_the_other_passages(reranker: Reranker) -> None:
    [alone] = reranker.scores("when the ferry leaves", PASSAGES[:1])
    [other] = reranker.scores("bread", PASSAGES[:1])

    assert alone == pytest.approx(reranker.scores("when the ferry leaves", PASSAGES)[0], abs=1e-5)
    assert alone != other


def test_no_passages_have_no_scores(reranker: Reranker) -> None:
    assert reranker.scores("when", []).shape == (0,)


def test_nothing_leaves_this_machine(reranker: Reranker) -> None:
    assert reranker.remote == ""


def test_no_name_is_no_reranker_and_one_name_is_one_object(tmp_path: Path) -> None:
    assert open_reranker(None) is None
    name = str(write_cross_encoder(tmp_path / "tiny"))
    assert open_reranker(name) is open_reranker(name)


def test_a_cross_encoder_that_is_not_here_is_not_downloaded() -> None:
    with pytest.raises(RerankerError, match=r"the reranker nobody/nothing is not on this machine.* hf download"):
        open_reranker("nobody/nothing")


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(RerankerError, match="gives 3 scores a passage, one is needed"):
        open_reranker(str(write_cross_encoder(tmp_path / "classifier", labels=3)))


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (refusal(501, message="this server does not support reranking"), "answered with status 501"),
        ((200, "application/json", [b'{"results": [{"index": 0, "relevance_score": 1}]}']), "a score for each passage"),
        ((200, "application/json", [b'{"results": [{"index": 7, "relevance_score": 1}]}']), "a score for each passage"),
        ((200, "application/json", [b'{"results": [{"index": "a"}]}']), "a score for each passage"),
        ((200, "application/json", [b"[1, 2]"]), "a score for each passage"),
        ((200, "text/html", [b"<html>"]), "cannot be asked"),
    ],
)
def test_a_server_that_does_not_rerank_is_one_line(reply: Reply, line: str) -> None:
    with serving(lambda request: reply) as (url, _):
        reranker = open_reranker(url)
        assert reranker is not None
        with pytest.raises(RerankerError, match=line):
            reranker.scores("when", PASSAGES)


def test_a_server_that_is_not_there_and_an_address_that_is_none() -> None:
    reranker = open_reranker("http://127.0.0.1:9")
    assert reranker is not None
    with pytest.raises(RerankerError, match="is it running"):
        reranker.scores("when", PASSAGES)
    with pytest.raises(RerankerError, match="is no server's address"):
        open_reranker("http://")


def test_only_a_server_on_another_machine_is_sent_anything_there() -> None:
    assert [remote_of(name) for name in (None, "nobody/nothing", "http://localhost:8080", "https://ranks.example")] == [
        "",
        "",
        "",
        "https://ranks.example/v1",
    ]
