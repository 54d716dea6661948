"""What a model may write next, by a grammar. Knows tokens and llguidance, no questions and no logits.

llguidance compiles a grammar to a mask over the vocabulary for every step. Its tokenizer takes seconds to build for
a large vocabulary, and a grammar over long passages tenths of a second: both are done in threads of their own.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from rag.draft import QUOTATION_MARKS
from rag.errors import GeneratorError
from rag.generators.llama_library import llama_library
from rag.generators.llama_model import LlamaModel
from rag.grammar import SLICES

if TYPE_CHECKING:
    import llguidance
    import numpy as np
    from numpy.typing import NDArray

    Tokens = NDArray[np.intp]
    Ranks = NDArray[np.int8]

LONGEST_STRETCH = 100
"""Tokens without a mark or bracket after which prose and quotations are ended where they may be: about 75 words."""
TOKENS_TO_END = 60
"""So near the limit, no new sentence is begun, and what is begun is ended."""

ENDS_TEXT, ENDS_SENTENCE, ENDS_STRETCH, ENDS_WORD = 4, 3, 2, 1
"""How near a token comes to the end of an answer: where it is time to end, the nearest are taken."""

_MARKS = [b"[", b"]", *(mark.encode() for pair in QUOTATION_MARKS for mark in pair)]

_T = TypeVar("_T")


class Constraint(Protocol):
    """What may be written next. Not thread-safe."""

    def allowed(self, tokens_left: int) -> Tokens:
        """Return the tokens that may come next, at least one, if no more than `tokens_left` may come."""
        ...

    def accept(self, token: int) -> list[int]:
        """Take an allowed token; return it and those that must follow it."""
        ...

    @property
    def is_finished(self) -> bool:
        """Say that nothing can follow."""
        ...


class AnyToken:
    """No constraint."""

    is_finished = False

    def __init__(self, vocabulary_size: int) -> None:
        import numpy as np

        self._all = np.arange(vocabulary_size)

    def allowed(self, tokens_left: int) -> Tokens:
        """Return the whole vocabulary."""
        return self._all

    def accept(self, token: int) -> list[int]:
        """Return the token alone."""
        return [token]


class GrammarConstraint:
    """What a grammar lets be written next."""

    def __init__(self, matcher: llguidance.LLMatcher, ranks: Ranks) -> None:
        """`ranks` says of every token how near it comes to the end, 0 to `ENDS_TEXT`."""
        from llguidance.numpy import allocate_token_bitmask

        self._matcher = matcher
        self._ranks = ranks
        self._mask = allocate_token_bitmask(1, len(ranks))
        self._stretch = 0

    def allowed(self, tokens_left: int) -> Tokens:
        """Return the tokens that the grammar takes; of these, where it is time to end, those that do.

        Raises: GeneratorError.
        """
        import numpy as np
        from llguidance.numpy import fill_next_token_bitmask

        fill_next_token_bitmask(self._matcher, self._mask)
        self._check()
        bits = np.unpackbits(self._mask.view(np.uint8)[0], count=len(self._ranks), bitorder="little")
        allowed = np.flatnonzero(bits)
        if not len(allowed):
            raise GeneratorError("the model has no token for what must come next: choose another model")
        if tokens_left > TOKENS_TO_END and self._stretch < LONGEST_STRETCH:
            return allowed
        ranks = self._ranks[allowed]
        nearest: Tokens = allowed[ranks == ranks.max()]
        return nearest

    def accept(self, token: int) -> list[int]:
        """Return the token and those that the grammar forces after it: they need no logits.

        Raises: GeneratorError.
        """
        self._matcher.consume_token(token)
        forced = [] if self._matcher.is_stopped() else self._matcher.compute_ff_tokens()
        self._matcher.consume_tokens(forced)
        self._check()
        tokens = [token, *forced]
        self._stretch = 0 if (self._ranks[tokens] >= ENDS_STRETCH).any() else self._stretch + len(tokens)
        return tokens

    @property
    def is_finished(self) -> bool:
        """Say that the grammar takes nothing more."""
        return self._matcher.is_stopped()

    def _check(self) -> None:
        if self._matcher.is_error():
            reason = self._matcher.get_error().splitlines()[0]
            raise GeneratorError(f"the answer's grammar cannot go on ({reason}): ask again, or with shorter documents")


class Constrainer:
    """Makes constraints for one model, from any thread."""

    def __init__(self, model: LlamaModel) -> None:
        """Begin to build the tokenizer; whoever asks for a constraint first waits for it."""
        self._built = beside(lambda: _Vocabulary(model))

    def wait(self) -> None:
        """Return when the model is no longer needed here."""
        self._built.exception()

    def constraint(self, grammar: str) -> GrammarConstraint:
        """Compile a grammar. Raises: GeneratorError."""
        import llguidance

        vocabulary = self._built.result()
        matcher = llguidance.LLMatcher(vocabulary.tokenizer, grammar, log_level=0, limits=_limits())
        constraint = GrammarConstraint(matcher, vocabulary.ranks)
        constraint._check()
        return constraint


class _Vocabulary:
    """A model's tokens as llguidance needs them."""

    def __init__(self, model: LlamaModel) -> None:
        import numpy as np

        every = range(model.vocabulary_size)
        spelled = [b"" if model.is_control(token) else model.bytes_of(token) for token in every]
        ends = [token for token in every if model.ends_text(token)]
        if not ends:
            raise GeneratorError("the model has no token that ends an answer: choose another model")
        self.ranks = np.array([_rank(text) for text in spelled], np.int8)
        self.ranks[ends] = ENDS_TEXT
        named = [text or b"\xff" + model.text_of(token).encode() for token, text in enumerate(spelled)]
        self.tokenizer = _tokenizer(model, named, ends)


def _tokenizer(model: LlamaModel, named: list[bytes], ends: list[int]) -> Any:
    """Return llguidance's tokenizer; in `named`, 0xFF begins the tokens that stand for no text.

    As `llguidance.llamacpp` does it, which calls functions that llama-cpp-python warns of.
    """
    import llguidance

    tokenize = ctypes.cast(llama_library().llama_cpp._lib.llama_tokenize, ctypes.c_void_p).value
    return llguidance.LLTokenizer.from_llamacpp(  # type: ignore[attr-defined]  # not in its stubs
        tokens=named, vocab_ptr=model.vocabulary, tokenize_fptr=tokenize, eos_token=ends, slices=list(SLICES)
    )


def beside(work: Callable[[], _T]) -> Future[_T]:
    """Do work in a thread of its own and return what will come of it.

    The thread is waited for when the program ends: llguidance must not be cut off within.
    """
    future: Future[_T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except (
            BaseException
        ) as error:  # a panic of llguidance is no Exception; raised again where the result is asked for
            future.set_exception(error)

    threading.Thread(target=run, name="grammar").start()
    return future


def _limits() -> llguidance.LLParserLimits:
    """Return limits that a grammar over twenty passages of 2,000 words stays within; the defaults stop it midway."""
    import llguidance

    return llguidance.LLParserLimits(
        initial_lexer_fuel=200_000_000,
        step_lexer_fuel=200_000_000,
        step_max_items=1_000_000,
        max_lexer_states=2_000_000,
        max_grammar_size=2_000_000,
        verbose_errors=False,
    )


def _rank(text: bytes) -> int:
    if b"." in text or b"?" in text:
        return ENDS_SENTENCE
    if any(mark in text for mark in _MARKS):
        return ENDS_STRETCH
    return ENDS_WORD if text.startswith(b" ") else 0
