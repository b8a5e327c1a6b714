"""Plots as inline SVG: real text, no script, colours of the page, and words for who cannot see.

Written out rather than drawn by a plotting library: three forms of plot need no dependency of
sixty megabytes, and text that stays text can be read aloud, searched and enlarged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from xml.etree import ElementTree as Xml

WIDTH = 720
# Twenty-eight characters, also in the larger letters of a small screen.
LABEL_WIDTH = 250
VALUE_WIDTH = 70
ROW = 30
AXIS = 44
MARGIN = 12
CURVE_HEIGHT = 300
KEY = 24
# How many numbers stand along an axis.
TICKS = 5
# Lines are told apart without colours too.
DASHES = ("", "8 4", "2 4", "10 3 2 3", "1 6")


@dataclass(frozen=True, slots=True)
class Words:
    """A plot in words: `key` names it within its page."""

    key: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with the title to show above it."""

    title: str
    svg: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A value with its bounds, on a row of its own; `series` chooses its colour."""

    label: str
    value: float
    low: float
    high: float
    series: int = 0


def intervals(
    marks: Sequence[Mark],
    words: Words,
    shown: Callable[[float], str],
    top: float = 1.0,
) -> Plot:
    """A dot for each value, a bar between its bounds; the axis goes from 0 to `top` or beyond."""
    top = TICKS * next(step for step in _round_steps() if TICKS * step >= top)
    height = MARGIN + ROW * len(marks) + AXIS
    svg = _svg(height, words)
    left, right = LABEL_WIDTH, WIDTH - VALUE_WIDTH

    def x(value: float) -> float:
        return left + (right - left) * min(max(value / top, 0.0), 1.0)

    bottom = MARGIN + ROW * len(marks)
    for step in range(TICKS + 1):
        value = top * step / TICKS
        _line(svg, x(value), MARGIN, x(value), bottom, "grid")
        _text(svg, x(value), bottom + 20, shown(value), "middle")
    for row, mark in enumerate(marks):
        y = MARGIN + ROW * (row + 0.5)
        _text(svg, left - 10, y + 5, mark.label, "end")
        _line(svg, x(mark.low), y, x(mark.high), y, f"bound s{mark.series}")
        _circle(svg, x(mark.value), y, f"dot s{mark.series}")
        _text(svg, right + 10, y + 5, shown(mark.value), "start")
    return _plot(svg, words)


def curves(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    words: Words,
    axis: str,
    shown: Callable[[float], str],
    at: float | None = None,
) -> Plot:
    """Lines between 0 and 1 on both axes, each named below; `at` marks a place below."""
    svg = _svg(CURVE_HEIGHT + AXIS + 2 * MARGIN + KEY * len(lines), words)
    left, right, bottom = 50, WIDTH - VALUE_WIDTH, MARGIN + CURVE_HEIGHT

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return left + (right - left) * point[0], bottom - CURVE_HEIGHT * point[1]

    for step in range(TICKS + 1):
        x, y = place((step / TICKS, step / TICKS))
        _line(svg, left, y, right, y, "grid")
        _text(svg, left - 8, y + 5, shown(step / TICKS), "end")
        _text(svg, x, bottom + 20, shown(step / TICKS), "middle")
    _text(svg, (left + right) / 2, bottom + 40, axis, "middle")
    if at is not None:
        _line(svg, place((at, 0))[0], MARGIN, place((at, 0))[0], bottom, "mark")
    for number, (name, points) in enumerate(lines.items()):
        placed = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, points))
        line = Xml.SubElement(svg, "polyline", {"points": placed, "class": f"line s{number}"})
        line.set("stroke-dasharray", DASHES[number % len(DASHES)])
        y = bottom + AXIS + MARGIN + KEY * (number + 0.5)
        key = _line(svg, left, y - 5, left + 40, y - 5, f"line s{number}")
        key.set("stroke-dasharray", DASHES[number % len(DASHES)])
        _text(svg, left + 52, y, name, "start")
    return _plot(svg, words)


def _round_steps() -> Iterator[float]:
    """0.1, 0.2, 0.5, 1, 2, 5, 10… and on: what people count by."""
    return (step * 10.0**power for power in count(-1) for step in (1, 2, 5))


def _svg(height: float, words: Words) -> Xml.Element:
    names = {tag: f"plot-{words.key}-{tag}" for tag in ("title", "desc")}
    svg = Xml.Element(
        "svg",
        {
            "viewBox": f"0 0 {WIDTH} {height:.0f}",
            "role": "img",
            "aria-labelledby": " ".join(names.values()),
        },
    )
    for tag, text in (("title", words.title), ("desc", words.description)):
        Xml.SubElement(svg, tag, {"id": names[tag]}).text = text
    return svg


def _line(svg: Xml.Element, x1: float, y1: float, x2: float, y2: float, kind: str) -> Xml.Element:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return Xml.SubElement(
        svg, "line", {name: f"{value:.1f}" for name, value in ends.items()} | {"class": kind}
    )


def _circle(svg: Xml.Element, x: float, y: float, kind: str) -> None:
    Xml.SubElement(svg, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "5", "class": kind})


def _text(svg: Xml.Element, x: float, y: float, text: str, anchor: str) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    Xml.SubElement(svg, "text", place).text = text


def _plot(svg: Xml.Element, words: Words) -> Plot:
    return Plot(words.title, Xml.tostring(svg, encoding="unicode"))
