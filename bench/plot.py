"""What was measured as an SVG file that stands by itself: curves, or bars where nothing runs across."""

import argparse
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 640, 360, 64, 44, 34, 230
"""Pixels: the field, and the margins around it; to the right stand the curves' names."""
BAR, BETWEEN, CHARACTER = 20, 10, 7
"""Pixels: a bar's height, what is free below it, and the width of a letter of its name."""
APART = 16
"""Pixels between the names of two curves."""
COLOURS = ("#0b6e4f", "#b5461d", "#3457a6", "#7a4a9c", "#8a6d00")
STYLE = "text { font: 13px sans-serif; fill: #222 } .title { font-weight: 600 } .grid { stroke: #ddd }"
STEPS = 4
NARROWEST = 40
"""Pixels: places that stand closer together are not named one by one, but some evenly spread."""
LOGARITHMIC_FROM = 4.0
"""Where the last place is so many times the first, places stand by their logarithms."""

Points = Sequence[tuple[float, float]]
"""Of a curve, from the left to the right: what runs across, and how high it is."""


def add_plot_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Let a command write a plot of `what`: `--plot FILE.svg`."""
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help=f"write {what} to this SVG file")


def write_plot(
    path: Path, title: str, across: str, upwards: str, curves: Mapping[str, Points], lowest: float = 0.0
) -> None:
    """Write curves; `across` and `upwards` say what their points measure, and `lowest` is the height of the ground."""
    heights = [height for points in curves.values() for _, height in points]
    top = lowest + _rounded_up(max(heights) - lowest)
    places = sorted({place for points in curves.values() for place, _ in points})
    parts = [_line(_shown(place), x, ABOVE + HEIGHT + 20, "middle") for place, x in _numbers(places)]
    parts.append(_line(across, LEFT + WIDTH / 2, ABOVE + HEIGHT + 38, "middle"))
    parts += [_line(upwards, LEFT + WIDTH, 20, "end"), *_grid(lowest, top)]
    names = _apart({name: _height(points[-1][1], lowest, top) for name, points in curves.items()})
    for number, (name, points) in enumerate(curves.items()):
        drawn = [(_across(place, places), _height(height, lowest, top)) for place, height in points]
        parts += _curve(name, COLOURS[number % len(COLOURS)], drawn, points, names[name])
    _write(path, title, parts, LEFT + WIDTH + RIGHT, ABOVE + HEIGHT + BELOW)


def write_bars(path: Path, title: str, unit: str, bars: Mapping[str, float]) -> None:
    """Write a bar below the other, each with its name before it and its length, in `unit`, behind it.

    What is ours, or else the first, stands out.
    """
    left = CHARACTER * max(map(len, bars)) + 24
    longest = max(bars.values()) or 1.0
    parts = [_line(unit, left + WIDTH, 20, "end")]
    for number, (name, value) in enumerate(bars.items()):
        y, length = ABOVE + number * (BAR + BETWEEN), WIDTH * value / longest
        fill = COLOURS[0] if number == 0 or name.startswith("our") else COLOURS[2]
        parts += [
            _line(name, left - 8, y + BAR - 5, "end"),
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{fill}"/>',
            _line(_shown(value), left + length + 6, y + BAR - 5, "start"),
        ]
    _write(path, title, parts, left + WIDTH + LEFT, ABOVE + len(bars) * (BAR + BETWEEN))


def _write(path: Path, title: str, parts: Sequence[str], width: float, height: float) -> None:
    size = f'width="{width:.0f}" height="{height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    title_line = f'<text x="{LEFT}" y="20" class="title">{escape(title)}</text>'
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    body = "\n".join([head, f"<style>{STYLE}</style>", ground, title_line, *parts, "</svg>"])
    path.write_text(body + "\n", encoding="utf-8")


def _line(text: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _shown(value: float) -> str:
    """Return a number with three digits that matter, or all of a greater one."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _numbers(places: Sequence[float]) -> list[tuple[float, float]]:
    """Return the places that are named across, and where each stands."""
    if any(after - before < NARROWEST for before, after in pairwise(_across(place, places) for place in places)):
        shares = [number / STEPS for number in range(STEPS + 1)]
        places = [_between(places[0], places[-1], share) for share in shares]
    return [(place, _across(place, places)) for place in places]


def _between(first: float, last: float, share: float) -> float:
    if _is_logarithmic(first, last):
        return float(first * (last / first) ** share)
    return first + (last - first) * share


def _across(place: float, places: Sequence[float]) -> float:
    first, last = places[0], places[-1]
    if first == last:
        return LEFT + WIDTH / 2
    if _is_logarithmic(first, last):
        return LEFT + WIDTH * math.log(place / first) / math.log(last / first)
    return LEFT + WIDTH * (place - first) / (last - first)


def _is_logarithmic(first: float, last: float) -> bool:
    return first > 0 and last >= LOGARITHMIC_FROM * first


def _height(value: float, lowest: float, top: float) -> float:
    return ABOVE + HEIGHT * (1 - (value - lowest) / (top - lowest))


def _rounded_up(value: float) -> float:
    """Return the least of 1, 2, 4, 5 and 8 times a power of ten that is not below the value."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value * (1 - 1e-9))


def _grid(lowest: float, top: float) -> list[str]:
    lines = []
    for step in range(STEPS + 1):
        value = lowest + (top - lowest) * step / STEPS
        y = _height(value, lowest, top)
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(_line(f"{value:,g}", LEFT - 8, y + 4, "end"))
    return lines


def _apart(heights: Mapping[str, float]) -> dict[str, float]:
    """Return where the curves' names stand, so that none covers another."""
    placed: dict[str, float] = {}
    for name in sorted(heights, key=lambda name: -heights[name]):
        placed[name] = min([heights[name], *(other - APART for other in placed.values())])
    return placed


def _curve(name: str, colour: str, drawn: Points, values: Points, name_y: float) -> list[str]:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
    marks = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{_shown(value)}</title></circle>'
        for (x, y), (_, value) in zip(drawn, values, strict=True)
    ]
    label = f'<text x="{drawn[-1][0] + 10:.1f}" y="{name_y + 4:.1f}" style="fill: {colour}">{escape(name)}</text>'
    return [f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{line}"/>', *marks, label]
