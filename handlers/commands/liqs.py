"""/liqs [ASSET] [WINDOW]: positions closed by force, by side and venue; a floor, and since when we count."""

import asyncio
from datetime import datetime, timedelta

from config.watchlist import Asset
from handlers.analysis.liquidations import LiquidationSum, closed_end, largest_hour, liquidation_sum
from handlers.arguments import no_more, split_asset, window
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.footer import footer
from handlers.missing import missing
from handlers.reply import AnyBlock, Button, Details, Line, Reply, Strong, Table, Text, Tone, text
from handlers.words import Words
from providers.errors import ProviderError
from providers.types import Coverage, LiquidationBook, LiquidationTotal, Reading, Side

EXAMPLE = "/liqs btc 24h"
WINDOWS = (
    timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=7), timedelta(days=21),
)  # fmt: skip
LONGEST = WINDOWS[-1]


async def liqs(request: Request, desk: Desk) -> Reply:
    asset, rest = split_asset(request, desk)
    length = window(request, rest[0], longest=LONGEST, example=EXAMPLE) if rest else WINDOWS[2]
    no_more(request, rest[1:], example=EXAMPLE)
    now = desk.now()
    own, told = await asyncio.gather(_own(desk, asset, now), _told(desk, asset, length))
    if isinstance(own, ProviderError) and isinstance(told, ProviderError):
        raise own
    blocks = [
        *_own_blocks(request.words, own, now, length),
        *_told_blocks(request.words, told, length),
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


def _sum(book: LiquidationBook, now: datetime, length: timedelta) -> LiquidationSum | None:
    return liquidation_sum(book.buckets, book.coverage, closed_end(book.buckets, now), length)


def _title(
    words: Words,
    asset: Asset,
    own: Reading[LiquidationBook] | ProviderError,
    told: Reading[tuple[LiquidationTotal, ...]] | ProviderError,
    now: datetime,
    length: timedelta,
) -> str:
    span = words.span(length)
    if isinstance(own, Reading) and (total := _sum(own.value, now, length)) is not None:
        return words(
            "{asset} liquidations {span}: at least {long} longs, {short} shorts",
            asset=asset.symbol,
            span=span,
            long=words.money(total.long_usd),
            short=words.money(total.short_usd),
        )
    if isinstance(told, Reading) and (all_ := _all(told.value)):
        return words(
            "{asset} liquidations {span}: {long} longs, {short} shorts ({source})",
            asset=asset.symbol,
            span=span,
            long=words.money(all_.long_usd),
            short=words.money(all_.short_usd),
            source=told.source,
        )
    return words("{asset} liquidations {span}: not counted yet", asset=asset.symbol, span=span)


def _own_blocks(
    words: Words, own: Reading[LiquidationBook] | ProviderError, now: datetime, length: timedelta
) -> list[AnyBlock]:
    if isinstance(own, ProviderError):
        return [text(missing(words, words("Our own count"), own))]
    book = own.value
    blocks: list[AnyBlock] = [text((Strong(words("Counted by us: at least")),))]
    rows = tuple(
        _row(words, length, total) for length in WINDOWS if (total := _sum(book, now, length))
    )
    if rows:
        blocks.append(Table(rows, ("", words("Longs"), words("Shorts")), "<>>"))
    else:
        blocks.append(text(words("Nothing has been heard from the venues yet.")))
    blocks.append(Text(tuple(_by_venue(words, book, now, length))))
    if line := _largest(words, book):
        blocks.append(Text((line,)))
    blocks.append(Details(words("What is counted"), tuple(_coverage(words, book, now))))
    return blocks


def _row(words: Words, length: timedelta, total: LiquidationSum) -> tuple[str, ...]:
    """An asterisk marks a window that was not heard whole; Details say since when."""
    mark = "" if total.whole else "*"
    return (words.span(length) + mark, words.money(total.long_usd), words.money(total.short_usd))


def _by_venue(words: Words, book: LiquidationBook, now: datetime, length: timedelta) -> list[Line]:
    lines: list[Line] = []
    for venue in book.coverage:
        own = [b for b in book.buckets if b.venue == venue.venue]
        total = liquidation_sum(own, (venue,), closed_end(own, now), length)
        if total is not None:
            lines.append(
                (
                    words(
                        "{venue}: {long} longs, {short} shorts",
                        venue=venue.venue,
                        long=words.money(total.long_usd),
                        short=words.money(total.short_usd),
                    ),
                )
            )
    return lines


def _largest(words: Words, book: LiquidationBook) -> Line | None:
    one = book.largest
    if one is None or one.usd is None:
        return _largest_hour(words, book)
    side = words("long") if one.side is Side.LONG else words("short")
    return words.line(
        "Largest of the day: a {side} of {usd} on {venue} at {price}, {at}",
        side=side,
        usd=words.money(one.usd),
        venue=one.venue,
        price=words.price(one.price),
        at=words.moment(one.at),
    )


def _largest_hour(words: Words, book: LiquidationBook) -> Line | None:
    if not book.buckets:
        return None
    hour = largest_hour(book.buckets, book.buckets[-1].opened_at - timedelta(days=1))
    if hour is None:
        return None
    usd, at = words.money(hour.total_usd), words.moment(hour.opened_at, "f")
    return words.line("Largest hour of the day: {usd} from {at}", usd=usd, at=at)


def _coverage(words: Words, book: LiquidationBook, now: datetime) -> list[Line]:
    lines: list[Line] = [
        (words("At least, because most venues publish a sample: one per contract and second."),)
    ]
    lines += [_heard(words, venue, now) for venue in book.coverage]
    return lines


def _heard(words: Words, venue: Coverage, now: datetime) -> Line:
    lost = sum((b - a for a, b in venue.gaps if b > now - timedelta(days=1)), timedelta())
    kind = words("all of them") if venue.complete else words("a sample")
    line = words.line(
        "{venue}: {kind}, since {since}",
        venue=venue.venue,
        kind=kind,
        since=words.moment(venue.since, "f"),
    )
    if lost:
        line = (*line, words("; {span} missing in the last day", span=words.span(lost)))
    return line


def _all(totals: tuple[LiquidationTotal, ...]) -> LiquidationTotal | None:
    return next((t for t in totals if t.venue is None), None)


def _told_blocks(
    words: Words, told: Reading[tuple[LiquidationTotal, ...]] | ProviderError, length: timedelta
) -> list[AnyBlock]:
    """Somebody else's count, named and apart from ours."""
    if isinstance(told, ProviderError):
        return []
    total = _all(told.value)
    if total is None:
        return []
    line = words(
        "{source}, all venues, {span}: {long} longs, {short} shorts",
        source=told.source,
        span=words.span(length),
        long=words.money(total.long_usd),
        short=words.money(total.short_usd),
    )
    return [text(line)]


def _tone(own: Reading[LiquidationBook] | ProviderError, now: datetime, length: timedelta) -> Tone:
    total = _sum(own.value, now, length) if isinstance(own, Reading) else None
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
)
