"""What constrained decoding costs: `python -m bench.decoding`. Our loop and llama-cpp-python in turn, on one model.

The model has the shape of Qwen2.5-0.5B, its 151,936 tokens and random weights in Q8_0. It is made in `--folder` the
first time (some minutes: the vocabulary is trained on the texts that Python's packages bring) and kept there. Speed
does not depend on what the weights say; so that answers are long enough to measure, none may abstain or end early.
"""

import argparse
import json
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from bench.plot import add_plot_option, write_bars
from bench.report import machine, print_table
from index.split import split_sentences
from index.types import DocumentInfo, Kind, Passage, Span
from rag.draft import QUOTATION_MARKS
from rag.generators.chat import pieces, template_layout
from rag.generators.constraint import AnyToken, Constrainer, GrammarConstraint
from rag.generators.llama_model import LlamaModel
from rag.generators.random_gguf import CHATML, CONTROL_TOKENS, QWEN_HALF_BILLION, Vocabulary, write_random_gguf
from rag.generators.sampling import Sampling, sample
from rag.grammar import Mode, draft_grammar
from rag.prompt import messages
from rag.types import Given, GivenPassage, GivenSentence, Turn

TOKENS = 151_936
TEXT_BYTES = 40 << 20
CONTEXT = 4096
TEMPERATURE = 0.2
NEW_PASSAGES = (0, 1, 2)
"""Passages that a second question brings to the five of the first."""
QUESTIONS = ("What did Asif say about refugees?", "And what did he say about terrorism?")


def make_model(folder: Path) -> Path:
    """Return the model's path; it is made unless it is there."""
    path = folder / "qwen2-half-billion-random-q8.gguf"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        write_random_gguf(unfinished, train_vocabulary(), shape=QWEN_HALF_BILLION, weights="Q8_0", context=32_768)
        unfinished.rename(path)
    return path


def train_vocabulary() -> Vocabulary:
    """Return a byte-level BPE vocabulary of the size of Qwen2.5's, filled up with tokens that never occur."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=TOKENS,
        special_tokens=list(CONTROL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        max_token_length=24,
    )
    tokenizer.train_from_iterator(texts_at_hand(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    tokens += [f"[UNUSED{number}]" for number in range(TOKENS - len(tokens))]
    return Vocabulary(tuple(tokens), tuple((left, right) for left, right in model["merges"]))


def texts_at_hand() -> Iterator[str]:
    """Yield the seed article and the sources of Python and its packages, up to `TEXT_BYTES`."""
    folders = [Path("seeds"), Path(sysconfig.get_paths()["stdlib"]), Path(sysconfig.get_paths()["purelib"])]
    left = TEXT_BYTES
    for path in (path for folder in folders for path in sorted(folder.rglob("*.[pt][yx]*"))):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        left -= len(text)
        if left < 0:
            return
        yield text


def given_of(paragraphs: list[str]) -> Given:
    """Return paragraphs as passages of one document."""
    return Given(tuple(_given(number, text) for number, text in enumerate(paragraphs, 1)), QUOTATION_MARKS[4])


def _given(number: int, text: str) -> GivenPassage:
    document = DocumentInfo(1, "Seed", "seed.txt", "text", len(text), 1, "2026-01-01T00:00:00Z")
    spans = tuple(split_sentences(text, Span(0, len(text))))
    passage = Passage(number, document, number, Kind.PARAGRAPH, 0, len(text), text, (), spans)
    return GivenPassage(
        number, passage, tuple(GivenSentence(place, span, span.of(text), 0.5) for place, span in enumerate(spans, 1))
    )


def paragraphs(count: int, words: int) -> list[str]:
    """Return `count` paragraphs of about `words` words, from the seed article."""
    seed = next(Path("seeds").glob("*.txt")).read_text(encoding="utf-8").split()
    return [" ".join((seed[number * 37 :] + seed * (words // len(seed) + 1))[:words]) for number in range(count)]


class Timed:
    """A constraint that notes how long each mask took, in seconds, and ends only where it must."""

    def __init__(self, constraint: GrammarConstraint, masks: list[float], ends: list[int]) -> None:
        self._constraint = constraint
        self._masks = masks
        self._ends = ends

    @property
    def is_finished(self) -> bool:
        return self._constraint.is_finished

    def allowed(self, tokens_left: int) -> Any:
        started = time.perf_counter()
        allowed = self._constraint.allowed(CONTEXT)
        self._masks.append(time.perf_counter() - started)
        going_on = allowed[(allowed != self._ends[0]) & (allowed != self._ends[-1])]
        return going_on if len(going_on) else allowed

    def accept(self, token: int) -> list[int]:
        return self._constraint.accept(token)


@dataclass(frozen=True)
class Run:
    """Seconds from the call to the first token, and from there to the last; how many tokens came after the first."""

    first: float
    rest: float
    tokens: int


def timed(tokens: Iterator[Any]) -> Run:
    """Take all tokens of a run."""
    started = time.perf_counter()
    next(tokens)
    first = time.perf_counter()
    count = sum(1 for _ in tokens)
    return Run(first - started, time.perf_counter() - first, count)


def prompt_of(model: LlamaModel, question: str, given: Given, history: tuple[Turn, ...] = ()) -> list[int]:
    """Return the tokens of a question's prompt."""
    return model.tokens(pieces(messages(question, given, history), template_layout(CHATML, *model.token_texts())))


