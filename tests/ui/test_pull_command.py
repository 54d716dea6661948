"""`pincite models` and `pincite pull` as a person meets them, against a hub on this machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub import Hub, serving
from pseudo_terminal import in_a_terminal

ROOT = Path(__file__).parents[2]
MAIN = [sys.executable, "-c", "from ui.cli import main; main()"]
PIECE = 2**20
"""What comes is written to the disk in pieces of this size."""


@pytest.fixture(scope="session")
def content(tiny_gguf: Path) -> bytes:
    return tiny_gguf.read_bytes().ljust(25 * 2**20, b"\xa5")


@pytest.fixture
def hub(content: bytes) -> Iterator[Hub]:
    with serving(Hub("owner/Tiny-GGUF", "tiny.gguf", content)) as running:
        yield running


@pytest.fixture
def environment(hub: Hub, tmp_path: Path) -> dict[str, str]:
    """An empty home, the hub above as the hub, and a catalogue of what it has."""
    size = len(hub.content)
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text(
        f"""[[model]]
        name = "tiny"
        title = "Tiny Random"
        repository = "{hub.repository}"
        file = "{hub.file}"
        size = {size}
        memory = {size}
        parameters = 100_000
        licence = "Apache-2.0"
        purpose = "for tests" """,
        encoding="utf-8",
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "HF_ENDPOINT": hub.endpoint,
        "OLLAMA_MODELS": str(tmp_path / "ollama"),
        "PINCITE_CATALOGUE": str(catalogue),
    }


def pincite(environment: dict[str, str], *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MAIN, *arguments], cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, timeout=120
    )


def model_in(home: Path) -> Path:
    return home / ".local/share/pincite/models/tiny.gguf"


# Consent


@pytest.mark.parametrize("typed", ["n\n", "\n", ""], ids=["no", "nothing", "the end of input"])
def test_without_consent_nothing_is_asked_of_the_hub(
    typed: str, hub: Hub, environment: dict[str, str], tmp_path: Path
) -> None:
    done = pincite(environment, "pull", "tiny", typed=typed)

    assert done.returncode == 1
    assert done.stderr == "pincite: nothing was downloaded (answer y, or use --yes)\n"
    assert done.stdout.startswith("Tiny Random: 26 MB, licence Apache-2.0; for tests\n")
    assert f"from  {hub.endpoint}/owner/Tiny-GGUF (tiny.gguf)\n" in done.stdout
    assert f"to    {model_in(tmp_path).parent}\n" in done.stdout
    assert hub.asked == []
    assert not model_in(tmp_path).parent.exists()


def test_with_consent_the_model_comes_is_listed_and_in_use(
    hub: Hub, environment: dict[str, str], tmp_path: Path
) -> None:
    done = pincite(environment, "pull", typed="y\n")
    path = model_in(tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"Tiny Random is there and used from now on: {path}\n")
    assert path.read_bytes() == hub.content

    listed = pincite(environment, "models")
    [line] = listed.stdout.splitlines()
    assert line.split("\t") == [
        "Tiny Random (in use)", "26 MB", "0.2 M", "?", "4096", "?", "45 MB", "Pincite", str(path),
    ]  # fmt: skip
    assert f"model         Tiny Random, {path}" in pincite(environment, "doctor").stdout

    asked = len(hub.asked)
    again = pincite(environment, "pull", "tiny")
    assert again.stdout == f"Tiny Random is there and used from now on: {path}\n"
    assert len(hub.asked) == asked


def test_quotes_only_can_be_named_whatever_was_pulled(hub: Hub, environment: dict[str, str], tmp_path: Path) -> None:
    pincite(environment, "pull", "--yes")

    assert "quotes only" in pincite(environment, "doctor", "--model", "none").stdout


def test_a_model_that_was_named_stays_in_use(environment: dict[str, str], tmp_path: Path) -> None:
    done = pincite({**environment, "PINCITE_MODEL": "other.gguf"}, "pull", "--yes")

    assert f"is there and not used: PINCITE_MODEL or config.toml names another: {model_in(tmp_path)}" in done.stdout


def test_listing_models_asks_nobody(hub: Hub, environment: dict[str, str]) -> None:
    done = pincite(environment, "models")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert hub.asked == []


# Breaks


def test_ctrl_c_keeps_the_part_and_the_same_command_goes_on(
    hub: Hub, environment: dict[str, str], tmp_path: Path
) -> None:
    hub.holds_after = PIECE + 1_000
    running = subprocess.Popen([*MAIN, "pull", "--yes"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: part_of(tmp_path) == PIECE)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)

    assert running.returncode == 130
    assert said == "pincite: stopped: 1 MB of 26 MB are kept; run the same command again for the rest\n"
    goes_on(hub, environment, tmp_path)


def test_a_killed_download_goes_on_as_well(hub: Hub, environment: dict[str, str], tmp_path: Path) -> None:
    hub.holds_after = PIECE + 1_000
    running = subprocess.Popen([*MAIN, "pull", "--yes"], cwd=ROOT, env=environment)
    wait_for(lambda: part_of(tmp_path) == PIECE)
    running.kill()
    running.wait(timeout=60)

    goes_on(hub, environment, tmp_path)


def goes_on(hub: Hub, environment: dict[str, str], home: Path) -> None:
    """What is left of a download that was broken off after one piece is used."""
    assert not model_in(home).exists()
    hub.holds_after = None
    done = pincite(environment, "pull", "--yes")

    assert done.returncode == 0, done.stderr
    assert hub.ranges == ["-", f"bytes={PIECE}-"]
    assert model_in(home).read_bytes() == hub.content
    assert [*model_in(home).parent.iterdir()] == [model_in(home)]


def part_of(home: Path) -> int:
    return max((part.stat().st_size for part in model_in(home).parent.glob("*.part")), default=0)


def wait_for(condition: Callable[[], bool], timeout_seconds: float = 60) -> None:
    until = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_what_goes_wrong_is_one_line(hub: Hub, environment: dict[str, str], tmp_path: Path) -> None:
    hub.sha256 = "ab" * 32
    damaged = pincite(environment, "pull", "--yes")
    offline = pincite({**environment, "HF_ENDPOINT": "http://127.0.0.1:9"}, "pull", "--yes")
    forbidden = pincite({**environment, "HF_HUB_OFFLINE": "1"}, "pull", "--yes")
    unknown = pincite(environment, "pull", "--yes", "large")

    for done, said in (
        (damaged, "tiny.gguf came damaged"),
        (offline, "127.0.0.1 cannot be reached"),
        (forbidden, "HF_HUB_OFFLINE is set"),
        (unknown, "no model is called 'large': choose one of tiny"),
    ):
        assert done.returncode == 1
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not model_in(tmp_path).exists()


def on_a_small_disk(home: Path, script: str) -> str:
    """A shell script whose disk for models, 30 MiB large, nobody else sees."""
    disk = model_in(home).parent
    disk.mkdir(parents=True)
    pull = f"'{sys.executable}' -c 'from ui.cli import main; main()' pull --yes"
    mount = f"mount -t tmpfs -o size=30m tmpfs '{disk}' || exit 77"
    return "\n".join([mount, f"cd '{ROOT}'", script.replace("DISK", str(disk)).replace("PULL", pull)])


def test_a_model_larger_than_the_free_space_is_not_begun(hub: Hub, environment: dict[str, str], tmp_path: Path) -> None:
    script = on_a_small_disk(tmp_path, "head -c 10M /dev/zero > DISK/other; PULL; rm DISK/other; PULL")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], env=environment, capture_output=True, text=True, timeout=120
    )
    skip_without_disk(done.returncode, done.stderr)

    assert done.stderr == (
        f"pincite: 26 MB are still to come and 21 MB are free on the disk that holds {model_in(tmp_path).parent}: "
        "free some space, then download it again\n"
    )
    assert "Tiny Random is there and used from now on" in done.stdout
    assert hub.ranges == ["-"]


def test_a_disk_that_fills_up_meanwhile_is_said_to_be_full_and_the_part_is_used_later(
    hub: Hub, environment: dict[str, str], tmp_path: Path
) -> None:
    hub.holds_after = PIECE
    script = on_a_small_disk(
        tmp_path,
        f"""PULL & pull=$!
        until [ "$(cat DISK/*.part | wc -c)" = {PIECE} ]; do sleep 0.1; kill -0 $pull || break; done
        head -c 100M /dev/zero > DISK/other
        touch '{tmp_path}/filled'
        wait $pull; rm DISK/other; PULL""",
    )
    running = subprocess.Popen(
        ["unshare", "-rm", "sh", "-c", script],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: (tmp_path / "filled").exists() or running.poll() is not None)
    hub.holds_after = None
    hub.released.set()
    printed, said = running.communicate(timeout=120)
    skip_without_disk(running.returncode, said)

    [line] = [line for line in said.splitlines() if line.startswith("pincite: ")]
    assert line.startswith(f"pincite: the disk that holds {model_in(tmp_path).parent} is full")
    assert printed.count("Tiny Random is there and used from now on") == 1
    assert set(hub.ranges[1:]) == {f"bytes={PIECE}-"}


def skip_without_disk(exit_code: int, said: str) -> None:
    if exit_code == 77 or "unshare" in said:
        pytest.skip("this user may not mount a small disk")


# In a terminal


def test_a_terminal_shows_what_is_here_what_was_left_out_and_what_there_is_to_download(
    environment: dict[str, str], tmp_path: Path, tiny_gguf: Path
) -> None:
    folder = tmp_path / ".lmstudio/models/owner/A"
    folder.mkdir(parents=True)
    (folder / "good.gguf").write_bytes(tiny_gguf.read_bytes())
    (folder / "\x1b[31mbad.gguf").write_bytes(b"noise")
    shown = in_a_terminal([*MAIN, "models"], environment)

    assert "Tiny Random" in shown
    assert "LM Studio" in shown
    assert "<U+001B>[31mbad.gguf is not a GGUF model" in shown
    assert "tiny            26 MB  Apache-2.0; for tests" in shown
    assert "Advice: Tiny Random is here already (LM Studio)" in shown
    assert "In use: none, answers are made of quotations" in shown
    assert "\x1b[31mbad" not in shown


def test_a_terminal_shows_a_bar_while_a_model_comes(hub: Hub, environment: dict[str, str], tmp_path: Path) -> None:
    shown = in_a_terminal([*MAIN, "pull", "--yes"], environment)

    assert "26.2/26.2 MB" in shown
    assert model_in(tmp_path).exists()
