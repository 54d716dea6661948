"""Fixtures that several test modules share: a tiny model, made here, a server that serves it, and one of Milvus."""

import gc
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from waiting import until

from rag.generators.random_gguf import CONTROL_TOKENS, Vocabulary, write_random_gguf

SEED = Path(__file__).parents[1] / "seeds" / "000_15bae5066eb9f954.txt"


@pytest.fixture(scope="session", autouse=True)
def _cache_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What Pincite keeps in the user's cache, such as which models it has tried, stays out of the person's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """A shell starts what runs in its background deaf to Ctrl-C, and so would be every process that a test starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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


@pytest.fixture(scope="session")
def llama_server(tiny_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of llama-cpp-python's own server with the tiny model, on a port that the system chooses."""
    log = tmp_path_factory.mktemp("server") / "log"
    options = {
        "model": tiny_gguf, "model_alias": "Tiny Random", "host": "127.0.0.1", "port": 0, "n_ctx": 4096, "n_threads": 1,
        "n_threads_batch": 1, "interrupt_requests": "false", "verbose": "false",
    }  # fmt: skip
    command = [sys.executable, "-m", "llama_cpp.server", *(f"--{name}={value}" for name, value in options.items())]
    with log.open("w") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        yield _address(server, log)
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Milvus server: one process that holds all parts of a cluster, on ports that are free."""
    from milvus import MilvusServer

    folder = tmp_path_factory.mktemp("milvus")
    clients, peers = (f"http://127.0.0.1:{port}" for port in _free_ports(2))
    etcd = {
        "listen-client-urls": clients, "advertise-client-urls": clients, "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers, "initial-cluster": f"default={peers}",
    }  # fmt: skip
    (folder / "etcd.json").write_text(json.dumps(etcd), encoding="utf-8")
    server = MilvusServer(wait_for_started=False, data_dir=str(folder), etcd_port=int(clients.rpartition(":")[2]))
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("ETCD_CONFIG_PATH", str(folder / "etcd.json"))
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves a socket open with which it looked for a free port
        server.start()
        gc.collect()
    try:
        health, log = f"http://127.0.0.1:{server.webservice_port}/healthz", folder / "logs" / "milvus-stdout.log"
        until(lambda: server.server_proc.poll() is not None or _says_ok(health), seconds=180)
        assert server.server_proc.poll() is None, log.read_text(encoding="utf-8")
        yield f"http://127.0.0.1:{server.listen_port}"
    finally:
        server.stop()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [own.getsockname()[1] for own in sockets]


def _says_ok(address: str) -> bool:
    try:
        return "OK" in httpx2.get(address, timeout=5).text
    except httpx2.HTTPError:
        return False


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until a server says where it listens."""
    end = time.monotonic() + 60
    while not (found := re.search(r"running on (http://\S+)", log.read_text(encoding="utf-8"))):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < end, log.read_text(encoding="utf-8")
        time.sleep(0.05)
    return found[1]
