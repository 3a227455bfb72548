"""What charts of money share: bars around zero on the left scale, a line on its own scale at the right, a legend."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render.chart_axes import Plot, Scale, dollars, round_values
from bot.render.chart_canvas import MARGIN, SMALL, WIDTH, Canvas, width
from bot.render.chart_palette import Colour
from handlers.words import Words

TOP, BOTTOM = 140, 574
LEGEND = 102
GAP = 14
SWATCH = 26


@dataclass(frozen=True, slots=True)
class Axis:
    """One scale and the figures written beside it."""

    scale: Scale
    marks: tuple[tuple[float, str], ...]

    @property
    def room(self) -> int:
        return max((width(text, SMALL) for _, text in self.marks), default=0)


def money_axis(
    words: Words, values: Sequence[float], *, zero: bool = False, signed: bool = True
) -> Axis:
    """With `zero` the scale holds nothing too; unsigned, both directions are written as amounts."""
    known = [*values, 0.0] if zero else list(values)
    scale = Plot(0, TOP, 0, BOTTOM).scale(min(known), max(known))
    marks, _ = round_values(scale.low, scale.high) if any(known) else ((0.0,), 0)
    told = [(mark, mark if signed else abs(mark)) for mark in marks]
    return Axis(scale, tuple((scale(mark), dollars(words, value)) for mark, value in told))


def price_axis(words: Words, values: Sequence[float]) -> Axis:
    scale = Plot(0, TOP, 0, BOTTOM).scale(min(values), max(values))
    marks, digits = round_values(scale.low, scale.high)
    return Axis(scale, tuple((scale(value), words.number(value, digits)) for value in marks))


def draw_axes(canvas: Canvas, left: Axis, right: Axis | None) -> Plot:
    """Grid lines belong to the left scale; the right one is written in its line's colour."""
    look = canvas.look
    start = MARGIN + left.room + GAP
    end = WIDTH - MARGIN - (right.room + GAP if right else 0)
    plot = Plot(start, TOP, end, BOTTOM)
    for y, text in left.marks:
        canvas.across(start, end, y, look.grid)
        canvas.text((start - GAP, y), text, look.dim, SMALL, "rm")
    for y, text in right.marks if right else ():
        canvas.text((end + GAP, y), text, look.line, SMALL)
    return plot


def draw_zero(canvas: Canvas, plot: Plot, scale: Scale) -> None:
    canvas.across(plot.left, plot.right, scale(0.0), canvas.look.ink, 3)


@dataclass(frozen=True, slots=True)
class Key:
    """How a series looks in the legend: a box, two boxes (above and below), a hatched box or a line."""

    colours: tuple[Colour, ...]
    line: bool = False
    hatched: bool = False


def draw_legend(canvas: Canvas, names: Sequence[str], keys: Sequence[Key]) -> float:
    """Where it ends."""
    x, y = float(MARGIN), LEGEND
    for name, key in zip(names, keys, strict=False):
        for colour in key.colours:
            box = (x, y - SWATCH / 2, x + SWATCH, y + SWATCH / 2)
            if key.line:
                canvas.line(((x, y + 7), (x + 12, y - 6), (x + SWATCH + 8, y + 4)), colour, 5)
            elif key.hatched:
                canvas.hatched(box, colour)
            else:
                canvas.box(box, colour)
            x += SWATCH + (14 if key.line else 8)
        canvas.text((x + 6, y), name, canvas.look.ink, SMALL)
        x += width(name, SMALL) + 40
    return x
