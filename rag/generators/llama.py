"""The llama generator: a GGUF model in this process, through llama.cpp.

A question is written by a thread of its own while the reader takes the pieces at leisure. So the model is
never held by a reader who went away, closing ends even the reading of a long prompt within milliseconds,
and questions that come together wait for their turn.
"""

import codecs
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from rag.errors import ContextOverflow, GeneratorError, ModelError
from rag.generators.base import Written
from rag.generators.chat import Message, Render, TemplateError, pieces, plain_layout, template_layout
from rag.generators.constraint import AnyToken, Constrainer, Constraint, beside
from rag.generators.file_state import has_changed, state_of
from rag.generators.gguf_check import check_answers
from rag.generators.gguf_header import Header, read_header
from rag.generators.llama_model import LlamaModel, Stop, Stopped
from rag.generators.memory import check_memory
from rag.generators.relay import Put, relay
from rag.generators.sampling import sample
from rag.generators.trial import check_survives
from rag.generators.turns import Turns
from rag.grammar import MODEL_WRITES_FREELY, Mode, draft_grammar
from rag.manner import Strictness
from rag.prompt import NOTHING, messages
from rag.restate import MAX_TOKENS, restate_grammar, restate_messages
from rag.types import Given, Turn

_Grammar = Callable[[], str]
"""Written when it is needed, in the thread that compiles it."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A message to write."""

    conversation: Sequence[Message]
    grammar: _Grammar | None
    max_tokens: int
    is_aside: bool = False
    """The conversation is another one than that of the prompt before, which goes on afterwards."""


