"""Files that are no model or a damaged one, too little memory, and llama.cpp's own crashes: one clear line each."""

import os
import random
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fakes import WordEmbedder, text_of
from given_passages import given_passages
from test_llama import ROOT, SEED, written

from index.library import Library
from rag import answer
from rag.draft import ABSTENTION, OPENINGS
from rag.errors import ContextOverflow, GeneratorError, ModelError
from rag.generators.available import group_available
from rag.generators.gguf_header import read_header
from rag.generators.llama import LlamaGenerator
from rag.generators.random_gguf import byte_vocabulary, write_random_gguf
from rag.generators.trial import check_survives
from rag.types import State

QUESTION = "What did Asif say?"
SEED_QUESTION = "What did Asif say about refugees?"
ASIF = given_passages("Asif urged Kabul to take refugees back.")
ABSURD = 2**62
MUTATIONS = 48


def line_of(path: Path) -> str:
    """The one line that a model file is refused with, when it is opened or when it is first asked."""
    with pytest.raises(GeneratorError) as refused:
        asked(path)
    [line] = str(refused.value).splitlines()
    return line


def asked(path: Path) -> str:
    generator = LlamaGenerator(path, max_tokens=60, threads=1)
    try:
        return text_of(generator.draft(QUESTION, ASIF, ()))
    finally:
        generator.close()


# Damaged headers


def header(tensors: int, keys: int, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, keys) + rest


def text(value: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(value) if length is None else length) + value


STRINGS = struct.pack("<II", 9, 8)
"""The kind of a value that is an array of texts."""
ABSURD_HEADERS = {
    "tensors": (header(ABSURD, 0), "a tensor|twice|more than"),
    "keys": (header(0, ABSURD), "twice|more than"),
    "a long key": (header(0, 1, text(b"", ABSURD)), "a text of 4,611,686,018,427,387,904 bytes"),
    "a key of a megabyte": (header(0, 1, text(b"", 2**20)), "a text of 1,048,576 bytes"),
    "a long text": (header(0, 1, text(b"a") + struct.pack("<IQ", 8, 2**25)), "a text of 33,554,432 bytes"),
    "a long list": (header(0, 1, text(b"a") + STRINGS + struct.pack("<Q", 2**25)), "a list of 33,554,432 texts"),
    "many numbers": (header(0, 1, text(b"a") + struct.pack("<IIQ", 9, 10, ABSURD)), "more than"),
    "many dimensions": (header(1, 0, text(b"a") + struct.pack("<I", 2**31)), "a tensor of 2,147,483,648 dimensions"),
}


@pytest.mark.parametrize("kind", ABSURD_HEADERS)
def test_absurd_counts_are_refused_at_once_although_a_large_file_lies_behind_them(kind: str, tmp_path: Path) -> None:
    content, reason = ABSURD_HEADERS[kind]
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    os.truncate(path, 2**32)
    started = time.perf_counter()

    with pytest.raises(ModelError, match=f"is cut short or damaged .*({reason}).*: download it again"):
        read_header(path)
    assert time.perf_counter() - started < 2


