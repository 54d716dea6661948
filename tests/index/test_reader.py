"""Whatever a file makes its parser do costs one clear line, and the next file is read."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import EmptyDocument, LimitReached, PasswordNeeded, ReadError
from index.parse.limits import ReaderSettings
from index.parse.reader import Reader

ROOT = Path(__file__).parents[2]
HOSTILE = "hostile:parse"
SETTINGS = ReaderSettings(seconds=1.5, memory_mib=512, max_characters=1_000_000, workers=1)


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader(SETTINGS, HOSTILE) as reader:
        yield reader


def said(reader: Reader, what: str) -> str:
    return reader.read("a.txt", what.encode()).text


def suppressed(reader: Reader, what: str) -> None:
    with suppress(ReadError):
        said(reader, what)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("loop", "a.txt took more than 1.5 seconds to read and was left out"),
        ("sleep", "a.txt took more than 1.5 seconds to read and was left out"),
        ("crash", "a.txt made its reader crash (SIGSEGV) and was left out; nothing else was harmed"),
        ("exit", "a.txt made its reader crash (exit code 3) and was left out; nothing else was harmed"),
        ("memory", "a.txt needs more memory than a file may: divide it, or raise the limit"),
        ("flood", "a.txt holds 10,000,000 characters, more than the 1,000,000 that a document may have: divide it"),
    ],
)
def test_a_limit_reached_costs_one_line_and_the_next_file_is_read(reader: Reader, what: str, line: str) -> None:
    started = time.monotonic()
    with pytest.raises(LimitReached) as raised:
        said(reader, what)

    assert str(raised.value) == line
    assert time.monotonic() - started < 10
    assert said(reader, "The next one.") == "The next one."


def test_an_error_that_no_parser_should_raise_is_the_file_s_alone(reader: Reader) -> None:
    with pytest.raises(ReadError, match=r"^a\.txt cannot be read, it may be damaged \(KeyError: 'something\\nodd'\)$"):
        said(reader, "raise")


def test_a_reply_in_disorder_is_not_believed(reader: Reader) -> None:
    with pytest.raises(ReadError, match=r"^a\.txt came out in disorder and was left out$"):
        said(reader, "disorder")


def test_what_a_library_prints_does_not_disturb(reader: Reader) -> None:
    assert said(reader, "noise") == "quiet"


def test_no_large_file_is_written(reader: Reader, tmp_path: Path) -> None:
    name = str(tmp_path / "bomb")
    with pytest.raises(ReadError, match="bomb"):
        reader.read(name, b"write")
    assert not Path(name).exists() or Path(name).stat().st_size < 2**28


def test_the_process_knows_no_keys_and_looks_for_modules_in_no_folder_that_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PINCITE_SERVER_KEY", "secret")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit", encoding="utf-8")
    with Reader(SETTINGS, HOSTILE) as reader:
        assert "PINCITE_SERVER_KEY" not in said(reader, "environment").split()
        assert str(tmp_path) not in said(reader, "path").split("\n")


def test_one_process_reads_many_files_and_is_gone_afterwards() -> None:
    with Reader(SETTINGS, HOSTILE) as reader:
        processes = {said(reader, "process") for _ in range(5)}
        [process] = processes
        os.kill(int(process), 0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)


def test_a_process_is_replaced_when_it_has_read_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.parse.reader.FILES_FOR_ONE_PROCESS", 2)
    with Reader(SETTINGS, HOSTILE) as reader:
        processes = [said(reader, "process") for _ in range(4)]
    assert processes[0] == processes[1] != processes[2] == processes[3]


def test_two_files_are_read_at_once_by_two_processes() -> None:
    settings = ReaderSettings(seconds=10, workers=2)
    with Reader(settings, HOSTILE) as reader:
        slow = threading.Thread(target=suppressed, args=[reader, "sleep"])
        slow.start()
        time.sleep(0.2)
        assert said(reader, "Meanwhile.") == "Meanwhile."
        reader.close()
        slow.join(5)
        assert not slow.is_alive()


def test_closing_ends_what_is_being_read_and_what_waits_and_a_later_file_is_read() -> None:
    with Reader(ReaderSettings(seconds=60, workers=1), HOSTILE) as reader:
        failures: list[str] = []

        def read(what: str) -> None:
            with pytest.raises(ReadError) as raised:
                said(reader, what)
            failures.append(str(raised.value))

        threads = [threading.Thread(target=read, args=[what]) for what in ("sleep", "waits")]
        for thread in threads:
            thread.start()
            time.sleep(0.3)
        reader.close()
        for thread in threads:
            thread.join(5)

        assert failures == [
            "a.txt was not read: reading was stopped",
            "a.txt was not read: reading was stopped",
        ]
        assert said(reader, "Later.") == "Later."


def test_the_process_ends_with_the_one_that_started_it() -> None:
    code = (
        "import os, sys; from index.parse.reader import Reader; from index.parse.limits import ReaderSettings;"
        " reader = Reader(ReaderSettings(), 'hostile:parse'); print(reader.read('a', b'process').text, flush=True);"
        " os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    process = int(done.stdout)
    for _ in range(50):
        if not Path(f"/proc/{process}").exists():
            return
        time.sleep(0.1)
    pytest.fail("the reader's process is still there")


def test_real_files_come_through_the_process_as_they_do_without_it() -> None:
    from files import column, parsed, pdf

    data = pdf([column(50, 700, ["The ferry leaves at 07:40."]), column(50, 700, ["Dogs travel free."])])
    with Reader(ReaderSettings(workers=1)) as reader:
        assert reader.read("a.pdf", data) == replace(parsed("a.pdf", data), language="")
        german = (
            "Die Fähre fährt täglich um sieben Uhr vierzig vom nördlichen Anleger ab und braucht eine halbe Stunde."
        )
        assert reader.read("a.txt", german.encode()).language == "de"
        with pytest.raises(EmptyDocument, match=r"^a\.txt holds no text$"):
            reader.read("a.txt", b"")
        with pytest.raises(PasswordNeeded, match=r"^a\.pdf needs a password"):
            reader.read("a.pdf", pdf([[]], password="foo"))


def test_a_small_file_does_not_pay_for_a_start() -> None:
    with Reader(ReaderSettings(workers=1)) as reader:
        reader.read("a.txt", b"A first text, long enough for its language to be told from its words alone.")
        started = time.perf_counter()
        for number in range(20):
            reader.read("a.txt", f"Text number {number}.".encode())
        assert (time.perf_counter() - started) / 20 < 0.1


def test_a_script_beside_a_file_named_like_a_module_of_python_reads_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('not the json of Python')", encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text(
        f"import sys; place = sys.path.pop(0); sys.path.insert(0, {str(ROOT)!r}); import json\n"
        "sys.path.insert(0, place)\n"
        "from index.parse.limits import ReaderSettings\n"
        "from index.parse.reader import Reader\n"
        "with Reader(ReaderSettings()) as reader:\n"
        "    print(reader.read('note.txt', b'The ferry leaves at dawn.').text)\n",
        encoding="utf-8",
    )

    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)

    assert (done.stdout, done.stderr) == ("The ferry leaves at dawn.\n", "")
