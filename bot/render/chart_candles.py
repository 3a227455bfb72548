"""Candles with the zones that matter: hollow when they rose, filled when they fell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.render.chart_axes import Plot, Scale, round_values, spread
from bot.render.chart_canvas import LABEL, MARGIN, SMALL, WIDTH, Canvas, cut, width
from bot.render.chart_palette import Colour
from bot.render.chart_time import draw_times, slot, time_scale
from handlers.reply import Bar, CandleChart, ZoneMark
from handlers.words import Words
from providers.types import Interval

LINE = 36  # a label and its air
WIDEST = 310  # of the labels at the right
GAP = 16  # between the plot and its labels
TAG = 6  # around the last price
TOP, BOTTOM = 88, 574


@dataclass(frozen=True, slots=True)
class Note:
    """A label at the right edge and where it would like to stand."""

    at: float
    text: str
    colour: Colour


def draw_candles(canvas: Canvas, chart: CandleChart, words: Words) -> None:
    """`chart` has at least one bar."""
    bars, zones, last = chart.bars, chart.zones, chart.bars[-1].close
    tag = width(words.price(last), LABEL) + 2 * TAG
    labels = max(tag, min(max((width(z.label, SMALL) for z in zones), default=0), WIDEST))
    plot = Plot(MARGIN, TOP, WIDTH - labels - GAP - MARGIN / 2, BOTTOM)
    # Of a broken bar, the body may lie outside its own low and high.
    prices = [p for bar in bars for p in (bar.open, bar.high, bar.low, bar.close)] + [
        p for zone in zones for p in (zone.low, zone.high)
    ]
    y = plot.scale(min(prices), max(prices))
    _zones(canvas, plot, y, zones)
    values, digits = round_values(y.low, y.high, 6)
    for value in values:
        canvas.across(plot.left, plot.right, y(value), canvas.look.grid)
    canvas.dashes(plot.left, plot.right + GAP, y(last), canvas.look.ink)
    _bars(canvas, plot, y, chart, words)
    _labels(canvas, plot, y, chart, words, [(y(v), words.number(v, digits)) for v in values])


def _zones(canvas: Canvas, plot: Plot, y: Scale, zones: Sequence[ZoneMark]) -> None:
    """A band with its edge towards the price drawn: whole for resistance, dashed for support."""
    look = canvas.look
    for zone in zones:
        low, high = y(zone.low), y(zone.high)
        middle = (low + high) / 2
        box = (plot.left, min(high, middle - 3), plot.right, max(low, middle + 3))
        canvas.box(box, look.resistance_band if zone.resistance else look.support_band)
    for zone in zones:
        if zone.resistance:
            canvas.across(plot.left, plot.right, y(zone.low), look.resistance, 2)
        else:
            canvas.dashes(plot.left, plot.right, y(zone.high), look.support)


def _bars(canvas: Canvas, plot: Plot, y: Scale, chart: CandleChart, words: Words) -> None:
    times = [bar.at for bar in chart.bars]
    step = slot(times, _length(chart.interval))
    x = time_scale(plot, times, step)
    pitch = x(times[0].timestamp() + step.total_seconds()) - x(times[0].timestamp())
    half = min(max(round(pitch * 0.36), 1), 24)
    draw_times(canvas, plot, x, times[0], times[-1], words)
    for bar in chart.bars:
        _candle(canvas, round(x(bar.at.timestamp())), half, y, bar)


def _candle(canvas: Canvas, x: int, half: int, y: Scale, bar: Bar) -> None:
    rose = bar.close >= bar.open
    colour = canvas.look.up if rose else canvas.look.down
    top, bottom = round(y(max(bar.open, bar.close))), round(y(min(bar.open, bar.close)))
    canvas.upright(x, round(y(bar.high)), round(y(bar.low)), colour)
    box = (x - half, top, x + half, max(bottom, top + 2))
    if rose and half >= 2 and bottom - top > 4:
        canvas.frame(box, colour)
    else:
        canvas.box(box, colour)


def _length(interval: str) -> timedelta:
    try:
        return Interval(interval).length
    except ValueError:
        return timedelta(days=1)


def _labels(
    canvas: Canvas,
    plot: Plot,
    y: Scale,
    chart: CandleChart,
    words: Words,
    ticks: Sequence[tuple[float, str]],
) -> None:
    """The last price stands where it is; zones make room for it and for each other; ticks take what is left."""
    last, look, left = chart.bars[-1].close, canvas.look, plot.right + GAP
    at = y(last)
    notes = [
        Note(
            y((zone.low + zone.high) / 2),
            cut(zone.label, SMALL, WIDTH - left),
            look.resistance if zone.resistance else look.support,
        )
        for zone in chart.zones
    ]
    above = [note for note in notes if note.at <= at]
    below = [note for note in notes if note.at > at]
    placed = _placed(above, at, plot.top, at - LINE - 4)
    placed += _placed(below, at, at + LINE + 4, plot.bottom)
    for place, note in placed:
        canvas.line(((plot.right, note.at), (left - 4, place)), note.colour, 2)
        canvas.text((left, place), note.text, note.colour, SMALL)
    taken = [place for place, _ in placed] + [at]
    for place, text in ticks:
        if all(abs(place - other) >= LINE for other in taken):
            canvas.text((left, place), text, look.dim, SMALL)
    text = words.price(last)
    canvas.tag((left - TAG, at - 22, left + width(text, LABEL) + TAG, at + 22), look.ink)
    canvas.text((left, at), text, look.ground, LABEL)


def _placed(
    notes: Sequence[Note], at: float, top: float, bottom: float
) -> list[tuple[float, Note]]:
    """As many as there is room for, the nearest to the price first to be kept."""
    room = max(int((bottom - top) // LINE) + 1, 0)
    near = sorted(notes, key=lambda note: abs(note.at - at))[:room]
    kept = sorted(near, key=lambda note: note.at)
    return list(zip(spread([note.at for note in kept], LINE, top, bottom), kept, strict=True))