def test_a_tensor_that_would_lie_behind_the_end_of_the_file_is_told(tmp_path: Path, tiny_gguf: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(with_offset_of(tiny_gguf, "output.weight", 2**40))

    assert "is cut short: " in line_of(path)
    assert " of at least 1,099," in line_of(path)


def with_offset_of(model: Path, tensor: str, offset: int) -> bytes:
    content = model.read_bytes()
    name = text(tensor.encode())
    [place] = [at for at in range(len(content)) if content.startswith(name, at)]
    dimensions = struct.unpack_from("<I", content, place + len(name))[0]
    at = place + len(name) + 4 + 8 * dimensions + 4
    return content[:at] + struct.pack("<Q", offset) + content[at + 8 :]


def test_damage_anywhere_in_the_header_never_ends_the_process(tmp_path: Path) -> None:
    """Byte by byte and number by number, in one process that has to live: llama.cpp's asserts end the trial's."""
    whole = write_random_gguf(tmp_path / "whole.gguf")
    program = (
        "import sys; from pathlib import Path; from test_mishaps import open_each\n"
        "open_each(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", program, whole, tmp_path / "damaged.gguf"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == MUTATIONS
    assert sum(line.startswith("refused: ") for line in lines) > MUTATIONS / 3
    assert sum(line.startswith("wrote ") for line in lines) > 3


def open_each(whole: Path, damaged: Path) -> None:
    """Open, and ask if possible, a model with its header damaged in every way; print what came of it."""
    content = whole.read_bytes()
    end = content.index(b"output.weight")
    for number in range(MUTATIONS):
        damaged.write_bytes(with_damage(content, end, random.Random(number)))
        try:
            generator = LlamaGenerator(damaged, context=256, max_tokens=2, threads=1)
            print("wrote", len(written(generator)))
            generator.close()
        except ModelError as error:
            print("refused:", *str(error).splitlines())


def with_damage(content: bytes, end: int, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 3])):
        place = chance.randrange(4, end)
        noise = chance.choice(
            [chance.randbytes(1), chance.randbytes(4), bytes(8), b"\xff" * 4, b"\xff" * 8, struct.pack("<Q", 2**31)]
        )
        changed[place : place + len(noise)] = noise
    return bytes(changed)


# Files that hold no chat model


def add_kind(kind: str) -> Callable[[Any], None]:
    return lambda writer: writer.add_type(kind)


NO_CHAT_MODEL: dict[str, tuple[str, Callable[[Any], None], str]] = {
    "embedder": ("bert", lambda writer: writer.add_causal_attention(False), "does not write text (a model of the"),
    "embedder that does not say so": ("nomic-bert", lambda writer: None, "does not write text"),
    "projector": ("clip", lambda writer: None, "is the part of a model that sees or hears, not a language model"),
    "adapter": ("qwen2", add_kind("adapter"), "is an adapter, which needs the model that it was made for"),
    "calibration": ("qwen2", add_kind("imatrix"), "is a measurement made for quantising a model"),
    "second part of three": (
        "qwen2",
        lambda writer: (writer.add_uint16("split.no", 1), writer.add_uint16("split.count", 3))[0],
        "is one of 3 parts of a model: join them with llama-gguf-split --merge",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_CHAT_MODEL)
def test_a_file_that_holds_no_chat_model_is_told_by_its_header(kind: str, tmp_path: Path) -> None:
    import gguf

    family, add, reason = NO_CHAT_MODEL[kind]
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", family)
    add(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()

    assert f"model.gguf {reason}" in line_of(tmp_path / "model.gguf")


# What llama.cpp dies of


def twice_the_same_token(path: Path) -> Path:
    vocabulary = byte_vocabulary()
    tokens = (*vocabulary.tokens[:9], vocabulary.tokens[8], *vocabulary.tokens[10:])
    return write_random_gguf(path, type(vocabulary)(tokens, vocabulary.merges))


DEADLY: dict[str, Callable[[Path], Path]] = {
    "a token twice": twice_the_same_token,
    "experts that are missing": lambda path: write_random_gguf(path, architecture="llada-moe"),
    "an operation that fails while it decodes": lambda path: write_random_gguf(path, architecture="paddleocr"),
}


@pytest.mark.parametrize("model", DEADLY.values(), ids=DEADLY)
def test_a_model_that_makes_llama_cpp_abort_ends_its_trial_and_not_this_process(
    model: Callable[[Path], Path], tmp_path: Path
) -> None:
    line = line_of(model(tmp_path / "model.gguf"))

    assert "model.gguf crashes llama.cpp (SIGABRT at (" in line
    assert line.endswith("): download it again or choose another model")


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("SIGKILL", "was ended by the system while it loaded, as it is where memory runs out .SIGKILL.: close other"),
        ("SIGSEGV", r"crashes llama.cpp \(SIGSEGV\): download it again or choose another model"),
        ("SIGILL", r"needs an instruction that this processor lacks \(SIGILL\): run pincite doctor"),
        ("SIGTERM", r"was not tried to its end \(SIGTERM\): ask again"),
    ],
)
def test_what_ends_a_trial_is_told(by: str, reason: str, tiny_gguf: Path) -> None:
    dies = [sys.executable, "-c", f"import os, signal; os.kill(os.getpid(), signal.{by})"]

    with pytest.raises(ModelError, match=f"tiny.gguf {reason}"):
        check_survives(tiny_gguf, 64, 1, command=dies)


