"""An evaluation as one HTML file: tables and plots, light or dark as the reader's system is. It loads nothing."""

from collections.abc import Sequence
from pathlib import Path

from rag.evaluate.types import Report, SetReport
from ui.evaluation import LAYOUTS, Layout, cells_of, columns_of, has_any, summary
from ui.markup import escape
from ui.plots import Curve, Row, curve_plot, interval_plot, legend

STYLE = Path(__file__).with_name("evaluation.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CURVES = ("the set's own questions without an answer", "other sets' questions")


def render_report(report: Report) -> str:
    """Return the page."""
    sections = "".join(_section(layout, report.sets) for layout in LAYOUTS)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pincite: evaluation</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body><h1>Pincite: evaluation</h1>"
        f"<p>{escape(summary(report))}</p>{sections}{_curves(report.sets)}{_times(report.sets)}</body></html>"
    )


def _section(layout: Layout, sets: Sequence[SetReport]) -> str:
    shown = [own for own in sets if has_any(layout, own.figures)]
    if not shown:
        return ""
    plot = _plot(layout, shown) if layout.is_share else ""
    return f"<h2>{escape(layout.title)}</h2><p>{escape(layout.meaning)}</p>{plot}{_table(layout, sets)}"


def _plot(layout: Layout, sets: Sequence[SetReport]) -> str:
    columns = columns_of(layout, sets)
    rows = [Row(own.name, tuple(map(own.figures.get, columns.values()))) for own in sets]
    return legend(list(columns)) + interval_plot(layout.title, list(columns), rows)


def _table(layout: Layout, sets: Sequence[SetReport]) -> str:
    columns, rows = cells_of(layout, sets)
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{_first_cell(row[0])}{''.join(map(_cell, row[1:]))}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _first_cell(name: str) -> str:
    return f'<td class="{"group" if name.startswith(" ") else "set"}">{escape(name.strip())}</td>'


def _cell(text: str) -> str:
    value, _, interval = text.partition(" ")
    return f"<td>{escape(value)} <small>{escape(interval)}</small></td>"


def _curves(sets: Sequence[SetReport]) -> str:
    """Return, for each set, what each threshold of the confidence refuses of what has no answer and what has one."""
    figures = "".join(
        f"<figure>{curve_plot(own.name, 'answerable refused', 'others refused', curves)}"
        f"<figcaption>{escape(own.name)}</figcaption></figure>"
        for own in sets
        if (curves := refusal_curves(own))
    )
    if not figures:
        return ""
    meaning = (
        "What a threshold on the confidence refuses: to the right of the questions with an answer, upwards of others."
    )
    return f'<h2>Thresholds</h2><p>{meaning}</p>{legend(CURVES)}<div class="curves">{figures}</div>'


def refusal_curves(own: SetReport) -> list[Curve]:
    """Return the curve of the set's own unanswerable questions and that of other sets', empty without any questions."""
    answerable = [question.confidence for question in own.questions if question.answerable]
    unanswerable = [question.confidence for question in own.questions if not question.answerable]
    if not answerable or not (unanswerable or own.foreign_confidences):
        return []
    return [
        Curve(name, _curve(answerable, others))
        for name, others in zip(CURVES, (unanswerable, own.foreign_confidences), strict=True)
    ]


def _curve(answerable: Sequence[float], others: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Return the shares refused below every threshold there is, lowest first; nothing where there are no others."""
    if not others:
        return ()
    thresholds = [0.0, *sorted({*answerable, *others}), 2.0]
    return tuple((_below(answerable, threshold), _below(others, threshold)) for threshold in thresholds)


def _below(values: Sequence[float], threshold: float) -> float:
    return sum(value < threshold for value in values) / len(values)


def _times(sets: Sequence[SetReport]) -> str:
    rows = "".join(
        f"<tr><td>{escape(own.name)}</td><td>{len(own.questions):,}</td>"
        f"<td>{own.adding_seconds:.0f}</td><td>{own.asking_seconds:.0f}</td></tr>"
        for own in sets
    )
    head = "<th></th><th>questions</th><th>seconds adding documents</th><th>seconds asking</th>"
    return f"<h2>The run</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