class LlamaGenerator:
    """Writes with a GGUF model in this process. Safe from any thread: one question at a time is written."""

    name: str
    remote = ""

    def __init__(
        self,
        path: Path,
        context: int = 4096,
        max_tokens: int = 512,
        threads: int | None = None,
        mode: Literal["auto", "strict", "grounded"] = "auto",
    ) -> None:
        """Check the model file and the memory it needs; the weights are loaded by `warm` or the first question.

        `context` is in tokens, prompt and answer together, and is cut to what the model was trained for;
        `max_tokens` is the longest answer; `threads` are the physical cores unless given. `mode` says how freely
        it writes (`rag.grammar.Mode`) where a question does not; "auto" lets a model of about 1 billion parameters or
        fewer only quote.

        Raises: ModelError, naming the file, what was found and the next step.
        """
        header, self._state = read_header(path), state_of(path)
        check_answers(path, header)
        self.name = header.name or path.stem
        self._path = path
        self._header = header
        self._context = _usable_context(header, context)
        self._max_tokens = max_tokens
        self._threads = threads
        self._mode = _mode_of(header) if mode == "auto" else Mode(mode)
        check_memory(path, header, self._context)
        self._model: LlamaModel | None = None
        self._constrainer: Constrainer | None = None
        self._turns = Turns()
        self._writing = Stop()
        self._closed = threading.Event()

    def warm(self) -> None:
        """Load the weights and read what every prompt begins with, unless that was done.

        Raises: ModelError, GeneratorError.
        """
        with self._turns.turn(counts=False):
            model, _ = self._loaded()
            if not model.has_read:
                self._begin(model, Stop())
                with suppress(Stopped):
                    model.start(self._prompt(model, self._messages("", NOTHING, ()), self._max_tokens))

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        """Yield what comes of the draft; while it waits, how many go first.

        Raises: GeneratorError (ModelError, ContextOverflow), with one clear line.
        """
        grammar = partial(draft_grammar, question, given, self._mode_for(given))
        yield from self.write(self._messages(question, given, history), grammar)

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        """Yield a follow-up as a question that stands alone; the last prompt need not be read again afterwards.

        Raises: as `draft`.
        """
        limit = min(MAX_TOKENS, self._max_tokens)
        grammar = partial(restate_grammar, question, history)
        yield from self._relayed(_Task(restate_messages(question, history), grammar, limit, is_aside=True))

    def write(self, conversation: Sequence[Message], grammar: _Grammar | None = None) -> Generator[Written, None, None]:
        """Yield the model's next message in a conversation, as `draft` does for its prompt.

        `grammar` returns what the message is held to, in llguidance's Lark; without it, anything may come.

        Raises: as `draft`.
        """
        yield from self._relayed(_Task(conversation, grammar, self._max_tokens))

    def close(self) -> None:
        """End what is being written and free the model. Later questions raise GeneratorError."""
        self._closed.set()
        self._writing.set()
        with self._turns.turn(counts=False):
            self._free()

    def _messages(self, question: str, given: Given, history: Sequence[Turn]) -> list[Message]:
        return messages(question, given, history, only_quotes=self._mode_for(given) is Mode.STRICT)

    def _mode_for(self, given: Given) -> Mode:
        wanted = given.manner.strictness
        return self._mode if wanted is Strictness.AUTO else Mode(wanted)

    def _relayed(self, task: "_Task") -> Generator[Written, None, None]:
        stop = Stop()

        def give_up() -> None:
            stop.set()
            self._turns.look_again()

        # No daemon: a process that ends waits for the token being computed, and frees the model after it.
        yield from relay(partial(self._write, task, stop), give_up, "llama generator", daemon=False)

    def _write(self, task: "_Task", stop: Stop, put: Put) -> None:
        """Write one message when its turn has come."""

        def tell(ahead: int) -> None:
            put(Written(ahead=ahead, loading=self._model is None))

        with self._turns.turn(lambda: bool(stop), tell) as came:
            if not came:
                return
            try:
                model, constrainer = self._loaded()
                put(Written())  # no longer loading
                self._begin(model, stop)
                with model.aside() if task.is_aside else nullcontext():
                    self._write_in_turn(task, model, constrainer, put)
            except Stopped:
                if self._closed.is_set():
                    raise self._closed_error() from None

    def _write_in_turn(self, task: "_Task", model: LlamaModel, constrainer: Constrainer, put: Put) -> None:
        prompt = self._prompt(model, task.conversation, task.max_tokens)
        constraint = beside(partial(_constraint, model, constrainer, task.grammar))
        try:
            characters = codecs.getincrementaldecoder("utf-8")("replace")
            for token in sample(model, prompt, task.max_tokens, constraint.result):
                if self._writing or self._closed.is_set() or not threading.main_thread().is_alive():
                    raise Stopped
                put(Written(characters.decode(model.bytes_of(token)), tokens=1))
        finally:
            constraint.exception()  # nothing of it may be at work when the model is closed

    def _begin(self, model: LlamaModel, stop: Stop) -> None:
        """Let `stop`, and closing, end what is done next."""
        self._writing = stop
        model.obey(stop)
        if self._closed.is_set():
            stop.set()

    def _loaded(self) -> tuple[LlamaModel, Constrainer]:
        if self._closed.is_set():
            raise self._closed_error()
        self._check_unchanged()
        if self._model is None or self._constrainer is None:
            check_survives(self._path, self._context, self._threads or 0)
            self._model = LlamaModel(self._path, self._context, self._threads)
            self._constrainer = Constrainer(self._model)
        return self._model, self._constrainer

    def _check_unchanged(self) -> None:
        """Refuse what was written over the file: llama.cpp reads it from where it lies, and would crash on it."""
        if not has_changed(self._path, self._state, is_open=self._model is not None):
            return
        self._free()
        raise ModelError(f"{self._path} has changed since it was opened: start Pincite again to use it as it is now")

    def _free(self) -> None:
        model, self._model = self._model, None
        if model and self._constrainer:
            self._constrainer.wait()
            model.close()

    def _prompt(self, model: LlamaModel, conversation: Sequence[Message], max_tokens: int) -> list[int]:
        try:
            prompt = model.tokens(pieces(conversation, _layout(self._header, model)))
        except TemplateError as error:
            raise ModelError(f"{self._path} cannot be asked ({error}): choose another model") from error
        room = max(self._context - max_tokens, 0)
        if len(prompt) > room:
            raise ContextOverflow(
                f"the question and its passages take {len(prompt):,} tokens, and {self.name} has room for {room:,} "
                f"(a context of {self._context:,} less {max_tokens:,} for the answer): "
                "ask with fewer passages or set a larger context"
            )
        return prompt

    def _closed_error(self) -> GeneratorError:
        return GeneratorError(f"{self.name} is closed: open it again")


def _constraint(model: LlamaModel, constrainer: Constrainer, grammar: _Grammar | None) -> Constraint:
    return constrainer.constraint(grammar()) if grammar else AnyToken(model.vocabulary_size)


def _mode_of(header: Header) -> Mode:
    return Mode.GROUNDED if header.parameters >= MODEL_WRITES_FREELY else Mode.STRICT


def _layout(header: Header, model: LlamaModel) -> Render:
    template = header.metadata.get("tokenizer.chat_template")
    return template_layout(template, *model.token_texts()) if isinstance(template, str) else plain_layout


def _usable_context(header: Header, context: int) -> int:
    trained = header.of_model("context_length")
    return min(context, trained) if isinstance(trained, int) and trained > 0 else context
