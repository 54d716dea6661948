"""`pincite eval`: reads the sets, follows the run, and hands the figures out as tables, JSON and a page.

Knows how figures are laid out; what they mean and how they are made is `rag.evaluate`'s.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.library import Library
from rag.errors import EvaluationError
from rag.evaluate.own import read_own
from rag.evaluate.sets import read_set
from rag.evaluate.types import EvaluationSet, Figure, Figures, Report, SetReport, Step
from ui.terminal import print_table, say, visible


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of figures: what stands above it, and each column's title and figure."""

    title: str
    meaning: str
    columns: dict[str, str]
    is_share: bool = True
    """Whether all its figures are in [0, 1]."""

    @property
    def decimals(self) -> int:
        """The decimal places that its figures are shown with."""
        return 3 if self.is_share else 2


def _by_way(title: str, meaning: str, score: str) -> Layout:
    ways = ("lexical", "dense", "hybrid", "reranked", "rewritten")
    return Layout(title, meaning, {way: f"{way} {score}" for way in ways})


LAYOUTS = (
    _by_way("nDCG@10", "How far up the gold records stand among the first ten.", "nDCG@10"),
    _by_way("Recall@5", "The share of a question's gold records among the first five.", "recall@5"),
    _by_way("All@5", "How often all of a question's gold records are among the first five.", "all@5"),
    _by_way("Hit@1", "How often the first record is a gold one.", "hit@1"),
    Layout(
        "Evidence",
        "How often an accepted answer stands in the best one, two and three sentences, refused or not; and in those"
        " that an answer cites, where a refusal counts as a miss.",
        {
            "1 sentence": "evidence hit@1",
            "2 sentences": "evidence hit@2",
            "3 sentences": "evidence hit@3",
            "cited": "cited hit",
        },
    ),
    Layout(
        "Length",
        "What an answer cites, on average.",
        {"sentences": "cited sentences", "characters": "cited characters"},
        is_share=False,
    ),
    Layout(
        "Sentences",
        "The cited sentences beside those that the set's authors chose; a refusal finds none.",
        {"precision": "sentence precision", "recall": "sentence recall", "F1": "sentence F1"},
    ),
    Layout(
        "Citations",
        "The cited records beside the gold ones; a refusal finds none.",
        {"precision": "citation precision", "recall": "citation recall"},
    ),
    Layout(
        "Questions without an answer",
        "AUROC: how often a question with an answer gets the higher confidence than one without. The others are of"
        " refusing as the answer to a question that has none.",
        {
            "AUROC": "refusal AUROC",
            "precision": "refusal precision",
            "recall": "refusal recall",
            "F1": "refusal F1",
        },
    ),
    Layout(
        "Refused",
        "Questions that have an answer, and other sets' questions, which have none here.",
        {"false refusals": "false refusals", "off topic": "off topic refused"},
    ),
    Layout(
        "Seconds",
        "From the question to the finished answer.",
        {"median": "seconds median", "95th percentile": "seconds p95"},
        is_share=False,
    ),
)


def read_sets(paths: Sequence[Path], library: Library | None, questions: int, embedder: str) -> list[EvaluationSet]:
    """Read each set: a folder brings its own corpus, a file of questions is about `library`.

    Raises: EvaluationError.
    """
    return [
        read_own(path, library, questions) if library and path.is_file() else read_set(path, questions, embedder)
        for path in paths
    ]


@contextmanager
def follow_steps() -> Iterator[Callable[[Step], None]]:
    """Show a bar on standard error that follows the steps; where that is no terminal, a line for each set begun."""
    if not sys.stderr.isatty():
        yield _line_for_each_beginning()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda step: bar.update(
            task, completed=step.done, total=step.total, description=visible(f"{step.verb} {step.name}")
        )


def _line_for_each_beginning() -> Callable[[Step], None]:
    begun: set[str] = set()

    def follow(step: Step) -> None:
        if step.verb == "asking" and step.name not in begun:
            begun.add(step.name)
            say(f"asking {step.name}: {step.total} questions", error=True)

    return follow


def print_report(report: Report) -> None:
    """Print the tables; piped, one figure a line: set, group, figure, value, low, high, questions."""
    if not sys.stdout.isatty():
        for name, group, figures in rows_of(report.sets):
            for figure_name, figure in figures.items():
                say("\t".join((name, group, figure_name, *_numbers(figure))))
        return
    for layout in LAYOUTS:
        columns, rows = cells_of(layout, report.sets)
        if rows:
            say(f"\n{layout.title}: {layout.meaning}")
            print_table(columns, rows)
    say(f"\n{summary(report)}")


def summary(report: Report) -> str:
    """Return one line on the whole run."""
    questions = sum(len(own.questions) for own in report.sets)
    return (
        f"{questions:,} questions of {len(report.sets)} sets in {report.seconds / 60:.1f} minutes;"
        f" answers by {report.generator}, embeddings by {report.embedder}. In brackets: 95 % intervals."
    )


def rows_of(sets: Sequence[SetReport]) -> Iterator[tuple[str, str, Figures]]:
    """Yield each set's name, "" for the whole set or its group's name, and the figures."""
    for own in sets:
        yield own.name, "", own.figures
        for group, figures in own.groups.items():
            yield own.name, group, figures


def cells_of(layout: Layout, sets: Sequence[SetReport]) -> tuple[list[str], list[list[str]]]:
    """Return a table's columns and rows; columns and rows without a figure are left out."""
    shown = [(name, group, figures) for name, group, figures in rows_of(sets) if has_any(layout, figures)]
    columns = {title: name for title, name in layout.columns.items() if any(name in figures for _, _, figures in shown)}
    rows = [
        [f"  {group}" if group else name, *(_cell(layout, figures.get(own)) for own in columns.values())]
        for name, group, figures in shown
    ]
    return ["", *columns], rows


def columns_of(layout: Layout, sets: Sequence[SetReport]) -> dict[str, str]:
    """Return the columns that one of the sets has a figure for."""
    known = {name for own in sets for name in own.figures}
    return {title: name for title, name in layout.columns.items() if name in known}


def has_any(layout: Layout, figures: Figures) -> bool:
    """Tell whether one of the table's figures is there."""
    return any(name in figures for name in layout.columns.values())


def _cell(layout: Layout, figure: Figure | None) -> str:
    if figure is None:
        return "–"
    value, low, high = (f"{number:.{layout.decimals}f}" for number in (figure.value, figure.low, figure.high))
    return f"{value} [{low}, {high}]"


def _numbers(figure: Figure) -> tuple[str, ...]:
    return (*(f"{number:.4f}" for number in (figure.value, figure.low, figure.high)), str(figure.questions))


def check_writable(path: Path | None) -> None:
    """See to it before a long run that its file can be written after it. Raises: EvaluationError."""
    if path is not None and not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise EvaluationError(f"{path} cannot be written: name a file in a folder that exists and is yours")


def write_json(report: Report, path: Path) -> None:
    """Write the whole report, each question's own scores included. Raises: EvaluationError."""
    _write(path, json.dumps(report.to_dict(), ensure_ascii=False, indent=1))


def write_page(report: Report, path: Path) -> None:
    """Write the report as one HTML file that loads nothing. Raises: EvaluationError."""
    from ui.evaluation_page import render_report

    _write(path, render_report(report))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8", errors="replace")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}") from error
