"""Chooses the tokens of an answer, one after another. Knows tokens and logits, no text and no grammar.

This loop is what a decoder constrained by a grammar takes the place of: the same arguments, the same tokens out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from rag.errors import GeneratorError
from rag.generators.llama_model import LlamaModel

_TEMPERATURE = 0.2
"""Low: an answer from given passages is to be near their words."""
_CANDIDATES = 40
"""Tokens that take part in the draw; llama.cpp's own default for top-k."""
_SEED = 0
"""Fixed, so that the same question to the same library is answered in the same words."""


def sample(model: LlamaModel, prompt: Sequence[int], max_tokens: int) -> Iterator[int]:
    """Yield up to `max_tokens` tokens that continue `prompt`, until the model ends its answer.

    Raises: Stopped, GeneratorError.
    """
    import numpy as np

    random = np.random.default_rng(_SEED)
    model.start(prompt)
    for _ in range(max_tokens):
        token = _draw(model.logits(), random)
        if model.ends_text(token):
            return
        yield token
        model.read([token])


def _draw(logits: Any, random: Any) -> int:
    """Draw one token from the best, in proportion to their probabilities at the temperature."""
    import numpy as np

    best = np.argpartition(logits, -_CANDIDATES)[-_CANDIDATES:] if len(logits) > _CANDIDATES else np.arange(len(logits))
    scores = logits[best].astype(np.float64) / _TEMPERATURE
    if not np.isfinite(scores).all():
        raise GeneratorError("the model computes numbers that are none: its file is damaged, download it again")
    weights = np.exp(scores - scores.max())
    return int(random.choice(best, p=weights / weights.sum()))
