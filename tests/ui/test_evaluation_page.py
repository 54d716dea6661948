"""An evaluation as a page: the figures where they belong, and no set's name becomes markup."""

import re

import pytest
from html_reading import HOSTILE, Reader

from rag.evaluate.types import Figure, Report, Scored, SetReport
from ui.evaluation import LAYOUTS, cells_of
from ui.evaluation_page import refusal_curves, render_report
from ui.plots import LABELS, SCALE, Curve, Row, curve_plot, interval_plot

HALF = Figure(0.5, 0.25, 0.75, 8)
GOOD = Figure(0.875, 0.5, 1.0, 8)


def question(confidence: float, answerable: bool) -> Scored:
    return Scored("q", answerable, refused=False, confidence=confidence, scores={})


def report_on(name: str) -> SetReport:
    return SetReport(
        name,
        {"lexical nDCG@10": HALF, "hybrid nDCG@10": GOOD, "seconds median": HALF},
        {"lang de": {"lexical nDCG@10": HALF}},
        (question(0.9, True), question(0.4, True), question(0.5, False)),
        (0.1, 0.2),
        1.0,
        2.0,
    )


def test_a_table_has_the_columns_and_rows_that_have_figures() -> None:
    columns, rows = cells_of(LAYOUTS[0], [report_on("town")])

    assert columns == ["", "lexical", "hybrid"]
    assert rows == [
        ["town", "0.500 [0.250, 0.750]", "0.875 [0.500, 1.000]"],
        ["  lang de", "0.500 [0.250, 0.750]", "–"],
    ]


def test_an_interval_is_drawn_from_its_low_to_its_high_with_the_mark_on_its_value() -> None:
    plot = interval_plot("nDCG", ["lexical", "hybrid"], [Row("town", (HALF, None))])
    [(left, right)] = re.findall(r'<path d="M([\d.]+),\d+ H([\d.]+)"/>', plot)

    assert (float(left), float(right)) == (LABELS + SCALE / 4, LABELS + SCALE * 3 / 4)
    assert f"M{LABELS + SCALE / 2 - 4:.1f}" in plot
    assert "town, lexical: 0.500 [0.250, 0.750], 8 questions" in Reader(plot).text


def test_a_curve_runs_from_corner_to_corner_of_its_square() -> None:
    plot = curve_plot("town", "x", "y", [Curve("own", ((0, 0), (0.5, 1), (1, 1)))])
    assert 'points="30.0,195.0 125.0,5.0 220.0,5.0"' in plot


def test_each_threshold_refuses_a_share_of_both_sorts_of_questions() -> None:
    own, others = refusal_curves(report_on("town"))

    assert own.points == ((0, 0), (0, 0), (0.5, 0), (0.5, 1), (1, 1))
    assert others.points == ((0, 0), (0, 0), (0, 0.5), (0, 1), (0.5, 1), (1, 1))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_sets_name_is_text_wherever_it_stands(name: str) -> None:
    html = render_report(Report((report_on(name),), name, name, 60.0))
    ordinary = render_report(Report((report_on("town"),), "quotes", "minilm", 60.0))

    assert [tag for tag in re.findall(r"<(\w+)", html) if tag in ("script", "img", "b")] == []
    assert re.sub(r">[^<]*<", "><", html).count("<") == re.sub(r">[^<]*<", "><", ordinary).count("<")