def peer_of(path: Path, threads: int) -> Any:
    """Return llama-cpp-python's own model object."""
    import llama_cpp

    return llama_cpp.Llama(
        str(path), n_ctx=CONTEXT, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False
    )


def plain(peer: Any, prompt: list[int], tokens: int) -> Iterator[int]:
    """Yield tokens of llama-cpp-python without any constraint, with the same settings for the draw."""
    return islice(peer.generate(prompt, temp=TEMPERATURE, top_k=40, top_p=1.0, min_p=0.0, repeat_penalty=1.0), tokens)


def timed_constraint(constrainer: Constrainer, grammar: str, masks: list[float], ends: list[int]) -> "Timed":
    """Return the grammar's constraint, with the seconds of each mask noted in `masks`."""
    return Timed(constrainer.constraint(grammar), masks, ends)


def measure(model: LlamaModel, peer: Any, constrainer: Constrainer, tokens: int, rounds: int) -> dict[str, float]:
    """Print decode speed of both, in turn, and what masks take; return the speeds, in tokens a second."""
    given = given_of(paragraphs(5, 100))
    prompt = prompt_of(model, QUESTIONS[0], given)
    print(f"prompt of {len(prompt):,} tokens, answers of up to {tokens}, {rounds} rounds in turn")
    ends = [token for token in range(model.vocabulary_size) if model.ends_text(token)]
    runs: dict[str, list[Run]] = {
        "llama-cpp-python, unconstrained": [],
        "our loop, unconstrained": [],
        "strict": [],
        "grounded": [],
    }
    masks: dict[str, list[float]] = {"strict": [], "grounded": []}
    for number in range(rounds):
        runs["llama-cpp-python, unconstrained"].append(timed(plain(peer, prompt, tokens)))
        free = sample(
            model, prompt, tokens, partial(AnyToken, model.vocabulary_size), Sampling(TEMPERATURE, seed=number)
        )
        runs["our loop, unconstrained"].append(timed(free))
        for mode in Mode:
            grammar = draft_grammar(QUESTIONS[0], given, mode).replace("start: ABSTENTION | ", "start: ")
            make = partial(timed_constraint, constrainer, grammar, masks[mode], ends)
            runs[mode].append(timed(sample(model, prompt, tokens, make, Sampling(TEMPERATURE, seed=number))))
    base = per_token(runs["llama-cpp-python, unconstrained"])
    rows = [
        [
            name,
            f"{1 / per_token(own):.1f}",
            f"{100 * (per_token(own) / base - 1):+.1f} %",
            str(sum(r.tokens for r in own)),
        ]
        for name, own in runs.items()
    ]
    print_table(["decode", "tokens/s", "time a token", "tokens"], rows)
    print_table(
        ["mask", "median ms", "p95 ms", "max ms", "mean ms"], [[mode, *figures(own)] for mode, own in masks.items()]
    )
    return {name: 1 / per_token(own) for name, own in runs.items()}


