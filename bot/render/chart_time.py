"""The time axis that candles and liquidations share."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bot.render.chart_axes import HOUR, Plot, Scale, time_label, times
from bot.render.chart_canvas import SMALL, Canvas, width
from handlers.words import Words

AXIS = 44  # pixels below a plot for its times


def slot(times_: Sequence[datetime], usual: timedelta = HOUR) -> timedelta:
    """How much time one bar stands for: the smallest step there is."""
    steps = [later - at for at, later in pairwise(times_) if later > at]
    return min(steps, default=usual)


def time_scale(plot: Plot, times_: Sequence[datetime], step: timedelta) -> Scale:
    """Seconds since 1970 across the plot, each bar in the middle of its slot: a hole stays a hole."""
    half = step.total_seconds() / 2
    first, last = times_[0].timestamp(), times_[-1].timestamp()
    return Scale(first - half, last + half, plot.left, plot.right)


def draw_times(
    canvas: Canvas, plot: Plot, scale: Scale, first: datetime, last: datetime, words: Words
) -> None:
    marks = times(first, last)
    step = marks[1] - marks[0] if len(marks) > 1 else HOUR
    free = plot.left
    for at in marks or (first,):
        x, label = scale(at.timestamp()), time_label(words, at, step)
        half = width(label, SMALL) / 2
        if x - half < free or x + half > plot.right + MARGIN_RIGHT:
            continue
        free = x + half + 16
        canvas.upright(x, plot.bottom, plot.bottom + 8, canvas.look.dim)
        canvas.text((x, plot.bottom + 28), label, canvas.look.dim, SMALL, "mm")


MARGIN_RIGHT = 60  # a label may reach so far under the price labels