def test_a_model_is_tried_once_until_its_file_or_its_context_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = write_random_gguf(tmp_path / "model.gguf")
    passes = [sys.executable, "-c", f"open({str(tmp_path / 'tried')!r}, 'a').write('x')"]

    def trials() -> int:
        return len((tmp_path / "tried").read_text())

    for context, expected in ((64, 1), (64, 1), (128, 2), (64, 2)):
        check_survives(path, context, 1, command=passes)
        assert trials() == expected
    write_random_gguf(path, seed=1)
    check_survives(path, 64, 1, command=passes)
    assert trials() == 3


def test_a_trial_that_cannot_be_noted_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    generator = LlamaGenerator(write_random_gguf(tmp_path / "model.gguf"), max_tokens=3, threads=1)

    assert written(generator)
    generator.close()


# Damaged weights


def with_weights(model: Path, path: Path, values: float) -> Path:
    from gguf import GGUFReader

    path.write_bytes(model.read_bytes())
    reader = GGUFReader(path, "r+")
    next(tensor for tensor in reader.tensors if tensor.name == "blk.1.ffn_up.weight").data[:] = values
    return path


def test_weights_that_are_no_numbers_are_told(tmp_path: Path, tiny_gguf: Path) -> None:
    path = with_weights(tiny_gguf, tmp_path / "model.gguf", float("nan"))

    assert line_of(path) == "the model computes numbers that are none: its file is damaged, download it again"