def per_token(runs: list[Run]) -> float:
    """Return the median of the runs' seconds a token."""
    return median(run.rest / run.tokens for run in runs)


def figures(seconds: list[float]) -> list[str]:
    """Return median, 95th percentile, maximum and mean, in milliseconds."""
    values = [median(seconds), quantiles(seconds, n=20)[-1], max(seconds), mean(seconds)]
    return [f"{1000 * value:.2f}" for value in values]


def measure_setup(constrainer: Constrainer) -> None:
    """Print how long a grammar takes to write and compile."""
    rows = []
    for count, words in ((5, 100), (5, 200), (20, 200), (20, 2_000)):
        given = given_of(paragraphs(count, words))
        for mode in Mode:
            started = time.perf_counter()
            grammar = draft_grammar(QUESTIONS[0], given, mode)
            written = time.perf_counter()
            constrainer.constraint(grammar).allowed(500)
            done = time.perf_counter()
            rows.append([f"{count} × {words} words, {mode}", f"{written - started:.2f}", f"{done - written:.2f}"])
    print_table(["grammar", "written s", "compiled, first mask s"], rows)


def measure_conversation(model: LlamaModel, peer: Any, constrainer: Constrainer, rounds: int) -> None:
    """Print the time to the first token of a second question against the first, with new passages after the old."""
    told = (Turn("user", QUESTIONS[0]), Turn("assistant", "He asked for the return of refugees [1.1]."))
    rows = []
    for new in NEW_PASSAGES:
        first, second, plain_first = [], [], []
        for _ in range(rounds):
            model.start([0])
            first.append(first_token(model, constrainer, QUESTIONS[0], given_of(paragraphs(5, 100)), ()))
            second.append(first_token(model, constrainer, QUESTIONS[1], given_of(paragraphs(5 + new, 100)), told))
            peer.reset()
            prompt = prompt_of(model, QUESTIONS[0], given_of(paragraphs(5, 100)))
            plain_first.append(timed(plain(peer, prompt, 2)).first)
        seconds = [median(own) for own in (first, second, plain_first)]
        rows.append([str(new), *(f"{own:.2f}" for own in seconds), f"{seconds[1] / seconds[0]:.2f}"])
    print_table(["new passages", "first question s", "second s", "llama-cpp-python, first s", "second / first"], rows)


def first_token(
    model: LlamaModel, constrainer: Constrainer, question: str, given: Given, history: tuple[Turn, ...]
) -> float:
    """Return the seconds from a question to the first token of its answer, grammar and prompt included."""
    started = time.perf_counter()
    grammar = draft_grammar(question, given, Mode.GROUNDED)
    next(sample(model, prompt_of(model, question, given, history), 5, partial(constrainer.constraint, grammar)))
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "pincite-bench")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    add_plot_option(parser, "tokens a second as bars")
    arguments = parser.parse_args()
    path = make_model(arguments.folder)
    print(machine())
    model, peer = LlamaModel(path, CONTEXT, arguments.threads), peer_of(path, arguments.threads)
    started = time.perf_counter()
    constrainer = Constrainer(model)
    constrainer.wait()
    print(f"tokenizer for {model.vocabulary_size:,} tokens: {time.perf_counter() - started:.1f} s, once a model")
    measure_setup(constrainer)
    speeds = measure(model, peer, constrainer, arguments.tokens, arguments.rounds)
    if arguments.plot:
        write_bars(arguments.plot, "Decoding", "tokens a second", speeds)
    measure_conversation(model, peer, constrainer, arguments.rounds)


if __name__ == "__main__":
    main()
