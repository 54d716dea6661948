"""One GGUF model in llama.cpp: text to tokens, tokens to logits. Knows no questions and chooses no token.

It uses llama-cpp-python's low-level functions: `llama_cpp.Llama` swaps `sys.stdout` for the null device while
it loads, whatever another thread prints meanwhile, and hides the reason when a model cannot be loaded.
"""

import ctypes
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.threads import physical_cores
from rag.errors import GeneratorError, ModelError
from rag.generators.chat import Piece
from rag.generators.llama_library import abort_check, forget_complaints, latest_complaint, llama_library
from rag.generators.memory import PREFILL_BATCH

_ABORTED = 2
"""What llama_decode returns when it was told to stop."""


class Stopped(Exception):
    """The person stopped the answer while llama.cpp was at work."""


class Stop:
    """A switch that any thread turns on and that C code reads without Python: a string, empty until then.

    See `abort_check` for why it is not a Python function.
    """

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)

    def set(self) -> None:
        """Turn it on, for good."""
        self._text[0] = b"\x01"

    def __bool__(self) -> bool:
        return self._text[0] != b"\x00"

    @property
    def address(self) -> int:
        """Where the string lies in memory."""
        return ctypes.addressof(self._text)


class LlamaModel:
    """A loaded model and its one context. Not thread-safe: two threads at once abort the process."""

    def __init__(self, path: Path, context: int, threads: int | None = None) -> None:
        """Load the model; `context` is in tokens, `threads` are the physical cores unless given.

        Raises: ModelError.
        """
        self._llama = llama_library()
        self._weights = self._load(path)
        self._context = self._new_context(path, context, threads or physical_cores())
        self._free = weakref.finalize(self, _free, self._llama, self._context, self._weights)
        self.vocabulary = self._llama.llama_model_get_vocab(self._weights)
        self.vocabulary_size = int(self._llama.llama_vocab_n_tokens(self.vocabulary))
        self._read: list[int] = []
        self._stop = Stop()

    def close(self) -> None:
        """Free the memory, as happens anyway when the last reference goes; nothing may be called afterwards."""
        self._free()

    def tokens(self, pieces: Sequence[Piece]) -> list[int]:
        """Return the tokens of a prompt. Control tokens come from the template's pieces alone."""
        tokens = [token for piece in pieces for token in self._tokenize(piece)]
        beginning = self._llama.llama_vocab_bos(self.vocabulary)
        if self._llama.llama_vocab_get_add_bos(self.vocabulary) and tokens[:1] != [beginning]:
            return [beginning, *tokens]
        return tokens

    def bytes_of(self, token: int) -> bytes:
        """Return what a token spells, b"" for a control token. A character may span several tokens."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = self._llama.llama_token_to_piece(self.vocabulary, token, buffer, size, 0, False)
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def is_control(self, token: int) -> bool:
        """Say whether a token stands for no text: a control token, or one that was added as "<…>"."""
        attributes = self._llama.llama_vocab_get_attr(self.vocabulary, token)
        if attributes & self._llama.LLAMA_TOKEN_ATTR_USER_DEFINED:
            text = self.text_of(token)
            return text.startswith("<") and text.endswith(">")
        return bool(attributes & self._llama.LLAMA_TOKEN_ATTR_CONTROL)

    def ends_text(self, token: int) -> bool:
        """Say whether a token ends the answer."""
        return bool(self._llama.llama_vocab_is_eog(self.vocabulary, token))

    def token_texts(self) -> tuple[str, str]:
        """Return the texts of the tokens that begin and end a sequence, "" where there is none."""
        ends = (self._llama.llama_vocab_bos(self.vocabulary), self._llama.llama_vocab_eos(self.vocabulary))
        return self.text_of(ends[0]), self.text_of(ends[1])

    @property
    def has_read(self) -> bool:
        """Say whether anything was read that a next prompt may begin with."""
        return bool(self._read)

    def obey(self, stop: Stop) -> None:
        """From now on end any work with `Stopped` as soon as `stop` is on."""
        self._stop = stop
        self._llama.llama_set_abort_callback(self._context, abort_check(), stop.address)

    def start(self, prompt: Sequence[int]) -> None:
        """Read `prompt` (not empty) in place of all that was read before; what both begin with is kept.

        Raises: Stopped, GeneratorError.
        """
        kept = min(_common_start(self._read, prompt), len(prompt) - 1)
        memory = self._llama.llama_get_memory(self._context)
        if not self._llama.llama_memory_seq_rm(memory, 0, kept, -1):  # recurrent models cannot go back
            self._llama.llama_memory_clear(memory, True)
            kept = 0
        del self._read[kept:]
        self.read(prompt[kept:])

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let something else be read meanwhile; what was read before need not be read again.

        Where the memory to keep it is lacking, it has to be.
        """
        read, state = list(self._read), self._state()
        try:
            yield
        finally:
            self._llama.llama_memory_clear(self._llama.llama_get_memory(self._context), True)
            restored = state and self._llama.llama_state_seq_set_data(self._context, state, len(state), 0)
            self._read = read if restored else []

    def read(self, tokens: Sequence[int]) -> None:
        """Read further tokens; `logits` are then those after the last.

        Raises: Stopped, GeneratorError.
        """
        for first in range(0, len(tokens), PREFILL_BATCH):
            self._read_batch(tokens[first : first + PREFILL_BATCH])

    def logits(self) -> Any:
        """Return the logits of the next token, float32 `(vocabulary_size,)`, valid until the next read.

        Raises: ModelError, where the model has none, as one that only embeds.
        """
        import numpy as np

        pointer = self._llama.llama_get_logits_ith(self._context, -1)
        if not pointer:
            raise ModelError("the model writes no text (is it one for embeddings?): choose a chat model")
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary_size,))

    def _load(self, path: Path) -> Any:
        forget_complaints()
        weights = self._llama.llama_model_load_from_file(str(path).encode(), self._llama.llama_model_default_params())
        if not weights:
            reason = latest_complaint()
            raise ModelError(f"{path} cannot be loaded ({reason}): choose another model or update llama-cpp-python")
        return weights

    def _new_context(self, path: Path, context: int, threads: int) -> Any:
        parameters = self._llama.llama_context_default_params()
        parameters.n_ctx = context
        parameters.n_batch = parameters.n_ubatch = PREFILL_BATCH
        parameters.flash_attn_type = self._llama.LLAMA_FLASH_ATTN_TYPE_DISABLED  # decodes faster: bench/LOG.md
        parameters.n_threads = parameters.n_threads_batch = threads
        forget_complaints()
        created = self._llama.llama_init_from_model(self._weights, parameters)
        if not created:
            self._llama.llama_model_free(self._weights)
            reason = latest_complaint()
            raise ModelError(f"{path} cannot have a context of {context:,} tokens ({reason}): set a smaller context")
        return created

    def _tokenize(self, piece: Piece) -> list[int]:
        text = piece.text.encode("utf-8", "replace")
        room = len(text) + 8  # a token is a byte at least, but for a leading space and a beginning that some add
        buffer = (self._llama.llama_token * room)()
        count = self._llama.llama_tokenize(self.vocabulary, text, len(text), buffer, room, False, piece.from_template)
        if count < 0:
            raise GeneratorError(f"the model's tokenizer does not take the text ({-count} tokens): ask differently")
        return list(buffer[:count])

    def text_of(self, token: int) -> str:
        """Return what a token is called in the vocabulary, "" for none."""
        if token < 0:
            return ""
        return str(self._llama.llama_vocab_get_text(self.vocabulary, token).decode("utf-8", "replace"))

    def _state(self) -> Any:
        """Return a copy of what the model keeps of what it has read; None where nothing is, or memory is short."""
        size = self._llama.llama_state_seq_get_size(self._context, 0) if self._read else 0
        try:
            state = (ctypes.c_uint8 * size)()
        except MemoryError:
            return None
        return state if size and self._llama.llama_state_seq_get_data(self._context, state, size, 0) else None

    def _read_batch(self, tokens: Sequence[int]) -> None:
        buffer = (self._llama.llama_token * len(tokens))(*tokens)
        code = self._llama.llama_decode(self._context, self._llama.llama_batch_get_one(buffer, len(tokens)))
        if code == 0:
            self._read.extend(tokens)
            return
        if code == _ABORTED and self._stop:
            raise Stopped
        raise GeneratorError(f"llama.cpp cannot go on (llama_decode returned {code}; {latest_complaint()}): ask again")


def _free(llama: Any, context: Any, weights: Any) -> None:
    llama.llama_free(context)
    llama.llama_model_free(weights)


def _common_start(left: Sequence[int], right: Sequence[int]) -> int:
    for position, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return position
    return min(len(left), len(right))
