"""The drawings: one place, the same on the page and in the PDF. SVG by attributes, each with a text alternative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from math import cos, pi, sin

from markupsafe import Markup, escape

INK = "#14213D"
MUTED = "#414B5F"
BRAND = "#0F4C5C"
SOFT = "#E3EEF0"
LINE = "#C9D3D8"
ATTENTION = "#B54708"
ATTENTION_SOFT = "#FBEBDD"
#: From pale to deep, one for each band.
BANDS = ("#9DB4BA", "#5E8C97", "#2A6A78", "#0F4C5C")

FONTS = {
    "en": "'Open Sans', 'Helvetica Neue', 'Noto Sans CJK HK', Arial, sans-serif",
    "zh-Hant-HK": "'Noto Sans CJK HK', 'Noto Sans HK', 'PingFang HK', 'Microsoft JhengHei', sans-serif",
    "zh-Hans-CN": "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
}


@dataclass(frozen=True, slots=True)
class BandSpan:
    """A band on the gauge. ``floor`` is the lowest score in it."""

    name: str
    floor: Decimal
    reached: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A dimension's level, None where it is not scored; ``note`` marks the weakest."""

    name: str
    level: Decimal | None
    weakest: bool
    note: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A pillar's mean, None where nothing of it is scored."""

    name: str
    mean: Decimal | None


@dataclass(frozen=True, slots=True)
class Assessed:
    """A result on the way from then to now."""

    at: datetime
    score: Decimal
    #: Written beneath it.
    label: str
    #: What the answers before it give under its version of the rubric, where that is another one; else None.
    bridged: Decimal | None
    #: Written where the version changed; "" where it did not.
    version: str
    #: Whether a line leads here: not where nothing says which questions of two versions match.
    follows: bool = True
    #: Its place among all results, which orders those of one moment.
    number: int = 0


@dataclass(frozen=True, slots=True)
class Corrected:
    """A result that corrected another one: a small mark beside the way."""

    at: datetime
    score: Decimal
    #: Its place among all results, which orders those of one moment.
    number: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and what it says in words."""

    svg: Markup
    alternative: str


def gauge(score: Decimal, bands: Sequence[BandSpan], scale: tuple[int, int], alternative: str, tag: str) -> Chart:
    """Draw where *score* stands among *bands* on the scale from lowest to highest level."""
    left, width, top, height = 12, 336, 34, 18
    lowest, highest = scale

    def x(value: Decimal) -> float:
        return left + float((value - lowest) / (highest - lowest)) * width

    parts = []
    written_to = 0.0
    ends = [*(band.floor for band in bands[1:]), Decimal(highest)]
    for index, (band, end) in enumerate(zip(bands, ends, strict=True)):
        start, stop = x(band.floor) + (1 if index else 0), x(end) - 1
        stroke = f' stroke="{INK}" stroke-width="2"' if band.reached else f' stroke="{BRAND}" stroke-width="0.75"'
        parts.append(
            f'<rect x="{start:.1f}" y="{top}" width="{stop - start:.1f}" height="{height}" rx="2" '
            f'fill="{BANDS[min(index, len(BANDS) - 1)]}"{stroke}/>'
        )
        middle, anchor = (start + stop) / 2, "middle"
        if index == len(bands) - 1:
            middle, anchor = float(left + width), "end"
        weight = "700" if band.reached else "400"
        wide = _width(band.name, 12.5)
        ends_at = middle if anchor == "end" else middle + wide / 2
        # A name that would touch the one before it stands a line lower.
        lower = ends_at - wide < written_to + 6
        written_to = written_to if lower else ends_at
        parts.append(
            _text(middle, top + height + (33 if lower else 17), band.name, 12.5, anchor=anchor, weight=weight, fill=INK)
        )
    point = x(score)
    parts.append(f'<path d="M{point:.1f} {top - 2} l-7 -9 h14 z" fill="{INK}"/>')
    # At the ends of the scale the number stays whole.
    written_at = min(max(point, left + 4), left + width - 4)
    parts.append(_text(written_at, top - 15, str(score), 17, anchor="middle", weight="700", fill=INK))
    return _chart(360, 90, "".join(parts), alternative, tag)


def bars(rows: Sequence[Bar], scale: tuple[int, int], alternative: str, tag: str) -> Chart:
    """Draw one bar for each dimension, the weakest marked by colour, outline and word."""
    highest = scale[1]
    label, width, step = 166, 126, 27
    # As large as the longest name allows: on a phone the drawing is a little smaller than its numbers say.
    size = min(14.0, (label - 6) / max(_width(row.name, 1) for row in rows))
    parts = []
    for index, row in enumerate(rows):
        y = index * step + 4
        colour, back = (ATTENTION, ATTENTION_SOFT) if row.weakest else (BRAND, SOFT)
        parts.append(
            _text(
                0, y + 14, row.name, size, weight="700" if row.weakest else "400", fill=colour if row.weakest else INK
            )
        )
        parts.append(f'<rect x="{label}" y="{y + 3}" width="{width}" height="12" rx="2" fill="{back}"/>')
        if row.level is not None:
            filled = float(row.level / highest) * width
            outline = f' stroke="{INK}" stroke-width="1"' if row.weakest else ""
            parts.append(
                f'<rect x="{label}" y="{y + 3}" width="{filled:.1f}" height="12" rx="2" fill="{colour}"{outline}/>'
            )
        shown = "–" if row.level is None else f"{row.level}"
        parts.append(_text(label + width + 9, y + 14, shown, 14, weight="700", fill=INK))
        if row.note:
            parts.append(_text(label + width + 22, y + 14, row.note, 12, fill=ATTENTION if row.weakest else MUTED))
    return _chart(360, len(rows) * step + 8, "".join(parts), alternative, tag)


def radar(axes: Sequence[Axis], scale: tuple[int, int], alternative: str, tag: str) -> Chart:
    """Draw the pillars' means as a radar from 0 to the highest level."""
    highest = scale[1]
    centre_x, centre_y, radius = 180, 142, 92

    def point(index: int, value: float) -> tuple[float, float]:
        angle = -pi / 2 + 2 * pi * index / len(axes)
        reach = radius * value / highest
        return centre_x + reach * cos(angle), centre_y + reach * sin(angle)

    parts = []
    for level in range(1, highest + 1):
        ring = " ".join("{:.1f},{:.1f}".format(*point(index, level)) for index in range(len(axes)))
        parts.append(f'<polygon points="{ring}" fill="none" stroke="{LINE}" stroke-width="1"/>')
    for index in range(len(axes)):
        end_x, end_y = point(index, highest)
        parts.append(
            f'<line x1="{centre_x}" y1="{centre_y}" x2="{end_x:.1f}" y2="{end_y:.1f}" stroke="{LINE}" '
            'stroke-width="1"/>'
        )
    found = [(index, float(axis.mean)) for index, axis in enumerate(axes) if axis.mean is not None]
    shape = " ".join("{:.1f},{:.1f}".format(*point(index, value)) for index, value in found)
    parts.append(f'<polygon points="{shape}" fill="{BRAND}" fill-opacity="0.15" stroke="{BRAND}" stroke-width="2"/>')
    for index, value in found:
        dot_x, dot_y = point(index, value)
        parts.append(f'<circle cx="{dot_x:.1f}" cy="{dot_y:.1f}" r="3.5" fill="{BRAND}"/>')
    for index, axis in enumerate(axes):
        parts.append(_axis_label(axis, *point(index, highest * 1.14), centre_x))
    return _chart(360, 270, "".join(parts), alternative, tag)


