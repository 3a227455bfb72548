"""Positions closed by force, hour by hour: shorts upwards, longs downwards, the price over them."""

from bot.render.chart_axes import Scale
from bot.render.chart_bars import (
    Key,
    draw_axes,
    draw_legend,
    draw_zero,
    money_axis,
    price_axis,
)
from bot.render.chart_canvas import Canvas
from bot.render.chart_time import draw_times, slot, time_scale
from handlers.reply import LiquidationBar, LiquidationChart
from handlers.words import Words


def draw_liquidations(canvas: Canvas, chart: LiquidationChart, words: Words) -> None:
    """`chart` has at least one bar."""
    look, bars = canvas.look, chart.bars
    amounts = [usd for bar in bars for usd in (bar.short_usd, -bar.long_usd)]
    left = money_axis(words, amounts, zero=True, signed=False)
    right = price_axis(words, [price for _, price in chart.price]) if chart.price else None
    plot = draw_axes(canvas, left, right)
    hours = sorted({bar.at for bar in bars} | {at for at, _ in chart.price})
    step = slot([bar.at for bar in bars])
    x = time_scale(plot, hours, step)
    draw_times(canvas, plot, x, hours[0], hours[-1], words)
    half = max(round((x(step.total_seconds()) - x(0.0)) * 0.36), 1)
    for bar in bars:
        _bar(canvas, x, left.scale, min(half, 24), bar)
    draw_zero(canvas, plot, left.scale)
    if right is not None:
        points = [(x(at.timestamp()), right.scale(price)) for at, price in chart.price]
        canvas.line(points, look.line, 5)
    keys = (Key((look.up,)), Key((look.down,)), Key((look.line,), line=True))
    draw_legend(canvas, chart.legend, keys)


def _bar(canvas: Canvas, x: Scale, y: Scale, half: int, bar: LiquidationBar) -> None:
    middle, zero = round(x(bar.at.timestamp())), round(y(0.0))
    if bar.short_usd > 0:
        canvas.box((middle - half, zero, middle + half, y(bar.short_usd)), canvas.look.up)
    if bar.long_usd > 0:
        canvas.box((middle - half, zero, middle + half, y(-bar.long_usd)), canvas.look.down)
