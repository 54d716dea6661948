"""Peak memory of one question on the command line: `python -m bench.memory [--documents seeds] [QUESTION]`.

The documents are indexed by a first run, in a cache of its own; the runs after it are measured.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.plot import add_plot_option, write_bars
from bench.report import machine, print_table

SEEDS = Path(__file__).parents[1] / "seeds"
UNITS_IN_MIB = 1024**2 if sys.platform == "darwin" else 1024
"""macOS tells the peak in bytes, Linux in KiB."""


def peak(command: list[str], variables: dict[str, str]) -> tuple[float, float]:
    """Run a command and return its peak resident memory in MiB and its wall-clock seconds."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_maxrss / UNITS_IN_MIB, time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", nargs="?", default="What did Asif say about refugees?")
    parser.add_argument("--documents", type=Path, default=SEEDS)
    parser.add_argument("--rounds", type=int, default=3)
    add_plot_option(parser, "the peaks as bars")
    arguments = parser.parse_args()
    print(machine())
    pincite = str(Path(sys.executable).with_name("pincite"))
    command = [pincite, "ask", "--documents", str(arguments.documents), arguments.question]
    with tempfile.TemporaryDirectory() as cache:
        variables = {**os.environ, "XDG_CACHE_HOME": cache}
        first = peak(command, variables)
        later = [peak(command, variables) for _ in range(arguments.rounds)]
    empty = peak([sys.executable, "-c", "pass"], dict(os.environ))
    rows = {
        "pincite ask, indexing": first,
        "pincite ask, indexed (median)": (median(run[0] for run in later), median(run[1] for run in later)),
        "python -c pass": empty,
    }
    print_table(
        ["", "peak MiB", "of 1 GiB", "seconds"],
        [[name, f"{mib:.0f}", f"{mib / 1024:.0%}", f"{seconds:.2f}"] for name, (mib, seconds) in rows.items()],
    )
    if arguments.plot:
        write_bars(arguments.plot, "Peak memory of one question", "MiB", {name: own[0] for name, own in rows.items()})


if __name__ == "__main__":
    main()
