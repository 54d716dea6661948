"""Figures as inline SVG: intervals on a scale from 0 to 1, and curves in a unit square. Pure; colours are the page's.

Series are told apart by colour and by the shape of their mark; each mark tells its numbers when pointed at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluate.types import Figure
from ui.markup import escape

LABELS, SCALE, ROW, MARK, MARGIN = 190, 560, 15, 4, 26
"""Pixels: width of the row labels and of the scale, height of a row, half the size of a mark, margin below."""
SQUARE, EDGE = 190, 30
"""Pixels: a side of the unit square, and the margin left of and below it."""
TICKS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an interval plot: its label, and a figure or none for each series."""

    label: str
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line in the unit square, from left to right; (x, y) each in [0, 1]."""

    name: str
    points: tuple[tuple[float, float], ...]


def interval_plot(title: str, series: Sequence[str], rows: Sequence[Row]) -> str:
    """Return dots with their intervals, a line for each figure, on a scale from 0 to 1."""
    lines, y = [], 8
    for row in rows:
        shown = [(number, figure) for number, figure in enumerate(row.figures) if figure is not None]
        middle = y + ROW * (len(shown) - 1) / 2
        lines.append(f'<text x="{LABELS - 10}" y="{middle + 4:.1f}" text-anchor="end">{escape(row.label)}</text>')
        for number, figure in shown:
            lines.append(_interval(f"{row.label}, {series[number]}", number, figure, y))
            y += ROW
        y += 8
    return _svg(title, LABELS + SCALE + 20, y + MARGIN, _scale(y) + "".join(lines))


def curve_plot(title: str, across: str, upwards: str, curves: Sequence[Curve]) -> str:
    """Return curves in a unit square with its diagonal, which is chance."""
    right, bottom = EDGE + SQUARE, SQUARE + 5
    frame = (
        f'<path class="grid" d="M{EDGE},5 V{bottom} H{right} V5 Z M{EDGE},{bottom} L{right},5"/>'
        f'<text x="{EDGE + SQUARE / 2}" y="{SQUARE + 22}" text-anchor="middle">{escape(across)}</text>'
        f'<text transform="translate(16 {SQUARE / 2 + 5}) rotate(-90)" text-anchor="middle">{escape(upwards)}</text>'
    )
    lines = "".join(_curve(number, curve) for number, curve in enumerate(curves))
    return _svg(title, EDGE + SQUARE + 10, SQUARE + EDGE, frame + lines)


def legend(series: Sequence[str]) -> str:
    """Return the series with their marks."""
    items = "".join(
        f'<span><svg class="key" viewBox="0 0 12 12" aria-hidden="true">{_mark(number, 6, 6)}</svg>'
        f"{escape(name)}</span>"
        for number, name in enumerate(series)
    )
    return f'<p class="legend">{items}</p>'


def _svg(title: str, width: float, height: float, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" aria-label="{escape(title)}">'
        f"{content}</svg>"
    )


def _scale(bottom: float) -> str:
    ticks = [tick / TICKS for tick in range(TICKS + 1)]
    return "".join(
        f'<path class="grid" d="M{_x(tick):.1f},0 V{bottom:.1f}"/>'
        f'<text x="{_x(tick):.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{tick:g}</text>'
        for tick in ticks
    )


def _interval(name: str, series: int, figure: Figure, y: float) -> str:
    told = f"{name}: {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}], {figure.questions} questions"
    whisker = f'<path d="M{_x(figure.low):.1f},{y} H{_x(figure.high):.1f}"/>'
    mark = _mark(series, _x(figure.value), y)
    return f'<g class="series-{series}"><title>{escape(told)}</title>{whisker}{mark}</g>'


def _mark(series: int, x: float, y: float) -> str:
    """Return a circle, a square, a triangle or a diamond."""
    shapes = (
        f"M{x - MARK:.1f},{y} a{MARK},{MARK} 0 1 0 {2 * MARK},0 a{MARK},{MARK} 0 1 0 {-2 * MARK},0",
        f"M{x - MARK:.1f},{y - MARK} h{2 * MARK} v{2 * MARK} h{-2 * MARK} Z",
        f"M{x:.1f},{y - MARK} l{MARK},{2 * MARK} h{-2 * MARK} Z",
        f"M{x:.1f},{y - MARK} l{MARK},{MARK} l{-MARK},{MARK} l{-MARK},{-MARK} Z",
    )
    return f'<path class="mark series-{series}" d="{shapes[series % len(shapes)]}"/>'


def _curve(number: int, curve: Curve) -> str:
    points = " ".join(f"{EDGE + SQUARE * x:.1f},{SQUARE * (1 - y) + 5:.1f}" for x, y in curve.points)
    return f'<polyline class="series-{number}" points="{points}"><title>{escape(curve.name)}</title></polyline>'


def _x(value: float) -> float:
    return LABELS + SCALE * value
