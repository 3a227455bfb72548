"""/liqs [ASSET] [WINDOW]: positions closed by force, by side and venue; a floor, and since when we count."""

import asyncio
from datetime import datetime, timedelta

from config.watchlist import Asset
from handlers.analysis.liquidations import LiquidationSum
from handlers.arguments import no_more, split_asset, window
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.footer import footer
from handlers.liquidation_words import (
    WINDOWS,
    counted,
    counted_since,
    longest_heard,
    sum_over,
    told_by_another,
    told_whole,
)
from handlers.reply import Button, Reply, Tone
from handlers.words import Words
from providers.errors import ProviderError, StillCounting
from providers.types import LiquidationBook, LiquidationTotal, Reading

EXAMPLE = "/liqs btc 24h"
LONGEST = WINDOWS[-1]


async def liqs(request: Request, desk: Desk) -> Reply:
    asset, rest = split_asset(request, desk)
    length = window(request, rest[0], longest=LONGEST, example=EXAMPLE) if rest else WINDOWS[2]
    no_more(request, rest[1:], example=EXAMPLE)
    now = desk.now()
    own, told = await asyncio.gather(_own(desk, asset, now), _told(desk, asset, length))
    begun = not isinstance(own, StillCounting)
    if begun and isinstance(own, ProviderError) and isinstance(told, ProviderError):
        raise own
    blocks = [
        *counted(request.words, own, now, length),
        *told_by_another(request.words, told, length),
    ]
    return Reply(
        _title(request.words, asset, own, told, now, length),
        tuple(blocks),
        footer(request.words, now, [r for r in (own, told) if isinstance(r, Reading)]),
        _tone(own, now, length),
        (
            tuple(
                Button(label, f"liqs {asset.symbol} {label}")
                for label in ("1h", "4h", "24h", "7d", "21d")
            ),
            (Button(request.words("Chart"), f"chart liqs {asset.symbol}", edits=False),),
        ),
        quiet=True,
    )


async def _own(desk: Desk, asset: Asset, now: datetime) -> Reading[LiquidationBook] | ProviderError:
    try:
        return await desk.market.liquidations(asset, now - LONGEST - timedelta(hours=1))
    except ProviderError as error:
        return error


async def _told(
    desk: Desk, asset: Asset, length: timedelta
) -> Reading[tuple[LiquidationTotal, ...]] | ProviderError:
    try:
        return await desk.market.liquidation_totals(asset, length)
    except ProviderError as error:
        return error


def _title(
    words: Words,
    asset: Asset,
    own: Reading[LiquidationBook] | ProviderError,
    told: Reading[tuple[LiquidationTotal, ...]] | ProviderError,
    now: datetime,
    length: timedelta,
) -> str:
    span = words.span(length)
    total = sum_over(own.value, now, length) if isinstance(own, Reading) else None
    if total is not None and total.whole:
        return _floor(words, asset, span, total)
    if isinstance(told, Reading) and (whole := told_whole(told.value)):
        return words(
            "{asset} liquidations {span}: {long} longs, {short} shorts ({source})",
            asset=asset.symbol,
            span=span,
            long=words.money(whole.long_usd),
            short=words.money(whole.short_usd),
            source=told.source,
        )
    heard = longest_heard(own.value, now, length) if isinstance(own, Reading) else None
    if heard is not None:
        return _floor(words, asset, counted_since(words, heard), heard)
    return words("{asset} liquidations {span}: not counted yet", asset=asset.symbol, span=span)


def _floor(words: Words, asset: Asset, span: str, total: LiquidationSum) -> str:
    return words(
        "{asset} liquidations {span}: at least {long} longs, {short} shorts",
        asset=asset.symbol,
        span=span,
        long=words.money(total.long_usd),
        short=words.money(total.short_usd),
    )


def _tone(own: Reading[LiquidationBook] | ProviderError, now: datetime, length: timedelta) -> Tone:
    total = sum_over(own.value, now, length) if isinstance(own, Reading) else None
    if total is None or total.long_usd == total.short_usd:
        return Tone.NEUTRAL
    return Tone.DOWN if total.long_usd > total.short_usd else Tone.UP


COMMAND = Command(
    "liqs",
    "/liqs [ASSET] [WINDOW]",
    "Liquidations: sides, venues, at least",
    liqs,
    options=(
        Option("asset", "BTC, ETH, SOL …", OptionKind.ASSET),
        Option("window", "1h, 4h, 24h, 7d, 21d", OptionKind.WINDOW),
    ),
    examples=("/liqs", EXAMPLE, "/liqs eth 7d"),
    aliases=("liquidations",),
    fact="Liquidations",
)
