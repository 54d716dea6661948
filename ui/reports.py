"""What became of files that were added or synced, as rows and lines of text. Pure; for the terminal."""

from collections.abc import Iterator, Sequence

from index.types import FileReport, Outcome
from ui.markup import counted

LINES_OF_A_KIND = 20
"""In a terminal; whoever wants all pipes them."""


def count_line(reports: Sequence[FileReport]) -> str:
    """Return how many files had each outcome, in the order in which the outcomes came."""
    outcomes = [report.outcome.value for report in reports]
    counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes))
    return counts or "nothing to add"


def summary_rows(reports: Sequence[FileReport], seconds: float) -> list[tuple[str, str, str]]:
    """Return a table: each outcome, the number of files with it, and what there is to say of it."""
    own = {outcome: [report for report in reports if report.outcome is outcome] for outcome in Outcome}
    rows = [
        (outcome.value, f"{len(own[outcome]):,}", "")
        for outcome in Outcome
        if own[outcome] and outcome is not Outcome.FAILED
    ]
    rows += [("failed", f"{number:,}", reason) for reason, number in _reasons(own[Outcome.FAILED])]
    passages = sum(report.passages for report in reports)
    rate = f", {passages / seconds:,.0f} passages a second" if passages and seconds > 0 else ""
    return [*rows, ("passages", f"{passages:,}", f"in {seconds:,.1f} s{rate}")]


def _reasons(failed: Sequence[FileReport]) -> list[tuple[str, int]]:
    """Return why files failed and how many did for it, the most frequent first."""
    reasons = [report.failure.value if report.failure else "" for report in failed]
    return sorted(((reason, reasons.count(reason)) for reason in set(reasons)), key=lambda row: (-row[1], row[0]))


def lines_about(reports: Sequence[FileReport]) -> list[list[str]]:
    """Return a line for each file that a person may want to look at, in a list for each kind."""
    return [
        [f"moved: {report.moved_from} → {report.source}" for report in reports if report.outcome is Outcome.MOVED],
        [f"deleted: {report.source}" for report in reports if report.outcome is Outcome.DELETED],
        list(_alike(reports)),
    ]


def lines_of_failures(reports: Sequence[FileReport]) -> list[str]:
    """Return a line for each file that failed, with its reason."""
    return [f"failed: {report.reason}" for report in reports if report.reason]


def shortened(lines: Sequence[str]) -> list[str]:
    """Return the first lines of a kind and how many are left out."""
    left_out = len(lines) - LINES_OF_A_KIND
    return [*lines[:LINES_OF_A_KIND], *([f"… and {counted(left_out, 'more line')}"] if left_out > 0 else [])]


def _alike(reports: Sequence[FileReport]) -> Iterator[str]:
    for report in reports:
        if report.resembles and report.resembles.share == 1:
            yield f"the same: {report.source} says what {report.resembles.source} says"
        elif report.resembles:
            yield f"much alike: {report.source} shares {report.resembles.share:.0%} with {report.resembles.source}"
