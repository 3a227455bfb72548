"""/chart [ASSET] [15m|1h|4h|1d|1w], /chart flows, /chart liqs: a picture with the story in its caption."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from config.watchlist import Asset
from handlers.analysis.levels import Level
from handlers.analysis.liquidations import liquidation_sum
from handlers.arguments import LENGTHS, interval, no_more, split_asset
from handlers.arguments import asset as named_asset
from handlers.charts import (
    candle_chart,
    candle_title,
    flow_chart,
    flow_title,
    liquidation_chart,
    liquidation_title,
)
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.facts.ask import bars_section, flows_section, levels_section, options_section
from handlers.facts.shapes import Missing
from handlers.flow_words import partial_line, status_word, streak_line
from handlers.footer import footer
from handlers.missing import absent
from handlers.reply import (
    AnyBlock,
    Button,
    ButtonStyle,
    Control,
    Line,
    Reply,
    Strong,
    Text,
    text,
)
from handlers.telling.places import next_places
from handlers.words import Words
from providers.errors import ProviderError
from providers.types import Candle, FlowDay, Interval, Reading

EXAMPLE = "/chart eth 4h"
BARS = {
    Interval.M15: 96,  # a day
    Interval.H1: 96,  # four days
    Interval.H4: 90,  # fifteen days
    Interval.D1: 90,
    Interval.W1: 104,  # two years
}
DAYS = 30
SPAN = timedelta(hours=48)
KINDS = {"flows": "flows", "etf": "flows", "liqs": "liqs", "liquidations": "liqs"}


async def chart(request: Request, desk: Desk) -> Reply:
    kind = KINDS.get(request.args[0].lower()) if request.args else None
    asset, rest = split_asset(request if kind is None else _without_first(request), desk)
    if kind is None:
        if rest and not rest[0][0].isdigit():
            asset, rest = named_asset(request, desk, rest[0], example=EXAMPLE), rest[1:]
        length = interval(request, rest[0], example=EXAMPLE) if rest else Interval.H4
        no_more(request, rest[1:], example=EXAMPLE)
        return await _candles(request, desk, asset, length)
    no_more(request, rest, example=f"/chart {kind} btc")
    return await (_flows if kind == "flows" else _liquidations)(request, desk, asset)


def _without_first(request: Request) -> Request:
    return replace(request, args=request.args[1:])


async def _candles(request: Request, desk: Desk, asset: Asset, length: Interval) -> Reply:
    words = request.words
    bars, levels, dark = await asyncio.gather(
        desk.market.candles(asset, length, BARS[length]), _levels(desk, asset), _dark(request, desk)
    )
    if not bars.value:
        raise UserError(
            words("There are no candles of {asset} yet.", asset=asset.symbol), example="/status"
        )
    known = () if isinstance(levels, Missing) else levels.value
    return Reply(
        candle_title(words, asset, length, bars.value),
        _places(words, levels),
        footer(words, desk.now(), [bars]),
        controls=(_lengths(asset, length), _others(words, asset)),
        chart=candle_chart(words, asset, length, bars, known, dark=dark),
        quiet=True,
    )


def _places(words: Words, levels: Reading[tuple[Level, ...]] | Missing) -> tuple[AnyBlock, ...]:
    if isinstance(levels, Missing):
        return (text(absent(words, words("Levels"), levels)),)
    lines = next_places(words, levels.value)
    return (Text(lines),) if lines else ()


async def _levels(desk: Desk, asset: Asset) -> Reading[tuple[Level, ...]] | Missing:
    """With every reason that /levels gives."""
    market, now = desk.market, desk.now()
    bars, options = await asyncio.gather(
        bars_section(market, asset, now), options_section(market, asset, now)
    )
    basis = None
    if asset.etf and not isinstance(bars, Missing):
        flows = await flows_section(market, asset, now, bars.value)
        basis = None if isinstance(flows, Missing) else flows.value.cost_basis
    pains = () if isinstance(options, Missing) else options.value
    return await levels_section(market, asset, now, bars, basis, pains)


async def _flows(request: Request, desk: Desk, asset: Asset) -> Reply:
    words, now = request.words, desk.now()
    if not asset.etf:
        raise UserError(
            words("There are no US spot ETF flows of {asset} here.", asset=asset.symbol),
            example="/chart flows btc",
        )
    known, dark = await asyncio.gather(flows_section(desk.market, asset, now), _dark(request, desk))
    if isinstance(known, Missing):
        raise UserError(absent(words, words("ETF flows"), known), example="/status")
    days = tuple(day for day in known.value.recent if day.net_usd is not None)[-DAYS:]
    lines = [_last_day(words, known.value.last), streak_line(words, known.value)]
    if known.value.partial is not None:
        lines.append(partial_line(words, known.value.partial))
    return Reply(
        flow_title(words, asset, days),
        (Text(tuple(lines)),),
        footer(words, now, [known]),
        controls=((Button(words("Refresh"), f"chart flows {asset.symbol}"),),),
        chart=flow_chart(words, asset, known, days, dark=dark),
        quiet=True,
    )


def _last_day(words: Words, day: FlowDay) -> Line:
    net = words.money(day.net_usd or 0.0, signed=True)
    rest = words(" {net}, {status}", net=net, status=status_word(words, day))
    return (Strong(words.day(day.trade_date)), rest)


async def _liquidations(request: Request, desk: Desk, asset: Asset) -> Reply:
    words, now = request.words, desk.now()
    end = now.replace(minute=0, second=0, microsecond=0)
    book, price, dark = await asyncio.gather(
        desk.market.liquidations(asset, end - SPAN), _hours(desk, asset), _dark(request, desk)
    )
    total = liquidation_sum(book.value.buckets, book.value.coverage, end, SPAN)
    if total is None:
        raise UserError(
            words("No venue was heard in the last {span}.", span=words.span(SPAN)),
            example="/liqs btc 24h",
        )
    note = words("At least, because most venues publish a sample: one per contract and second.")
    return Reply(
        liquidation_title(words, asset, total),
        (text(note),),
        footer(words, now, [book]),
        controls=((Button(words("Refresh"), f"chart liqs {asset.symbol}"),),),
        chart=liquidation_chart(words, asset, book, price, total, dark=dark),
        quiet=True,
    )


async def _hours(desk: Desk, asset: Asset) -> tuple[Candle, ...]:
    """The price over the bars is an extra: without it they still tell theirs."""
    try:
        return (await desk.market.candles(asset, Interval.H1, SPAN // Interval.H1.length + 2)).value
    except ProviderError:
        return ()


async def _dark(request: Request, desk: Desk) -> bool:
    return (await desk.notebook.preferences(request.channel)).dark_charts


def _lengths(asset: Asset, shown: Interval) -> tuple[Control, ...]:
    return tuple(
        Button(
            length.value,
            f"chart {asset.symbol} {length.value}",
            style=ButtonStyle.PRIMARY if length is shown else ButtonStyle.PLAIN,
        )
        for length in LENGTHS
    )


def _others(words: Words, asset: Asset) -> tuple[Control, ...]:
    flows = Button(words("ETF flows"), f"chart flows {asset.symbol}", edits=False)
    liqs = Button(words("Liquidations"), f"chart liqs {asset.symbol}", edits=False)
    return (flows, liqs) if asset.etf else (liqs,)


COMMAND = Command(
    "chart",
    "/chart [flows|liqs] [ASSET] [15m|1h|4h|1d|1w]",
    "A picture: candles with levels, flows, liqs",
    chart,
    options=(
        Option("what", "Instead of candles", OptionKind.CHOICE, choices=("flows", "liqs")),
        Option("asset", "BTC, ETH, SOL …", OptionKind.ASSET),
        Option("length", "Of a candle: 15m, 1h, 4h, 1d, 1w", OptionKind.INTERVAL),
    ),
    examples=("/chart", EXAMPLE, "/chart flows", "/chart liqs eth"),
    aliases=("c",),
    fact="Chart",
)
