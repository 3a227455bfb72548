"""
A chart spec drawn as a small PNG: 1200 by 750, type large enough for a phone.

Pure: the same spec gives the same bytes. Takes some ten milliseconds of processor, so callers draw off the event loop.
"""

from math import isfinite
from typing import assert_never

import msgspec

from bot.languages import words_in
from bot.render.chart_candles import draw_candles
from bot.render.chart_canvas import HEIGHT, LABEL, MARGIN, SMALL, TITLE, WIDTH, Canvas, width
from bot.render.chart_flows import draw_flows
from bot.render.chart_liquidations import draw_liquidations
from bot.render.chart_palette import theme
from handlers.reply import AnyChart, CandleChart, FlowChart, LiquidationChart
from handlers.words import Words

TITLE_AT, FOOTER_AT = 60, HEIGHT - 20


def draw(chart: AnyChart) -> bytes:
    """PNG. Figures that are not finite are left out; with none left the picture says its alt text instead."""
    shown, words = _finite(chart), words_in(chart.locale)
    canvas = Canvas(theme(dark=chart.dark))
    room = WIDTH - 2 * MARGIN
    canvas.fitted((MARGIN, TITLE_AT), chart.title, canvas.look.ink, TITLE, room)
    if shown.bars:
        _draw_kind(canvas, shown, words)
    else:
        _in_words(canvas, chart.alt, room)
    canvas.fitted((MARGIN, FOOTER_AT), chart.footer, canvas.look.dim, SMALL, room)
    return canvas.png()


def _draw_kind(canvas: Canvas, chart: AnyChart, words: Words) -> None:
    match chart:
        case CandleChart():
            draw_candles(canvas, chart, words)
        case FlowChart():
            draw_flows(canvas, chart, words)
        case LiquidationChart():
            draw_liquidations(canvas, chart, words)
        case _ as never:
            assert_never(never)


def _finite(chart: AnyChart) -> AnyChart:
    match chart:
        case CandleChart():
            bars = tuple(b for b in chart.bars if _all(b.open, b.high, b.low, b.close))
            zones = tuple(z for z in chart.zones if _all(z.low, z.high))
            return msgspec.structs.replace(chart, bars=bars, zones=zones)
        case FlowChart():
            return msgspec.structs.replace(chart, bars=tuple(b for b in chart.bars if _all(b.usd)))
        case LiquidationChart():
            hours = tuple(b for b in chart.bars if _all(b.long_usd, b.short_usd))
            price = tuple(p for p in chart.price if _all(p[1]))
            return msgspec.structs.replace(chart, bars=hours, price=price)
        case _ as never:
            assert_never(never)


def _all(*values: float) -> bool:
    return all(isfinite(value) for value in values)


def _in_words(canvas: Canvas, text: str, room: int) -> None:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and width(longer, LABEL) > room:
            lines.append(line)
            longer = word
        line = longer
    for place, told in enumerate([*lines, line][:10]):
        canvas.text((MARGIN, 200 + place * 46), told, canvas.look.dim, LABEL)