#: Where the drawing of a trend lies.
_LEFT, _RIGHT, _TOP, _HIGH = 26, 334, 22, 150
#: How wide the way is from the first point to the last, and how far apart two points stand at least.
_WIDE, _STEP = _RIGHT - _LEFT - 44, 30.0


def trend(
    points: Sequence[Assessed],
    corrections: Sequence[Corrected],
    scale: tuple[int, int],
    alternative: str,
    tag: str,
) -> Chart:
    """Draw the scores of assessments over time, the versions of the rubric told apart.

    Points too close to be told apart stand a step apart, in their order.

    Where the version changed, the line goes on from what the answers before give under the newer version: the step
    up or down between the two, which is dotted, is the rubric's and not the company's.
    """
    lowest, highest = scale
    marks: list[Assessed | Corrected] = sorted([*points, *corrections], key=lambda mark: (mark.at, mark.number))
    places = _apart(_to_scale([mark.at for mark in marks]))
    # By the mark itself: two may be of one moment.
    across = {id(mark): _LEFT + 22 + place for mark, place in zip(marks, places, strict=True)}

    def y_of(score: Decimal) -> float:
        return _TOP + _HIGH * float((highest - score) / (highest - lowest))

    def place(mark: Assessed | Corrected) -> tuple[float, float]:
        return across[id(mark)], y_of(mark.score)

    parts = []
    for level in range(lowest, highest + 1):
        y = y_of(Decimal(level))
        parts.append(
            f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_RIGHT}" y2="{y:.1f}" stroke="{LINE}" stroke-width="1"/>'
            + _text(_LEFT - 8, y + 4, str(level), 12, anchor="end", fill=MUTED)
        )
    for before, after in pairwise(points):
        bridged_y = None if after.bridged is None else y_of(after.bridged)
        parts += _way(place(before), place(after), after, bridged_y)
    for correction in corrections:
        x, y = place(correction)
        diamond = f"M{x:.1f} {y - 5:.1f} l5 5 l-5 5 l-5 -5 z"
        parts.append(f'<path d="{diamond}" fill="#FFFFFF" stroke="{ATTENTION}" stroke-width="1.5"/>')
    for point in points:
        x, y = place(point)
        parts.append(_dot(x, y))
        # Above its point, but for one at the top, where the version is written.
        at = y - 10 if y > _TOP + 12 else y + 20
        parts.append(_text(x, at, str(point.score), 14, anchor="middle", weight="700", fill=INK))
    parts += _days(points, [place(point)[0] for point in points])
    return _chart(360, _TOP + _HIGH + 46, "".join(parts), alternative, tag)


