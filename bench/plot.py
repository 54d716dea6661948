"""A measured curve as an SVG file that stands by itself: logarithmic across, from nought upwards."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 640, 360, 64, 44, 34, 170
"""Pixels: the curves' field, and the margins around it."""
COLOURS = ("#0b6e4f", "#b5461d", "#3457a6", "#7a4a9c", "#8a6d00")
STEPS = 4


def write_plot(path: Path, title: str, upwards: str, at: Sequence[int], curves: Mapping[str, Sequence[float]]) -> None:
    """Write curves, each with a value for every number of passages in `at`, which ascend."""
    top = _rounded_up(max(max(values) for values in curves.values()))
    across = [_place(number, at) for number in at]
    parts = [f'<text x="{LEFT}" y="20" class="title">{escape(title)}</text>', *_frame(upwards, at, across, top)]
    for number, (name, values) in enumerate(curves.items()):
        heights = [ABOVE + HEIGHT * (1 - value / top) for value in values]
        parts += _curve(name, COLOURS[number % len(COLOURS)], list(zip(across, heights, strict=True)), values)
    size = f'width="{LEFT + WIDTH + RIGHT}" height="{ABOVE + HEIGHT + BELOW}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    style = "text { font: 13px sans-serif; fill: #222 } .title { font-weight: 600 } .grid { stroke: #ddd }"
    body = "\n".join(parts)
    path.write_text(
        f'{head}\n<style>{style}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


def _place(number: int, at: Sequence[int]) -> float:
    if len(at) == 1:
        return LEFT + WIDTH / 2
    return LEFT + WIDTH * (math.log(number) - math.log(at[0])) / (math.log(at[-1]) - math.log(at[0]))


def _rounded_up(value: float) -> float:
    """Return the least of 1, 2, 4, 5 and 8 times a power of ten that is not below the value."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value)


def _frame(upwards: str, at: Sequence[int], across: Sequence[float], top: float) -> list[str]:
    bottom = ABOVE + HEIGHT
    lines = []
    for step in range(STEPS + 1):
        y = bottom - HEIGHT * step / STEPS
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{top * step / STEPS:,g}</text>')
    for number, x in zip(at, across, strict=True):
        lines.append(f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{number:,}</text>')
    lines.append(f'<text x="{LEFT + WIDTH / 2}" y="{bottom + 38}" text-anchor="middle">passages</text>')
    lines.append(f'<text x="{LEFT + WIDTH}" y="20" text-anchor="end">{escape(upwards)}</text>')
    return lines


def _curve(name: str, colour: str, points: Sequence[tuple[float, float]], values: Sequence[float]) -> list[str]:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{escape(name)}: {value:,.1f}</title></circle>'
        for (x, y), value in zip(points, values, strict=True)
    ]
    x, y = points[-1]
    label = f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" style="fill: {colour}">{escape(name)}</text>'
    return [f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{line}"/>', *marks, label]
