"""How long starting takes: `python -m bench.startup`. Wall time of new processes, in turn, beside an empty one.

A library of the seeds is made in a folder of its own, and asked with and without a running server. The last lines tell
the ratios that matter: an answer by a running server to one without, and an answer without to importing
sentence-transformers and embedding one query by hand. The page is timed from the server's start to the last byte of the
first page that it serves.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from bench.plot import add_plot_option, write_bars
from bench.report import machine, print_table
from index.embedders import minilm_directory
from ui.address import listen

SEEDS = Path(__file__).parents[1] / "seeds"
QUESTION = "What did Asif say about refugees?"
BY_HAND = (
    "import sys; from sentence_transformers import SentenceTransformer;"
    " SentenceTransformer(sys.argv[1], device='cpu').encode([sys.argv[2]])"
)
PORT = 7800
EMPTY, PAGE, HAND = "python -c pass", "pincite serve to its first page", "embedding one query by hand"
ASK, ASK_SERVER = "pincite ask", "pincite ask, beside a running server"


def pincite(*arguments: object) -> list[str]:
    """Return a command line of the program."""
    return [str(Path(sys.executable).with_name("pincite")), *map(str, arguments)]


def seconds(command: list[str], variables: Mapping[str, str]) -> float:
    """Return the wall-clock seconds of one process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=variables)
    return time.perf_counter() - started


@contextmanager
def serving(variables: Mapping[str, str]) -> Iterator[float]:
    """Run the server; yield the seconds until its first page was there."""
    with closing(listen(PORT)) as probe:
        port = probe.getsockname()[1]
    command = pincite("serve", "--no-browser", "--port", port)
    started = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=variables)
    try:
        while not _page(port) and server.poll() is None:
            time.sleep(0.02)
        if server.poll() is not None:
            raise SystemExit(f"{' '.join(command)} ended with {server.returncode}")
        yield time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()


def _page(port: int) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as reply:
            page: bytes = reply.read()
            return page
    except OSError:
        return b""


def one_round(variables: Mapping[str, str]) -> dict[str, float]:
    """Return the seconds of everything, once each."""
    commands = {
        EMPTY: [sys.executable, "-c", "pass"],
        "python -c 'import rag'": [sys.executable, "-c", "import rag"],
        "pincite --help": pincite("--help"),
        HAND: [sys.executable, "-c", BY_HAND, str(minilm_directory()), QUESTION],
        ASK: pincite("ask", QUESTION),
    }
    run = {name: seconds(command, variables) for name, command in commands.items()}
    with serving(variables) as run[PAGE]:
        seconds(commands[ASK], variables)  # its models are loaded with the first question, if not before
        run[ASK_SERVER] = seconds(commands[ASK], variables)
    return run


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    add_plot_option(parser, "the medians as bars")
    arguments = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as home:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PINCITE_", "XDG_"))}
        variables = {**kept, "HOME": home, "PINCITE_LIBRARY": f"{home}/library", "PINCITE_MODEL": "none"}
        seconds(pincite("add", SEEDS), variables)
        one_round(variables)
        runs = [one_round(variables) for _ in range(arguments.rounds)]

    def over(name: str, other: str, combine: Callable[[float, float], float]) -> float:
        return median(combine(run[name], run[other]) for run in runs)

    rows = [
        [
            name,
            f"{median(run[name] for run in runs):.3f}",
            f"{over(name, EMPTY, float.__sub__):.3f}",
            f"{over(name, EMPTY, float.__truediv__):.1f}",
        ]
        for name in runs[0]
    ]
    print_table(["median", "seconds", "beyond python", "× python"], rows)
    for name, other in ((ASK_SERVER, ASK), (ASK, HAND), (PAGE, HAND)):
        print(f"{name} / {other}: {over(name, other, float.__truediv__):.2f}")
    if arguments.plot:
        write_bars(arguments.plot, "Starting", "seconds", {name: median(run[name] for run in runs) for name in runs[0]})


if __name__ == "__main__":
    main()
