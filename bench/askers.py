"""Many who ask a server at the same moment, without a model: `python -m bench.askers [--askers 1 10 50] [--rounds 4]`.

Each asks about a document of their own over HTTP, and all of them at once, round after round. An answer that rests on
anybody else's document counts as mixed up. Printed are errors, mixed answers, and the 50th and 95th percentile of the
seconds that an answer took, as its asker saw them.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import quantiles

import httpx2

from bench.plot import add_plot_option, write_plot
from bench.report import machine, print_table
from bench.serving import serving

FIRST = "Kel Bor Tav Mir Sel Dra Fen Gol Hus Jor".split()
LAST = "mora dale wick stad ness holm berg ford ville haven".split()
PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what alone answers it."""

    question: str
    source: str
    word: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an asker saw."""

    seconds: float
    error: str = ""
    mixed: bool = False
    """The answer rests on another document, or on none."""


def write_documents(folder: Path, count: int) -> list[Asked]:
    """Write `count` documents (at most 100) about a town each, and return a question about each."""
    asked = []
    for number, name in zip(range(count), map("".join, product(FIRST, LAST)), strict=False):
        path, year = folder / f"{name}.txt", str(1700 + number)
        path.write_text(
            f"The lighthouse of {name} was built in {year}. It stands above the harbour.\n\n"
            f"The people of {name} live on fishing and on the ferry.\n",
            encoding="utf-8",
        )
        asked.append(Asked(f"When was the lighthouse of {name} built?", str(path), year))
    return asked


def ask_all(address: str, asked: Sequence[Asked], rounds: int = 1) -> list[Outcome]:
    """Ask all questions at the same moment, `rounds` times; each asker keeps a connection."""
    with (
        httpx2.Client(base_url=address, timeout=PATIENCE_SECONDS, limits=httpx2.Limits(max_connections=None)) as client,
        ThreadPoolExecutor(len(asked)) as askers,
    ):
        return [
            outcome for _ in range(rounds) for outcome in askers.map(lambda own: _ask(client, own), asked)
        ]  # fmt: skip


def _ask(client: httpx2.Client, asked: Asked) -> Outcome:
    started = time.perf_counter()
    try:
        reply = client.post("/v1/answer", json={"question": asked.question})
        seconds = time.perf_counter() - started
        answer = reply.raise_for_status().json()
    except httpx2.HTTPError as error:
        return Outcome(time.perf_counter() - started, error=str(error))
    return Outcome(seconds, mixed=not _is_own(answer, asked))


def _is_own(answer: dict[str, object], asked: Asked) -> bool:
    """Tell whether an answer is to the question that was asked, and rests on what answers it."""
    citations, evidence = answer["citations"], answer["evidence"]
    assert isinstance(citations, list)
    assert isinstance(evidence, list)
    return (
        answer["question"] == asked.question
        and bool(citations and evidence)
        and evidence[0]["document"]["source"] == asked.source
        and any(asked.word in citation["quote"] for citation in citations)
    )


def main() -> None:
    """Ask, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--askers", type=int, nargs="+", default=[50], help="at once; several numbers, one by one")
    parser.add_argument("--rounds", type=int, default=4)
    add_plot_option(parser, "the percentiles as curves over the askers")
    arguments = parser.parse_args()
    print(machine())
    numbers = sorted(arguments.askers)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        asked = write_documents(Path(folder), numbers[-1])
        with serving(Path(home), Path(folder)) as server:
            ask_all(server.address, asked[:1])  # the embedder is loaded with the first question
            outcomes = {number: ask_all(server.address, asked[:number], arguments.rounds) for number in numbers}
    for error in sorted({outcome.error for own in outcomes.values() for outcome in own if outcome.error}):
        print(error)
    headers = ["askers at once", "answers", "errors", "mixed up", "p50 s", "p95 s"]
    print_table(headers, [row(number, own) for number, own in outcomes.items()])
    if arguments.plot:
        curves = {
            f"p{percent}": [(number, percentile(own, percent)) for number, own in outcomes.items()]
            for percent in (50, 95)
        }
        write_plot(arguments.plot, "An answer, as its asker sees it", "askers at once", "seconds", curves)


def row(askers: int, outcomes: Sequence[Outcome]) -> list[str]:
    """Return a line of the table."""
    errors, mixed = sum(bool(outcome.error) for outcome in outcomes), sum(outcome.mixed for outcome in outcomes)
    percentiles = (f"{percentile(outcomes, percent):.2f}" for percent in (50, 95))
    return [f"{askers}", f"{len(outcomes)}", f"{errors}", f"{mixed}", *percentiles]


def percentile(outcomes: Sequence[Outcome], percent: int) -> float:
    """Return the seconds within which so many of a hundred answers came."""
    seconds = [outcome.seconds for outcome in outcomes]
    return seconds[0] if len(seconds) == 1 else quantiles(seconds, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
