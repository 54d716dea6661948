"""The command line as a person meets it: what it prints, where, and the exit code. Real library, real embedder."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from files import column, pdf
from pseudo_terminal import in_a_terminal
from scripted_server import DONE, event, serving, stream

from index.library import Library
from rag import answer
from rag.conversation import to_keep
from rag.generators import ExtractiveGenerator
from rag.keys import KEYS
from rag.settings import config_path
from ui.cli import commands
from ui.doctor import list_settings

ROOT = Path(__file__).parents[2]
PINCITE = str(Path(sys.executable).with_name("pincite"))
SEEDS = str(ROOT / "seeds")
QUESTION = "What did Asif say about refugees?"
SENTENCE = "They should arrange for the return of refugees and ensure that illegals do not come from there"
UNANSWERABLE = "Who won the 2022 World Cup?"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home: no settings, no cache, and a library of its own."""
    for name in [name for name in os.environ if name.startswith(("PINCITE_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PINCITE_LIBRARY", str(tmp_path / "library"))
    return tmp_path


def pincite(*arguments: str, typed: str = "", **environment: str) -> Result:
    """Run a command in this process; only errors that `commands` did not expect are raised."""
    return CliRunner().invoke(
        commands, arguments, input=typed, env=environment, prog_name="pincite", catch_exceptions=False
    )


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    return subprocess.run([PINCITE, *arguments], env={**os.environ, **environment}, capture_output=True, timeout=300)


def flat(text: str) -> str:
    return " ".join(text.split())


# The way of a document


def test_a_folder_is_added_once_listed_asked_and_removed() -> None:
    added, again = pincite("add", SEEDS), pincite("add", SEEDS)
    assert (added.exit_code, added.stdout) == (0, "1 added\n")
    assert (again.exit_code, again.stdout) == (0, "1 unchanged\n")

    lines = pincite("status").stdout.splitlines()
    number, title, _, _, source = lines[3].split("\t")
    assert source == f"{SEEDS}/000_15bae5066eb9f954.txt"
    assert "1 document," in lines[2]

    reply = pincite("ask", QUESTION)
    assert reply.exit_code == 0
    assert SENTENCE in flat(reply.stdout)
    assert "[1]" in reply.stdout

    removed = pincite("remove", number)
    assert (removed.exit_code, removed.stdout) == (0, f"removed {title}\n")
    assert "0 documents" in pincite("status").stdout


def test_a_folder_is_kept_in_line_and_what_was_moved_deleted_and_failed_is_named(home: Path) -> None:
    folder = home / "kept"
    made(folder / "heron.txt", b"The heron nests near the old mill.\n")
    made(folder / "miller.txt", b"The miller left the mill last spring.\n")
    assert pincite("sync", str(folder)).stdout == "2 added\n"
    assert pincite("sync", str(folder)).stdout == "2 unchanged\n"

    (folder / "heron.txt").rename(folder / "bird.txt")
    (folder / "miller.txt").unlink()
    made(folder / "empty.txt")
    result = pincite("sync", str(folder))

    assert result.exit_code == 1
    assert result.stdout == (
        f"1 moved, 1 failed, 1 deleted\nmoved: {folder}/heron.txt → {folder}/bird.txt\ndeleted: {folder}/miller.txt\n"
    )
    assert result.stderr == "failed: empty.txt holds no text\n"
    assert pincite("status").stdout.splitlines()[3:] == [f"1\tbird\t1\t{today()}\t{folder}/bird.txt"]


def test_removing_takes_all_names_or_none(tmp_path: Path) -> None:
    pincite("add", SEEDS)
    result = pincite("remove", "000_15bae5066eb9f954.txt", "nothing.txt")

    assert result.exit_code == 1
    assert "nothing.txt" in result.stderr
    assert "1 document," in pincite("status").stdout


def test_json_holds_the_whole_answer_and_nothing_that_acts_on_a_terminal() -> None:
    result = pincite("ask", "--json", "--documents", SEEDS, QUESTION)
    answer = json.loads(result.stdout)

    assert result.exit_code == 0
    assert result.stdout.isascii()
    assert answer["question"] == QUESTION
    assert any(SENTENCE in citation["quote"] for citation in answer["citations"])
    text = (ROOT / "seeds/000_15bae5066eb9f954.txt").read_text(encoding="utf-8")
    assert all(text[citation["start"] : citation["end"]] == citation["quote"] for citation in answer["citations"])


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_an_abstention_has_an_exit_code_of_its_own(form: tuple[str, ...]) -> None:
    result = pincite("ask", *form, "--documents", SEEDS, UNANSWERABLE)

    assert result.exit_code == 3
    assert result.stderr == ""


def test_documents_asked_once_leave_the_library_alone() -> None:
    pincite("ask", "--documents", SEEDS, QUESTION)

    assert "0 documents" in pincite("status").stdout


def test_documents_asked_in_a_named_library_are_added_to_it(tmp_path: Path) -> None:
    named = str(tmp_path / "named")
    result = pincite("ask", "--library", named, "--documents", SEEDS, QUESTION)

    assert SENTENCE in flat(result.stdout)
    assert "1 document," in pincite("--library", named, "status").stdout
    assert "1 document," in pincite("status", "--library", named).stdout
    assert "0 documents" in pincite("status").stdout


def test_a_conversation_goes_on_until_the_end_of_input_and_over_a_bad_question() -> None:
    pincite("add", SEEDS)
    result = pincite("chat", typed=f"{QUESTION}\n\n{'x' * 100_000}\n{UNANSWERABLE}\n")

    assert result.exit_code == 0
    assert flat(result.stdout).count(SENTENCE) >= 1
    assert result.stdout.count("\n? ") == 5
    assert len(result.stderr.splitlines()) == 1


def test_a_follow_up_is_answered_from_what_it_means_and_one_about_something_else_is_not() -> None:
    pincite("add", SEEDS)
    result = pincite("chat", typed=f"{QUESTION}\nAnd what about India?\nWhat is photosynthesis?\n{UNANSWERABLE}\n")
    _, _, india, photosynthesis, cup, _ = result.stdout.split("\n? ")

    assert "traditionally close relations with India" in flat(india)
    assert "The documents do not answer this." in photosynthesis
    assert "The documents do not answer this." in cup


def test_a_server_writes_in_the_place_of_a_model(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "The minister urged Afghan authorities: “ensure that illegal entrants do not cross into Pakistan” [1]."
    monkeypatch.setenv("PINCITE_MODEL", str(home / "no.gguf"))
    monkeypatch.setenv("PINCITE_SERVER_KEY", "sk-1")
    with serving(lambda asked: stream(event(said), DONE)) as (url, told):
        before = pincite("--server", url, "ask", "--json", "--documents", SEEDS, QUESTION)
        after = pincite("ask", "--json", "--server", url, "--server-model", "Scripted", "--documents", SEEDS, QUESTION)
        missing = pincite("ask", "--server", url, "--server-model", "other", "--documents", SEEDS, QUESTION)
        model = pincite("ask", "--model", str(home / "typed.gguf"), QUESTION, PINCITE_SERVER=url)

    for result in (before, after):
        assert json.loads(result.stdout)["generator"] == "Scripted"
    assert told.requests[0]["headers"]["Authorization"] == "Bearer sk-1"
    assert "does not have the model other: it has Scripted" in missing.stderr
    assert "typed.gguf does not exist" in model.stderr


def test_doctor_asks_the_reranker_for_a_score() -> None:
    scores = b'{"results": [{"index": 0, "relevance_score": 0.5}]}'
    with serving(lambda asked: (200, "application/json", [scores])) as (url, told):
        found = pincite("doctor", PINCITE_RERANKER=url).stdout
    missing = pincite("doctor", PINCITE_RERANKER="nobody/nothing")

    assert f"{url}, on this machine\n" in found
    assert told.requests[0]["body"] == {"query": "a question", "documents": ["a passage"]}
    assert "the reranker nobody/nothing is not on this machine" in missing.stdout + missing.stderr
    assert missing.exit_code == 1


def test_json_tells_what_was_read_and_how_fast_it_was_written(tiny_gguf: Path) -> None:
    answer = json.loads(process("ask", "--json", "--documents", SEEDS, "--model", str(tiny_gguf), QUESTION).stdout)

    assert answer["generator"] == "Tiny Random"
    assert answer["tokens"] > 0
    assert answer["read"][0]["sentences"]
    assert answer["seconds"]["first_token"] <= answer["seconds"]["last_token"] <= answer["seconds"]["total"]
    assert (answer["ahead"], answer["loading"]) == (0, False)


def test_doctor_says_where_a_server_is_and_whether_it_keeps_to_a_grammar(llama_server: str) -> None:
    with serving(lambda asked: None) as (url, _):
        without = pincite("doctor", PINCITE_SERVER=url).stdout

    checked = "takes no grammar: what it writes is checked afterwards"
    assert f"Scripted, {url}, on this machine; {checked}\n" in without
    kept = f"Tiny Random, {llama_server}, on this machine; kept to a grammar while it writes\n"
    assert kept in pincite("doctor", PINCITE_SERVER=llama_server).stdout


# Hostile and unusual text


def test_what_a_document_says_does_not_reach_the_terminal_as_a_command(tmp_path: Path) -> None:
    text = "The \x1b[31mheron\x1b[0m [bold red]nests[/] in \u202ereeds\u202c near the old mill.\n"
    (tmp_path / "notes.txt").write_text(text, encoding="utf-8")
    (tmp_path / "\x1b]0;title\x07.txt").write_text("")
    added = pincite("add", str(tmp_path / "notes.txt"), str(tmp_path / "\x1b]0;title\x07.txt"))
    reply = pincite("ask", "Where does the heron nest?")

    printed = added.stdout + added.stderr + pincite("status").stdout + reply.stdout + reply.stderr
    assert not {"\x1b", "\x07", "\u202e"} & set(printed)
    assert "[bold red]nests[/]" in reply.stdout
    assert "<U+202E>reeds" in reply.stdout


def test_a_terminal_without_the_letters_gets_what_it_can_show() -> None:
    done = process("remove", "難民.txt", PYTHONIOENCODING="latin-1")

    assert done.returncode == 1
    assert done.stderr == b"pincite: no document is called ??.txt: pincite status lists what is there\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"'{PINCITE}' status | head -c 1; '{PINCITE}' --help | true"
    done = subprocess.run(command, shell=True, capture_output=True, timeout=300)

    assert done.stdout == b"l"
    assert done.stderr == b""


# Bad input: one line that says what to do, and never a traceback

BadInput = tuple[str, Callable[[Path], list[str]], int, str]


def made(path: Path, content: bytes = b"") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def empty_folder(path: Path) -> str:
    path.mkdir()
    return str(path)


def newer_library(path: Path) -> str:
    path.mkdir()
    connection = sqlite3.connect(path / "library.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    return str(path)


BAD_INPUT: list[BadInput] = [
    ("a missing path", lambda home: ["add", str(home / "nowhere.txt")], 1, "nowhere.txt does not exist"),
    ("an empty file", lambda home: ["add", made(home / "empty.txt")], 1, "empty.txt"),
    ("white space only", lambda home: ["add", made(home / "blank.txt", b" \n\n\t")], 1, "blank.txt"),
    ("binary noise", lambda home: ["add", made(home / "noise.txt", bytes(range(256)) * 64)], 1, "noise.txt"),
    ("a PDF", lambda home: ["add", made(home / "scan.pdf", b"%PDF-1.7\n")], 1, "scan.pdf"),
    ("an empty folder", lambda home: ["add", empty_folder(home / "none")], 1, "no files in"),
    ("documents that are missing", lambda home: ["ask", "--documents", str(home / "nowhere"), "x?"], 1, "nowhere"),
    ("documents of an empty folder", lambda home: ["ask", "--documents", empty_folder(home / "none"), "x?"], 1, "none"),
    ("an empty question", lambda home: ["ask", "--documents", SEEDS, "  "], 1, "question"),
    ("a very long question", lambda home: ["ask", "--documents", SEEDS, "why " * 25_000], 1, "question"),
    ("a library that is a file", lambda home: ["status", "--library", made(home / "file")], 1, "file"),
    ("a library that is noise", lambda home: ["status", "--library", noise_library(home / "noise")], 1, "library.db"),
    ("a library of a newer version", lambda home: ["status", "--library", newer_library(home / "new")], 1, "newer"),
    ("a model that is missing", lambda home: ["ask", "--model", str(home / "no.gguf"), "x?"], 1, "no.gguf"),
    ("a model that is none", lambda home: ["ask", "--model", made(home / "a.gguf", b"noise"), "x?"], 1, "a.gguf"),
    ("a server that is none", lambda home: ["ask", "--server", "localhost", "x?"], 1, "write it like http://"),
    ("a server that is down", lambda home: ["ask", "--server", "http://127.0.0.1:9", "x?"], 1, "no server answers at"),
    ("a model and a server", lambda home: ["ask", "--model", "a", "--server", "b", "x?"], 2, "only one of them"),
    ("a name that is not there", lambda home: ["remove", "nothing"], 1, "nothing"),
    ("a port that is none", lambda home: ["serve", "--port", "many"], 2, "--port"),
    ("no question", lambda home: ["ask"], 2, "QUESTION"),
    ("no path", lambda home: ["add"], 2, "PATH"),
    ("no such command", lambda home: ["frobnicate"], 2, "frobnicate"),
]


def noise_library(path: Path) -> str:
    made(path / "library.db", bytes(range(256)) * 64)
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"), [row[1:] for row in BAD_INPUT], ids=[row[0] for row in BAD_INPUT]
)
def test_bad_input_gives_one_line_and_an_exit_code(
    home: Path, arguments: Callable[[Path], list[str]], exit_code: int, said: str
) -> None:
    result = pincite(*arguments(home))

    assert result.exit_code == exit_code
    assert said in result.stderr
    if exit_code == 1:
        assert len(result.stderr.splitlines()) == 1
        assert len(result.stderr) < 600


def test_a_file_of_the_documents_that_cannot_be_read_is_named(home: Path) -> None:
    made(home / "mixed/good.txt", b"The heron nests near the old mill. It comes back every spring.\n")
    made(home / "mixed/\x1b[31mempty.txt")
    result = pincite("ask", "--documents", str(home / "mixed"), "Where does the heron nest?")

    assert result.exit_code == 0
    assert result.stderr.startswith("pincite: left out: <U+001B>[31mempty.txt")
    assert "nests near the old mill" in result.stdout


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    made(tmp_path / "mixed/good.txt", b"The heron nests near the old mill. It comes back every spring.\n")
    made(tmp_path / "mixed/empty.txt")
    result = pincite("add", str(tmp_path / "mixed"))

    assert result.exit_code == 1
    assert result.stdout == "1 failed, 1 added\n"
    assert result.stderr.startswith("failed: ")
    assert "1 document," in pincite("status").stdout


def test_a_password_opens_an_encrypted_pdf_and_may_stand_in_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(pdf([column(50, 700, ["The heron nests near the old mill."])], password="foo"))

    assert pincite("add", str(secret)).stderr == (
        "failed: secret.pdf needs a password (it is encrypted): add it again with --password\n"
    )
    assert pincite("add", "--password", "foo", str(secret)).stdout == "1 added\n"
    secret.write_bytes(pdf([column(50, 700, ["The heron has left the old mill."])], password="bar"))
    assert pincite("add", str(secret), PINCITE_PASSWORD="bar").stdout == "1 updated\n"


def test_a_scan_is_read_only_where_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "scan.pdf", pdf([[]]))
    assert "if it is a scan, add it with --ocr eng" in pincite("add", str(tmp_path / "scan.pdf")).stderr

    monkeypatch.setenv("PATH", str(tmp_path))
    for asked in (["--ocr", "eng", "add"], ["add", "--ocr", "eng"]):
        assert (
            "needs Tesseract to be read, which is not installed" in pincite(*asked, str(tmp_path / "scan.pdf")).stderr
        )


def test_an_unreadable_file_is_named_and_does_not_stop_the_others() -> None:
    """A process's memory from address 0 on cannot be read by anybody, not even root."""
    result = pincite("add", "/proc/self/mem", SEEDS)

    assert result.exit_code == 1
    assert result.stdout == "1 failed, 1 added\n"
    assert result.stderr == "failed: mem cannot be read: Input/output error\n"


def test_a_full_disk_is_said_to_be_full_and_what_was_added_before_stays(home: Path) -> None:
    files = 30
    for number in range(files):
        made(home / f"many/{number:02}.txt", herons(number))
    (home / "disk").mkdir()
    script = f"""
        mount -t tmpfs -o size=3m tmpfs '{home}/disk' || exit 77
        '{PINCITE}' add --library '{home}/disk/library' '{home}/many'; echo "exit code $?"
        '{PINCITE}' status --library '{home}/disk/library'
    """
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, timeout=300)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("this user may not mount a small disk")

    assert "exit code 1" in done.stdout
    assert "is full: free some space" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    kept = done.stdout.count("/many/")
    assert 0 < kept < files
    assert f"holds      {kept} documents, {kept * 40} passages" in done.stdout


def test_a_library_that_another_process_writes_to_is_said_to_be_locked(home: Path) -> None:
    pincite("add", SEEDS)
    made(home / "other.txt", b"The heron nests near the old mill.\n")
    writer = sqlite3.connect(home / "library/library.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    result = pincite("add", str(home / "other.txt"))
    writer.close()

    assert result.exit_code == 1
    assert "another process" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("damage", [b"", b"noise" * 1000], ids=["empty", "noise"])
def test_a_damaged_vector_file_is_made_anew_from_the_database(home: Path, damage: bytes) -> None:
    pincite("add", SEEDS)
    vectors = home / "library/vectors.faiss"
    assert len(vectors.read_bytes()) > 384 * 4
    vectors.write_bytes(damage)
    result = pincite("ask", QUESTION)

    assert result.exit_code == 0
    assert SENTENCE in flat(result.stdout)


def test_ctrl_c_while_adding_keeps_what_is_done_and_a_rerun_adds_the_rest(home: Path) -> None:
    files = 60
    for number in range(files):
        made(home / f"many/{number:02}.txt", herons(number))
    running = subprocess.Popen([PINCITE, "add", str(home / "many")], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    wait_for(lambda: documents_in(home / "library/library.db") > 0)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    kept = documents_in(home / "library/library.db")

    assert running.returncode == 130
    assert 0 < kept < files
    assert said.decode() == (
        f"pincite: stopped: {kept} of {files} files are done and kept; run the same command again for the rest\n"
    )
    assert pincite("add", str(home / "many")).stdout == f"{kept} unchanged, {files - kept} added\n"


def test_a_watched_folder_is_followed_until_ctrl_c(home: Path) -> None:
    folder = home / "kept"
    made(folder / "heron.txt", b"The heron nests near the old mill.\n")
    made(folder / "empty.txt")
    running = subprocess.Popen(
        [PINCITE, "sync", "--watch", str(folder)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    database = home / "library/library.db"
    try:
        wait_for(lambda: documents_in(database) == 1)
        made(folder / "miller.txt", b"The miller left the mill last spring.\n")
        wait_for(lambda: documents_in(database) == 2)
        (folder / "heron.txt").unlink()
        wait_for(lambda: documents_in(database) == 1)
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        output, errors = running.communicate(timeout=60)
    finally:
        running.kill()

    assert running.returncode == 0
    assert output == f"1 failed, 1 added\n1 added\n1 deleted\ndeleted: {folder}/heron.txt\n"
    assert errors == f"watching {folder}: Ctrl-C ends it\nfailed: empty.txt holds no text\nstopped watching\n"


def today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def herons(number: int) -> bytes:
    """Forty paragraphs that are in no other file."""
    lines = (f"Station {number} counted {number * 40 + line} herons on day {line}." for line in range(40))
    return "\n\n".join(lines).encode()


def documents_in(path: Path) -> int:
    if not path.exists():
        return 0
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def wait_for(condition: Callable[[], bool], timeout_seconds: float = 120) -> None:
    until = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


# In a terminal


def test_in_a_terminal_the_answer_stands_once_with_its_sources_below() -> None:
    printed = flat(in_a_terminal([PINCITE, "ask", "--documents", SEEDS, QUESTION], dict(os.environ)))
    answer, _, sources = printed.partition(" Sources ")

    assert answer.count(SENTENCE) == 1
    assert sources.count(SENTENCE) == 1
    assert answer.endswith("[2]")
    assert re.search(r" quotes only · \d[\d.]* m?s$", sources)


def test_in_a_terminal_an_answer_of_a_model_ends_with_who_wrote_it_and_how_fast(tiny_gguf: Path) -> None:
    command = [PINCITE, "ask", "--model", str(tiny_gguf), "--documents", SEEDS, QUESTION]
    printed = flat(in_a_terminal(command, dict(os.environ)))

    assert re.search(
        r" Tiny Random · first token [\d.]+ m?s · [\d,.]+ tokens/s · [\d.]+ m?s( \d+ more sent.*)?$", printed
    )


def test_in_a_terminal_adding_ends_with_a_table_and_piped_with_a_line(home: Path) -> None:
    made(home / "mixed/good.txt", b"The heron nests near the old mill. It comes back every spring.\n")
    made(home / "mixed/other name.txt", b"The heron nests near the old mill. It comes back every spring.\n")
    made(home / "mixed/empty.txt")
    made(home / "mixed/archive.zip", b"PK\x05\x06" + bytes(18))
    failing = ["sh", "-c", '"$0" add "$1"; test $? = 1', PINCITE, str(home / "mixed")]
    printed = in_a_terminal(failing, dict(os.environ))
    rows = [flat(line) for line in printed.splitlines() if line.strip()]

    assert "added 2" in rows
    assert "failed 1 no text in it" in rows
    assert "failed 1 of no known format" in rows
    assert any(re.fullmatch(r"passages 2 in [\d.]+ s, \d+ passages a second", row) for row in rows)
    assert f"the same: {home}/mixed/other name.txt says what {home}/mixed/good.txt says" in rows
    assert pincite("add", str(home / "mixed")).stdout == "2 failed, 2 unchanged\n"


# The doctor


def test_the_doctor_finds_all_well_and_makes_no_library(home: Path) -> None:
    result = pincite("doctor")

    assert result.exit_code == 0
    assert "BROKEN" not in result.stdout
    for part in (
        "python",
        "torch 2.",
        "384 dimensions",
        "llama-cpp-python",
        "quotes only",
        "none yet",
        "passages = 5 (default)",
    ):
        assert part in result.stdout
    assert not (home / "library").exists()


def test_the_doctor_names_what_is_broken(home: Path) -> None:
    result = pincite("doctor", "--model", str(home / "no.gguf"), "--library", newer_library(home / "new"))

    assert result.exit_code == 1
    broken = [line for line in result.stdout.splitlines() if line.startswith("BROKEN")]
    assert len(broken) == 2
    assert "newer version" in broken[0]
    assert "no.gguf" in broken[1]


def test_the_doctor_prints_every_setting_and_who_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.open(home / "kept") as library:
        library.choices().keep("passages", "3")
        library.choices().keep("strictness", "strict")
    path = config_path()
    path.parent.mkdir(parents=True)
    path.write_text('language = "fr"\nstrictness = "grounded"\n', encoding="utf-8")
    monkeypatch.setenv("PINCITE_CONTEXT", "2048")
    first, *settings = [check.finding for check in list_settings({"library": home / "kept"})]

    assert first == f"in {path}"
    assert [setting.split(" = ")[0] for setting in settings] == [key.name for key in KEYS]
    assert set(settings) >= {
        f"library = {home / 'kept'} (--library)",
        "model = none (default)",
        "passages = 3 (the library)",
        "strictness = strict (the library)",
        f"language = fr ({path})",
        "context = 2048 (PINCITE_CONTEXT)",
        "evidence_tokens = 300 for each passage that is read (default)",
        "vectors = faiss (default)",
    }

    path.write_text('strictnes = "grounded"\n', encoding="utf-8")
    refused = pincite("doctor")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"pincite: {path}: there is no setting 'strictnes', but library, model, ")
    assert refused.stderr.endswith("; did you mean strictness?\n")


def test_how_an_answer_is_wanted_is_said_by_options_over_the_environment() -> None:
    def read(*options: str, **environment: str) -> int:
        asked = pincite("ask", "--documents", SEEDS, "--json", *options, QUESTION, **environment)
        return len(json.loads(asked.stdout)["read"])

    assert (read(), read("--passages", "2"), read(PINCITE_PASSAGES="3")) == (5, 2, 3)
    assert read("--passages", "1", PINCITE_PASSAGES="3") == 1
    for option, value, allowed in (
        ("--passages", "0", "a whole number from 1 to 10"),
        ("--strictness", "lax", "one of auto, strict, grounded"),
        ("--language", "xx", "one of auto, ar, de, en, es, fr, hi, ja, ru, th, ur, zh"),
    ):
        refused = pincite("ask", option, value, QUESTION)
        assert refused.exit_code == 1
        assert refused.stderr == (
            f"pincite: {option}: the setting {option.strip('-')} is '{value}': it must be {allowed}\n"
        )


# Collections and scopes


def test_collections_are_listed_asked_renamed_and_deleted(tmp_path: Path) -> None:
    pincite("add", SEEDS)
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "ferry.txt").write_text("The ferry to Oban leaves at 07:40.", encoding="utf-8")
    pincite("add", str(tmp_path / "town"), "--collection", "trips")
    assert re.fullmatch(r"seeds\t1\t\d+\ntrips\t1\t1\n", pincite("collections").stdout)

    question = "When does the ferry to Oban leave?"
    for chosen in (["--collection", "trips"], ["--in", str(tmp_path / "town")], ["--document", "ferry.txt"]):
        assert "07:40" in pincite("ask", question, *chosen).stdout
    for chosen in (["--collection", "seeds"], ["--in", SEEDS], ["--until", "2001-01-01"]):
        reply = pincite("ask", question, *chosen)
        assert (reply.exit_code, "07:40" in reply.stdout) == (3, False), chosen
    assert "None of the documents is among those to answer from" in reply.stdout
    assert pincite("ask", QUESTION, "--collection", "seeds", "--type", "text", "--since", "2001-01-01").exit_code == 0

    wrong = pincite("ask", question, "--collection", "trip")
    assert (wrong.exit_code, wrong.stderr) == (1, "pincite: no collection is called trip: there is seeds, trips\n")
    assert pincite("collections", "rename", "trips", "sea").stdout == "trips is called sea now\n"
    assert pincite("collections", "delete", "sea").stdout == "removed sea with 1 document\n"
    assert pincite("collections").stdout.startswith("seeds\t1\t")


def test_conversations_are_listed_printed_written_renamed_and_deleted(tmp_path: Path) -> None:
    pincite("add", SEEDS)
    assert pincite("conversations").stdout == "no conversations\n"
    with Library.open(tmp_path / "library") as library:
        kept = library.conversations()
        id_ = kept.begin(QUESTION)
        kept.add(id_, *to_keep(answer(QUESTION, library=library, generator=ExtractiveGenerator()), library))

    assert re.fullmatch(rf"{id_}\t\d{{4}}-\d\d-\d\d\t1\t{re.escape(QUESTION)}\n", pincite("conversations").stdout)
    assert pincite("conversations", "--search", "REFUGEES asif").stdout.startswith(id_)
    assert pincite("conversations", "--search", "zebra").stdout == "no conversations\n"
    assert SENTENCE in flat(pincite("conversations", "show", id_).stdout)
    for name in ("talk.md", "talk.html", "talk.json"):
        assert pincite("conversations", "export", id_, str(tmp_path / name)).exit_code == 0
        assert SENTENCE in flat((tmp_path / name).read_text(encoding="utf-8"))
    assert pincite("conversations", "export", id_, str(tmp_path / "talk.doc")).exit_code == 2

    pincite("remove", "000_15bae5066eb9f954.txt")
    assert "is no longer in the library." in pincite("conversations", "show", id_).stderr
    assert pincite("conversations", "rename", id_, "Asif").stdout == f"{id_} is called Asif now\n"
    assert pincite("conversations", "delete", id_, "nothing").stderr.startswith(
        "pincite: there is no conversation nothing"
    )
    assert pincite("conversations", "delete", id_).stdout == "deleted Asif\n"
    assert pincite("conversations", "show", id_).exit_code == 1


def test_conversations_of_who_logs_in_are_reached_by_name_and_those_from_before_by_none(tmp_path: Path) -> None:
    pincite("add", SEEDS)
    with Library.open(tmp_path / "library") as library:
        kept_of = {user: library.conversations(user) for user in ("", "ada")}
        ids = {user: kept.begin(f"asked by {user or 'nobody'}") for user, kept in kept_of.items()}
        words = to_keep(answer(QUESTION, library=library, generator=ExtractiveGenerator()), library)
        for user, kept in kept_of.items():
            kept.add(ids[user], *words)

    before = pincite("conversations")
    assert before.stdout.endswith("asked by nobody\n")
    assert before.stderr == "people who log in have conversations, too: --user ada\n"
    hers = pincite("conversations", "--user", "ada")
    assert (hers.stdout.count("\n"), hers.stderr) == (1, "")
    assert hers.stdout.endswith("asked by ada\n")
    assert pincite("conversations", "show", ids["ada"]).exit_code == 1
    assert SENTENCE in flat(pincite("conversations", "show", ids["ada"], "--user", "ada").stdout)
    file = tmp_path / "talk.md"
    assert pincite("conversations", "--user", "ada", "export", ids["ada"], str(file)).exit_code == 0
    assert SENTENCE in flat(file.read_text(encoding="utf-8"))
    assert pincite("conversations", "delete", ids[""], "--user", "ada").exit_code == 1
    assert pincite("conversations", "delete", ids["ada"], "--user", "ada").stdout == "deleted asked by ada\n"
    assert pincite("conversations").stderr == ""
