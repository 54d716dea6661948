"""Chooses the tokens of an answer, one after another. Knows tokens and logits, no text and no grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.errors import GeneratorError
from rag.generators.llama_model import LlamaModel

if TYPE_CHECKING:
    from rag.generators.constraint import Constraint

_NEGLIGIBLE = 30.0
"""A token so far below the best, in logits over the temperature, has less than 1e-13 of its probability."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn."""

    temperature: float = 0.2
    """Low: an answer from given passages is to be near their words."""
    candidates: int = 40
    """Tokens that take part in the draw; llama.cpp's own default for top-k."""
    seed: int = 0
    """Fixed, so that the same question to the same library is answered in the same words."""


DEFAULT = Sampling()


def sample(
    model: LlamaModel,
    prompt: Sequence[int],
    max_tokens: int,
    constraint: Callable[[], Constraint],
    sampling: Sampling = DEFAULT,
) -> Iterator[int]:
    """Yield up to `max_tokens` tokens that continue `prompt`, until the model ends its answer.

    `constraint` is asked for when the prompt is read. What it forces is read in one batch, without a draw.

    Raises: Stopped, GeneratorError.
    """
    import numpy as np

    random = np.random.default_rng(sampling.seed)
    model.start(prompt)
    rule = constraint()
    left = max_tokens
    while left > 0:
        token = _draw(model.logits(), rule.allowed(left), random, sampling)
        if model.ends_text(token):
            return
        tokens = rule.accept(token)[:left]
        left -= len(tokens)
        yield from tokens
        if rule.is_finished:
            return
        model.read(tokens)


def _draw(logits: Any, allowed: Any, random: Any, sampling: Sampling) -> int:
    """Draw one of the best allowed tokens, in proportion to their probabilities at the temperature."""
    import numpy as np

    scores = logits[allowed]
    best = scores.max()
    if not np.isfinite(best):
        raise GeneratorError("the model computes numbers that are none: its file is damaged, download it again")
    near = np.flatnonzero(scores >= best - _NEGLIGIBLE * sampling.temperature)
    if len(near) > sampling.candidates:
        near = near[np.argpartition(scores[near], -sampling.candidates)[-sampling.candidates :]]
    weights = np.exp((scores[near].astype(np.float64) - best) / sampling.temperature)
    return int(allowed[near[random.choice(len(near), p=weights / weights.sum())]])
