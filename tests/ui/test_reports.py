"""What is said of files that were added or synced."""

from index.types import Failure, FileReport, Outcome, Resemblance
from ui.reports import LINES_OF_A_KIND, count_line, lines_about, lines_of_failures, shortened, summary_rows

REPORTS = [
    FileReport("/a.txt", Outcome.ADDED, 30, resembles=Resemblance("/old.txt", 0.874)),
    FileReport("/b.txt", Outcome.FAILED, reason="b.txt holds no text", failure=Failure.EMPTY),
    FileReport("/c.pdf", Outcome.FAILED, reason="c.pdf needs a password", failure=Failure.PASSWORD),
    FileReport("/d.txt", Outcome.FAILED, reason="d.txt holds no text", failure=Failure.EMPTY),
    FileReport("/e.txt", Outcome.MOVED, moved_from="/f.txt"),
    FileReport("/g.txt", Outcome.ADDED, resembles=Resemblance("/a.txt", 1.0)),
    FileReport("/h.txt", Outcome.UPDATED, 10),
    FileReport("/i.txt", Outcome.UNCHANGED),
    FileReport("/j.txt", Outcome.DELETED),
]


def test_the_table_has_a_row_for_each_outcome_and_each_reason_and_ends_with_passages_and_time() -> None:
    assert summary_rows(REPORTS, seconds=4.0) == [
        ("added", "2", ""),
        ("updated", "1", ""),
        ("moved", "1", ""),
        ("unchanged", "1", ""),
        ("deleted", "1", ""),
        ("failed", "2", "no text in it"),
        ("failed", "1", "encrypted"),
        ("passages", "40", "in 4.0 s, 10 passages a second"),
    ]
    assert summary_rows(REPORTS[-2:], seconds=0.0)[-1] == ("passages", "0", "in 0.0 s")


def test_outcomes_are_counted_in_the_order_in_which_they_came() -> None:
    assert count_line(REPORTS) == "2 added, 3 failed, 1 moved, 1 updated, 1 unchanged, 1 deleted"
    assert count_line([]) == "nothing to add"


def test_what_a_person_may_want_to_look_at_has_a_line() -> None:
    assert lines_about(REPORTS) == [
        ["moved: /f.txt → /e.txt"],
        ["deleted: /j.txt"],
        ["much alike: /a.txt shares 87% with /old.txt", "the same: /g.txt says what /a.txt says"],
    ]
    assert lines_of_failures(REPORTS) == [
        "failed: b.txt holds no text",
        "failed: c.pdf needs a password",
        "failed: d.txt holds no text",
    ]


def test_many_lines_of_a_kind_are_cut_and_the_rest_is_counted() -> None:
    lines = [str(number) for number in range(LINES_OF_A_KIND + 1)]
    assert shortened(lines[:-1]) == lines[:-1]
    assert shortened(lines) == [*lines[:-1], "… and 1 more line"]
