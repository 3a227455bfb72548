"""/price [ASSET] [CURRENCY]: what it costs now, where, and whether the venues agree."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from config.watchlist import Asset
from handlers.analysis.venues import spread_pct
from handlers.arguments import first_asset, no_more
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.facts import Missing, price_section
from handlers.footer import footer
from handlers.missing import silent
from handlers.quoted import CURRENCIES, quoted
from handlers.reply import AnyBlock, Button, Line, Reply, Table, Text, Tone, text
from handlers.words import DOLLAR, Words
from providers.types import Reading, Ticker

DISAGREE_PCT = 0.5  # apart by more than this, the venues' difference is news of its own
OLD = timedelta(minutes=5)
EXAMPLE = "/price eth"


async def price(request: Request, desk: Desk) -> Reply:
    request = _with_currency(request)
    words = request.words
    asset, rest = first_asset(request, desk, example=EXAMPLE)
    no_more(request, rest, example=EXAMPLE)
    readings, week, also = await asyncio.gather(
        desk.market.tickers(asset), _week(desk, asset), quoted(words, desk.market, asset)
    )
    return compose(words, desk, asset, readings, week, also)


def _with_currency(request: Request) -> Request:
    """The currency named last, else the chat's own."""
    if not request.args or (currency := request.args[-1].upper()) not in CURRENCIES:
        return request
    words = replace(request.words, currency=currency)
    return replace(request, args=request.args[:-1], words=words)


async def _week(desk: Desk, asset: Asset) -> float | None:
    """The change that every text tells; a missing one costs its line only."""
    known = await price_section(desk.market, asset, desk.now())
    return None if isinstance(known, Missing) else known.value.change_7d_pct


def compose(
    words: Words,
    desk: Desk,
    asset: Asset,
    readings: tuple[Reading[Ticker], ...],
    week: float | None,
    also: Line | None = None,
) -> Reply:
    """`also`: the price in another currency."""
    now = desk.now()
    again = "" if words.currency == DOLLAR else f" {words.currency}"
    fresh = [r for r in readings if r.age(now) <= OLD]
    leads = fresh[0] if fresh else max(readings, key=lambda r: r.as_of)
    best, alike = leads.value, fresh or [leads]
    day = next((r.value.change_24h_pct for r in alike if r.value.change_24h_pct is not None), None)
    title = words("{asset} {price}", asset=asset.symbol, price=words.price(best.last))
    if day is not None:
        title += f" {words.arrow(day)} {words.percent(day)}"
    if not fresh:
        title += f" ({words.age(leads.as_of, now)})"
    lines = [*((also,) if also else ()), *_lines(words, best, day, week)]
    blocks: list[AnyBlock] = [Text(tuple(lines))]
    if len(readings) > 1:
        blocks.append(_venues(words, readings, now))
    blocks.append(text(_agreement(words, [r.value.last for r in fresh])))
    blocks += silent(words, desk.market, "price")
    return Reply(
        title,
        tuple(blocks),
        footer(words, now, readings),
        Tone.NEUTRAL if day is None else Tone.UP if day > 0 else Tone.DOWN,
        (
            (
                Button(words("Refresh"), f"price {asset.symbol}{again}"),
                Button(words("Levels"), f"levels {asset.symbol}", edits=False),
            ),
        ),
        quiet=True,
    )


def _lines(words: Words, best: Ticker, day: float | None, week: float | None) -> list[Line]:
    lines: list[Line] = []
    if day is not None:
        lines.append(
            (words("24 h: {change} {arrow}", change=words.percent(day), arrow=words.arrow(day)),)
        )
    if week is not None:
        lines.append(
            (words("7 d: {change} {arrow}", change=words.percent(week), arrow=words.arrow(week)),)
        )
    if best.low_24h is not None and best.high_24h is not None:
        lines.append(
            (
                words(
                    "24 h range: {low} – {high}",
                    low=words.price(best.low_24h),
                    high=words.price(best.high_24h),
                ),
            )
        )
    return lines


def _venues(words: Words, readings: tuple[Reading[Ticker], ...], now: datetime) -> Table:
    """With the age of those that are not of this moment."""
    rows = tuple(
        (
            r.source,
            words.price(r.value.last),
            words.age(r.as_of, now) if r.age(now) > OLD else "",
        )
        for r in readings
    )
    return Table(rows, (words("Venue"), words("Last"), ""), "<><")


def _agreement(words: Words, lasts: list[float]) -> str:
    spread = spread_pct(lasts)
    if not lasts:
        return words("No venue answers with a fresh price.")
    if spread is None:
        return words("Only one venue answers with a fresh price.")
    if spread > DISAGREE_PCT:
        return words(
            "The venues disagree by {spread}.", spread=words.percent(spread, 2, signed=False)
        )
    return words("The venues agree within {spread}.", spread=words.percent(spread, 2, signed=False))


COMMAND = Command(
    "price",
    "/price [ASSET] [CURRENCY]",
    "Price on every venue",
    price,
    options=(
        Option("asset", "BTC, ETH, SOL …", OptionKind.ASSET),
        Option("currency", "Also in this currency", OptionKind.CHOICE, choices=CURRENCIES),
    ),
    examples=("/price", EXAMPLE, "/price btc eur"),
    aliases=("p",),
    fact="Price",
)
