"""ETF flows: a bar per trade date on the left scale, the running sum as a line on its own at the right."""

from itertools import accumulate

from babel.dates import format_date

from bot.render.chart_axes import Plot, Scale
from bot.render.chart_bars import (
    BOTTOM,
    LEGEND,
    Key,
    draw_axes,
    draw_legend,
    draw_zero,
    money_axis,
)
from bot.render.chart_canvas import MARGIN, SMALL, WIDTH, Canvas, width
from handlers.reply import FlowBar, FlowChart
from handlers.words import Words

NAMED = 5  # dates written below the bars


def draw_flows(canvas: Canvas, chart: FlowChart, words: Words) -> None:
    """`chart` has at least one bar. The running sum ends with the last day that is not partial."""
    look, bars = canvas.look, chart.bars
    sums = list(accumulate(bar.usd for bar in bars if not bar.partial)) or [0.0]
    left = money_axis(words, [bar.usd for bar in bars], zero=True)
    right = money_axis(words, sums)
    plot = draw_axes(canvas, left, right)
    x = Scale(-0.5, len(bars) - 0.5, plot.left, plot.right)
    for place, bar in enumerate(bars):
        _bar(canvas, x, left.scale, place, bar)
    draw_zero(canvas, plot, left.scale)
    canvas.line([(x(i), right.scale(total)) for i, total in enumerate(sums)], look.line, 5)
    _dates(canvas, plot, x, chart, words)
    colour = look.up if bars[-1].usd >= 0 else look.down
    keys = (Key((look.up, look.down)), Key((look.line,), line=True), Key((colour,), hatched=True))
    _last(canvas, chart, words, draw_legend(canvas, chart.legend, keys))


def _bar(canvas: Canvas, x: Scale, y: Scale, place: int, bar: FlowBar) -> None:
    half = min(max(round((x(1) - x(0)) * 0.36), 1), 40)
    middle, colour = round(x(place)), canvas.look.up if bar.usd >= 0 else canvas.look.down
    box = (middle - half, round(y(0.0)), middle + half, round(y(bar.usd)))
    if bar.partial:
        canvas.hatched(box, colour)
    else:
        canvas.box(box, colour)


def _dates(canvas: Canvas, plot: Plot, x: Scale, chart: FlowChart, words: Words) -> None:
    """Every so many trade dates, counted back from the last: that one is always named."""
    every = max(1, -(-len(chart.bars) // NAMED))
    for place in range(len(chart.bars) - 1, -1, -every):
        label = format_date(chart.bars[place].day, words("d MMM"), locale=words.locale)
        half = width(label, SMALL) / 2
        at = max(x(place), half)
        canvas.upright(x(place), plot.bottom, plot.bottom + 8, canvas.look.dim)
        canvas.text((at, BOTTOM + 28), label, canvas.look.dim, SMALL, "mm")


def _last(canvas: Canvas, chart: FlowChart, words: Words, end: float) -> None:
    """The newest figure with its date, at the right of the legend where that leaves room."""
    bar = chart.bars[-1]
    day = format_date(bar.day, words("d MMM"), locale=words.locale)
    text = f"{day} {words.money(bar.usd, signed=True)}"
    if end + width(text, SMALL) <= WIDTH - MARGIN:
        canvas.text((WIDTH - MARGIN, LEGEND), text, canvas.look.ink, SMALL, "rm")
