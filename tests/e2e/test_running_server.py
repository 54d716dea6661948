"""`pincite ask` beside a running server of the same library: the same answers, without loading a model."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from driving import SEEDS, Server, command_line, environment_of, free_port
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from waiting import until

from index.library import Library
from rag.generators import ExtractiveGenerator
from rag.generators.base import Written
from rag.plain import plain
from rag.settings import Settings, load_settings
from rag.types import Answer, Given, State, Turn
from ui.access import Access, AccessFile
from ui.address import Address, listen, protect
from ui.announcement import FILE, Announcement, find_announcement, proof
from ui.api.answering import Answering
from ui.api.terminal import Terminal
from ui.cli import commands
from ui.running import PATH, ServerLost, ask_running
from ui.seat import Seat
from ui.serve import PageServer

QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"
ARTICLE = "000_15bae5066eb9f954.txt"
HEAVY = {"ctranslate2", "faiss", "gradio", "httpx2", "llama_cpp", "numpy", "sentence_transformers", "sqlite3", "torch"}


class Person:
    """A home with a library, whose server runs; commands are typed in the folder with the seeds."""

    def __init__(self, home: Path) -> None:
        self.library = home / "library"
        self.announcement = self.library / FILE
        self.environment = environment_of(home, PINCITE_LIBRARY=str(self.library), NO_PROXY="127.0.0.1")
        port = free_port()
        command = command_line("serve", SEEDS, "--library", self.library, "--no-browser", "--port", port)
        self.server = Server(command, f"http://127.0.0.1:{port}", self.library, self.environment)
        self.server.wait_until_up()

    def types(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        """Run a command in a process of its own; return its exit code and what it printed."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment, cwd=SEEDS, capture_output=True, text=True, input=typed
        )
        return done.returncode, done.stdout, done.stderr

    def command(self, *arguments: str) -> list[str]:
        code = f"import sys; sys.path.insert(0, {str(SEEDS.parent)!r}); from ui.cli import main; main()"
        return [sys.executable, "-c", code, *arguments]

    def types_alone(self, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        """Run a command in this process, as if no server ran."""
        aside = self.announcement.with_suffix(".aside")
        self.announcement.rename(aside)
        try:
            done = CliRunner().invoke(commands, arguments, input=typed, env=self.environment, prog_name="pincite")
        finally:
            aside.rename(self.announcement)
        return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    person = Person(tmp_path_factory.mktemp("home"))
    yield person
    key = person_s_key(person)
    assert person.server.interrupt() == 0
    assert person.server.output().splitlines() == [
        "1 added", f"Pincite is at {person.server.url} (Ctrl-C stops it)", "Pincite has stopped.",
    ]  # fmt: skip
    assert key not in person.server.output()
    assert not person.announcement.exists()


def person_s_key(person: Person) -> str:
    found = find_announcement(person.library)
    assert found
    return found.key


@pytest.fixture
def here(person: Person, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the person, who is in the folder with the seeds."""
    monkeypatch.chdir(SEEDS)
    for name in ("PINCITE_MODEL", "PINCITE_SERVER"):
        monkeypatch.delenv(name, raising=False)
    return load_settings({"PINCITE_LIBRARY": str(person.library)})


@pytest.mark.parametrize(
    "arguments",
    [
        (QUESTION,),
        (UNANSWERABLE,),
        ("--collection", "seeds", "--type", "txt", "--since", "2020-01-01", QUESTION),
        ("--document", ARTICLE, QUESTION),
        ("--document", f"../seeds/{ARTICLE}", QUESTION),
        ("--in", ".", "--until", "2020-01-01", QUESTION),
        ("--collection", "nowhere", QUESTION),
        ("?",),
    ],
)
def test_it_prints_what_it_prints_without_a_server(person: Person, arguments: Sequence[str], here: Settings) -> None:
    assert person.types("ask", *arguments) == person.types_alone("ask", *arguments)


def test_a_talk_prints_the_same_with_its_history(person: Person, here: Settings) -> None:
    typed = f"{QUESTION}\n?\nWhat else did he say?\n"

    assert person.types("chat", typed=typed) == person.types_alone("chat", typed=typed)


def test_as_json_it_prints_the_same_but_for_the_seconds(person: Person, here: Settings) -> None:
    command = ("ask", "--json", "--passages", "2", QUESTION)
    with_server, alone = (json.loads(run(*command)[1]) for run in (person.types, person.types_alone))

    assert with_server.pop("seconds").keys() == alone.pop("seconds").keys()
    assert with_server == alone
    assert with_server["claims"]
    assert len(with_server["read"]) == 2


def test_nothing_heavy_is_imported(person: Person) -> None:
    command = [sys.executable, "-X", "importtime", *person.command("ask", QUESTION)[1:]]
    done = subprocess.run(command, env=person.environment, cwd=SEEDS, capture_output=True, text=True, check=True)
    imported = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))

    assert "[1]" in done.stdout
    assert "ui.running" in imported
    assert imported & HEAVY == set()


def test_the_file_is_for_its_owner_alone_and_one_that_others_may_write_is_not_trusted(
    person: Person, here: Settings
) -> None:
    assert stat.S_IMODE(person.announcement.stat().st_mode) == 0o600
    person.announcement.chmod(0o622)
    try:
        assert find_announcement(person.library) is None
        assert ask_running(here, QUESTION) is None
    finally:
        person.announcement.chmod(0o600)


def test_a_server_with_other_settings_or_of_another_library_is_not_asked(
    person: Person, here: Settings, tmp_path: Path, tiny_gguf: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / FILE).write_bytes(person.announcement.read_bytes())
    (copy / FILE).chmod(0o600)

    assert find_announcement(copy) == find_announcement(person.library)
    for other in (
        replace(here, library=copy), replace(here, library=tmp_path), replace(here, model=tiny_gguf),
        replace(here, server="http://127.0.0.1:1"), replace(here, embedder="another"),
        replace(here, evidence_tokens=100), replace(here, reranker="http://127.0.0.1:1"),
    ):  # fmt: skip
        assert ask_running(other, QUESTION) is None
    answered = ask_running(here, QUESTION)
    assert answered
    assert list(answered)[-1].state is State.DONE


def test_after_a_crash_the_file_is_passed_over_and_who_took_the_port_learns_nothing(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    seen: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.command} {self.path} {self.headers}")
            self.send_response(200)
            self.send_header("Content-Length", "64")
            self.end_headers()
            self.wfile.write(b"0" * 64)

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None: ...

    settings = load_settings({"PINCITE_LIBRARY": str(library)})
    with serving(Stranger) as port:
        leave(library, Announcement("127.0.0.1", port, "a key"))
        assert ask_running(settings, QUESTION) is None
    [request] = seen
    assert request.startswith(f"GET {PATH}?challenge=")
    assert "a key" not in request
    assert ask_running(settings, QUESTION) is None, "nobody listens there any more"
    for damaged in (
        "",
        "{}",
        "[]",
        '{"host": 1, "port": "x", "key": null}',
        '{"host": "127.0.0.1", "port": 99999, "key": "k"}',
    ):
        (library / FILE).write_text(damaged)
        assert ask_running(settings, QUESTION) is None


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "localhost", "0.0.0.0", ""])
def test_no_address_but_one_of_this_machine_is_taken_from_the_file(tmp_path: Path, host: str) -> None:
    leave(tmp_path, Announcement(host, 80, "a key"))

    assert find_announcement(tmp_path) is None


def test_where_the_server_breaks_off_the_command_answers_itself(person: Person, here: Settings, tmp_path: Path) -> None:
    original = find_announcement(person.library)
    assert original

    class Failing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            [challenge] = parse_qs(urlsplit(self.path).query)["challenge"]
            proved = proof("a key", challenge, person.library).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(proved)))
            self.end_headers()
            self.wfile.write(proved)

        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            begun = {"answer": plain(Answer(QUESTION, state=State.EVIDENCE))}
            self.wfile.write(b"data: " + json.dumps(begun).encode() + b"\n\n")
            self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None: ...

    expected = person.types_alone("ask", QUESTION)
    with serving(Failing) as port:
        leave(person.library, Announcement("127.0.0.1", port, "a key"))
        try:
            done = CliRunner().invoke(commands, ["ask", QUESTION], env=person.environment, prog_name="pincite")
        finally:
            leave(person.library, original)

    assert (done.exit_code, done.stdout) == expected[:2]
    assert done.stderr == "\npincite: the running server broke off: answering without it\n"


class Endless:
    """Writes until it is stopped."""

    name, remote = "endless", ""

    def __init__(self) -> None:
        self.begun, self.stopped = threading.Event(), threading.Event()

    def warm(self) -> None: ...

    def close(self) -> None: ...

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        try:
            while True:
                self.begun.set()
                time.sleep(0.01)
                yield Written(tokens=1)
        finally:
            self.stopped.set()

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        yield from ()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as library:
        library.add([SEEDS])
        yield library


def test_ctrl_c_in_the_command_stops_the_server_s_work(library: Library, tmp_path: Path) -> None:
    writer = Endless()
    environment = environment_of(tmp_path, PINCITE_LIBRARY=str(library.directory))
    with answering(library, writer):
        asking = subprocess.Popen(
            command_line("ask", QUESTION), env=environment, cwd=SEEDS.parent, stderr=subprocess.PIPE, text=True
        )
        assert writer.begun.wait(60)
        asking.send_signal(signal.SIGINT)
        _, errors = asking.communicate(timeout=30)
        until(writer.stopped.is_set)

    assert (asking.returncode, errors) == (130, "pincite: stopped\n")


def test_an_answer_that_the_server_s_end_cuts_off_is_not_taken_for_finished(library: Library) -> None:
    writer = Endless()
    settings = load_settings({"PINCITE_LIBRARY": str(library.directory)})
    with answering(library, writer) as end:
        answers = ask_running(settings, QUESTION)
        assert answers
        assert next(answers).state is State.EVIDENCE
        assert writer.begun.wait(60)
        end()
        with pytest.raises(ServerLost):
            list(answers)
    assert find_announcement(library.directory) is None


def test_only_the_key_from_this_machine_is_let_in_beside_a_login(library: Library, tmp_path: Path) -> None:
    file = AccessFile(tmp_path / "access.json")
    file.save(Access().with_token("else")[0])
    terminal, way_in = (
        Terminal(library, Answering(library, Seat(ExtractiveGenerator())), load_settings),
        Address(login=True),
    )
    app = protect(nothing, way_in, file, terminal.before)
    own, other = (TestClient(app, base_url="http://127.0.0.1", client=(host, 5)) for host in ("127.0.0.1", "192.0.2.7"))
    with closing(listen(free_port())) as listener:
        terminal.open(listener)
        found = find_announcement(library.directory)
        assert found
        key = {"Authorization": f"Bearer {found.key}"}
        proved = proof(found.key, "x", library.directory)

        assert own.get(f"{PATH}?challenge=x").text == proved
        assert own.post(PATH, json={}, headers=key).status_code == 400
        assert own.post(PATH, json={}, headers={**key, "Origin": "http://example.org"}).status_code == 403
        assert own.post(PATH, json={}, headers={**key, "Host": "example.org"}).status_code == 403
        for refused in (
            own.post(PATH, json={}), own.post(PATH, json={}, headers={"Authorization": "Bearer é".encode()}),
            own.get("/v1/documents", headers=key), own.put(PATH, headers=key), own.get(f"{PATH}/x", headers=key),
            other.get(f"{PATH}?challenge=x"), other.post(PATH, json={}, headers=key),
        ):  # fmt: skip
            assert refused.status_code == 401
        terminal.close()
        assert own.get(f"{PATH}?challenge=x").status_code == 401
    assert find_announcement(library.directory) is None


def test_a_second_server_s_file_is_left_by_the_first(library: Library) -> None:
    first, second = (
        Terminal(library, Answering(library, Seat(ExtractiveGenerator())), load_settings) for _ in range(2)
    )
    with closing(listen(free_port())) as one, closing(listen(free_port())) as two:
        first.open(one)
        second.open(two)
        first.close()
        found = find_announcement(library.directory)
        assert found
        assert found.port == two.getsockname()[1]
        second.close()
        assert find_announcement(library.directory) is None


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("nobody is let in")


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """Serve by a handler in a thread; yield the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(library: Library, writer: Endless) -> Iterator[Callable[[], None]]:
    """Announce and serve a library in a thread; yield what ends it as Ctrl-C does."""
    answering = Answering(library, Seat(writer))
    terminal = Terminal(library, answering, lambda: load_settings({}))
    app: ASGIApp = protect(nothing, Address(), AccessFile(library.directory / "none.json"), terminal.before)
    endings = [terminal.close, answering.stop_all]
    server = PageServer(app, endings)

    def end() -> None:
        server.handle_exit(signal.SIGINT, None)

    with closing(listen(free_port())) as listener:
        terminal.open(listener)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield end
        finally:
            end()
            thread.join()


def leave(directory: Path, announcement: Announcement) -> None:
    """Write the file as a server does that crashes later."""
    handle = os.open(directory / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(plain(announcement), file)