def spaced(moments: Sequence[datetime]) -> bool:
    """Return whether results of these moments are drawn further apart than they were."""
    exact = _to_scale(sorted(moments))
    return any(abs(drawn - true) > 0.5 for drawn, true in zip(_apart(exact), exact, strict=True))


def _to_scale(moments: Sequence[datetime]) -> list[float]:
    """Return where moments in their order stand on the way."""
    if not moments:
        return []
    length = (moments[-1] - moments[0]).total_seconds() or 1
    return [_WIDE * (each - moments[0]).total_seconds() / length for each in moments]


def _apart(places: Sequence[float]) -> list[float]:
    """Return places in their order with a step between any two, none of them off the way."""
    step = min(_STEP, _WIDE / max(1, len(places) - 1))
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + step) if found else place)
    end = float(_WIDE)
    for index in reversed(range(len(found))):
        found[index] = min(found[index], end)
        end = found[index] - step
    return found


def _way(before: tuple[float, float], here: tuple[float, float], after: Assessed, bridged_y: float | None) -> list[str]:
    """Return the line from one assessment to the next, with what the rubric changed between them."""
    parts = []
    (x, y), (to_x, to_y) = before, here
    if bridged_y is not None:
        parts += [_line(x, y, x, bridged_y, "2 3"), _dot(x, bridged_y, hollow=True)]
        y = bridged_y
    if after.version:
        middle = (x + to_x) / 2
        parts.append(_line(middle, _TOP - 6, middle, _TOP + _HIGH, "4 4", MUTED))
        parts.append(_text(middle, _TOP - 10, after.version, 12, anchor="middle", fill=MUTED))
    if after.follows:
        parts.append(_line(x, y, to_x, to_y))
    return parts


def _days(points: Sequence[Assessed], places: Sequence[float]) -> list[str]:
    """Return the days beneath the points, on two lines; one without room on either is left out.

    The first and the last come before the others, and always find room.
    """
    parts = []
    written: tuple[list[tuple[float, float]], ...] = ([], [])
    labelled = list(zip(points, places, strict=True))
    for point, x in [labelled[0], labelled[-1], *labelled[1:-1]]:
        wide = _width(point.label, 12)
        begins = min(max(x - wide / 2, 2), 358 - wide)
        for row, taken in enumerate(written):
            if all(begins >= end + 8 or begins + wide + 8 <= begin for begin, end in taken):
                parts.append(_text(begins, _TOP + _HIGH + 20 + 16 * row, point.label, 12, fill=INK))
                taken.append((begins, begins + wide))
                break
    return parts


def _line(x: float, y: float, to_x: float, to_y: float, dashes: str = "", colour: str = BRAND) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    width = 1 if dashes else 2
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}" '
        f'stroke-width="{width}"{dashed}/>'
    )


def _dot(x: float, y: float, *, hollow: bool = False) -> str:
    fill = "#FFFFFF" if hollow else BRAND
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{fill}" stroke="{BRAND}" stroke-width="2"/>'


def _axis_label(axis: Axis, x: float, y: float, centre: float) -> str:
    anchor = "middle" if abs(x - centre) < 12 else "start" if x > centre else "end"
    shown = "–" if axis.mean is None else str(axis.mean)
    lines = _two_lines(axis.name)
    top = y - 14 * len(lines) if y < 60 else y
    size = 12 if axis.name.isascii() else 14
    drawn = [_text(x, top + 14 * row, line, size, anchor=anchor, fill=INK) for row, line in enumerate(lines)]
    drawn.append(_text(x, top + 14 * len(lines) + 2, shown, 13, anchor=anchor, weight="700", fill=INK))
    return "".join(drawn)


def _width(text: str, size: float) -> float:
    """Return about how wide a text is: Chinese characters are square, bold Latin letters about 0.6 of that."""
    return sum(size if letter > "\u2e7f" else size * 0.6 for letter in text)


def _two_lines(name: str, longest: int = 13) -> list[str]:
    """Return a long name as two lines, parted at the space nearest to its middle."""
    spaces = [index for index, letter in enumerate(name) if letter == " "]
    if len(name) <= longest or not spaces:
        return [name]
    at = min(spaces, key=lambda index: abs(index - len(name) / 2))
    return [name[:at], name[at + 1 :]]


def _text(x: float, y: float, text: str, size: float, *, anchor: str = "start", weight: str = "400", fill: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{fill}">{escape(text)}</text>'
    )


def _chart(width: int, height: int, content: str, alternative: str, tag: str) -> Chart:
    # One element, and no title element: its place is the alternative text beside it, which readers speak once.
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(alternative)}" lang="{tag}" font-family="{FONTS[tag]}">{content}</svg>'
    )
    return Chart(Markup(svg), alternative)  # noqa: S704  (made here; every text in it is escaped)