@pytest.mark.parametrize("seed", range(3))
def test_weights_of_noise_write_what_the_grammar_lets_them_or_are_told(
    seed: int, tmp_path: Path, tiny_gguf: Path
) -> None:
    content = tiny_gguf.read_bytes()
    path = tmp_path / "model.gguf"
    path.write_bytes(content[: len(content) // 2] + random.Random(seed).randbytes(len(content) - len(content) // 2))

    try:
        outcome = asked(path)
    except GeneratorError as error:
        outcome = str(error)

    assert outcome.endswith("download it again") or outcome.startswith((*OPENINGS, "“", ABSTENTION)), outcome


# Files that change while they are open


def test_a_model_that_is_deleted_or_replaced_while_it_is_loaded_goes_on(tmp_path: Path, tiny_gguf: Path) -> None:
    path, other = tmp_path / "model.gguf", tmp_path / "other.gguf"
    path.write_bytes(tiny_gguf.read_bytes())
    generator = LlamaGenerator(path, max_tokens=8, threads=1)
    before = written(generator)

    write_random_gguf(other, seed=9).replace(path)
    assert written(generator) == before
    path.unlink()
    assert written(generator) == before
    generator.close()


def test_a_model_that_is_written_over_while_it_is_loaded_is_let_go(tmp_path: Path, tiny_gguf: Path) -> None:
    """Cut short under the map, its pages would end the process (SIGBUS)."""
    path = tmp_path / "model.gguf"
    path.write_bytes(tiny_gguf.read_bytes())
    generator = LlamaGenerator(path, max_tokens=8, threads=1)
    written(generator)
    path.write_bytes(b"GGUF")

    for _ in range(2):
        with pytest.raises(ModelError, match=r"model.gguf has changed since it was opened: start Pincite again"):
            written(generator)
    generator.close()


def test_a_model_that_changes_between_opening_and_loading_is_refused(tmp_path: Path) -> None:
    path = write_random_gguf(tmp_path / "model.gguf")
    generator = LlamaGenerator(path, max_tokens=8, threads=1)
    write_random_gguf(tmp_path / "other.gguf", seed=9).replace(path)

    with pytest.raises(ModelError, match="has changed since it was opened"):
        generator.warm()
    path.unlink()
    with pytest.raises(ModelError, match="has changed since it was opened"):
        written(generator)
    generator.close()


# Too little memory


@pytest.mark.parametrize("limit", ["AS", "DATA"])
def test_a_limit_of_the_process_is_told_before_memory_runs_out(limit: str, tmp_path: Path) -> None:
    path = write_random_gguf(tmp_path / "model.gguf", context=2**18)
    program = (
        "import resource, sys; from pathlib import Path; from rag.generators.llama import LlamaGenerator\n"
        "from rag.errors import ModelError\n"
        f"resource.setrlimit(resource.RLIMIT_{limit}, (2**30, 2**30))\n"
        "for context in (2**18, 512):\n"
        "    try: generator = LlamaGenerator(Path(sys.argv[1]), context, max_tokens=8, threads=1)\n"
        "    except ModelError as error: print(error); continue\n"
        "    print(any(written.text for written in generator.write([{'role': 'user', 'content': 'Hi'}])))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    refused, answered = done.stdout.splitlines()
    assert "model.gguf needs about 1.1 GiB of memory (model 0.0 GiB, context of 262,144 tokens 0.1 GiB)" in refused
    assert refused.endswith("are available: close other programs, set a smaller context or choose a smaller model")
    assert answered == "True"


def test_the_tightest_of_the_groups_around_a_process_counts(tmp_path: Path) -> None:
    """As the system mounts them: version 2, and version 1 with a tree of its own for memory."""
    membership = tmp_path / "cgroup"
    membership.write_text("12:cpu,memory:/user/one\n3:cpu:/user\n0::/system.slice/pincite.service\n")
    for path, files in {
        "": {},
        "system.slice": {"memory.max": "900\n", "memory.current": "600\n", "memory.stat": "anon 500\nfile 100\n"},
        "system.slice/pincite.service": {"memory.max": "max\n", "memory.current": "1\n", "memory.stat": "file 0\n"},
        "memory/user": {
            "memory.limit_in_bytes": "700\n",
            "memory.usage_in_bytes": "300\n",
            "memory.stat": "cache 50\n",
        },
    }.items():
        (tmp_path / path).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (tmp_path / path / name).write_text(content)

    assert sorted(left for left in group_available(membership, tmp_path) if left is not None) == [400, 450]


def test_where_there_are_no_groups_nothing_is_said(tmp_path: Path) -> None:
    assert list(group_available(tmp_path / "none", tmp_path)) == []


# Too long for the model's context


def test_an_answer_that_does_not_fit_is_written_from_less_and_told_where_even_that_does_not_fit(
    tmp_path: Path, tiny_gguf: Path
) -> None:
    """The instructions alone take 700 tokens of this model's; two sentences fit beside them, and five do not."""
    reading = {}
    with Library(tmp_path, WordEmbedder, WordEmbedder.name) as library:
        library.add([SEED])
        for context in (1000, 800, 300):
            generator = LlamaGenerator(tiny_gguf, context, max_tokens=60, threads=1)
            asked = partial(answer, SEED_QUESTION, library=library, generator=generator, evidence_tokens=120)
            if context == 300:
                with pytest.raises(
                    ContextOverflow, match=r"has room for 240 .a context of 300 less 60.*: ask with fewer"
                ):
                    asked()
            else:
                reading[context] = asked()
            generator.close()

    assert [sum(len(place.sentences) for place in reply.read) for reply in reading.values()] == [5, 2]
    assert [reply.left_out for reply in reading.values()] == [1, 4]
    assert [reply.state for reply in reading.values()] == [State.DONE] * 2
