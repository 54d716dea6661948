"""Fixtures that several test modules share: a tiny model, made here."""

import json
from pathlib import Path

import pytest

from rag.generators.random_gguf import CONTROL_TOKENS, Vocabulary, write_random_gguf

SEED = Path(__file__).parents[1] / "seeds" / "000_15bae5066eb9f954.txt"


@pytest.fixture(scope="session")
def tiny_vocabulary() -> Vocabulary:
    """A byte-level BPE vocabulary of 600 tokens, trained on the seed article."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=list(CONTROL_TOKENS), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(SEED.read_text(encoding="utf-8").splitlines(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    ids = model["vocab"]
    return Vocabulary(tuple(sorted(ids, key=ids.__getitem__)), tuple((left, right) for left, right in model["merges"]))


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory, tiny_vocabulary: Vocabulary) -> Path:
    """A chat model of two layers and random weights."""
    return write_random_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", tiny_vocabulary, name="Tiny Random")
