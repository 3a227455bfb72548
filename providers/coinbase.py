"""
Coinbase Exchange: prices, candles and daily history since 2015. Keyless; 10 requests per second.

GET /products/{id}/{ticker,stats,candles} (docs.cdp.coinbase.com/exchange). A candle answer holds at most
300 rows, newest first, [time, low, high, open, close, volume]; asking for more is an error. There is no weekly
bar, and times in which nothing was traded are left out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from config.watchlist import Asset
from providers import candles as bars
from providers.coinbase_live import FRAMES, VENUE, control
from providers.errors import (
    GeoBlocked,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.payload import decoded, moment, table, understood
from providers.quote import Amount, Price, Quote, Seconds, percent, quoted, symbol_at
from providers.refusals import error_body, retry_after
from providers.seen import Seen
from providers.types import Candle, Interval, Reading, Ticker
from providers.upstream import FOREVER, Upstream

ROWS = 300
FIRST_DAY = datetime(2015, 7, 20, tzinfo=UTC)  # of BTC-USD, the oldest product
DAY = timedelta(days=1)
PASSING = ("internal server error", "serviceunavailable", "service unavailable")
# What the venue has, to build what it has not.
SOURCE = {
    Interval.M1: Interval.M1,
    Interval.M15: Interval.M15,
    Interval.H1: Interval.H1,
    Interval.H4: Interval.H1,
    Interval.D1: Interval.D1,
    Interval.W1: Interval.D1,
}


class _Ticker(Struct):
    price: Price
    time: datetime
    bid: Amount | None = None
    ask: Amount | None = None


class _Stats(Struct):
    open: Amount
    high: Amount
    low: Amount
    last: Price | None = None


class _Bar(Struct, array_like=True):
    opened: Seconds
    low: Price
    high: Price
    open: Price
    close: Price
    volume: Amount


class _Error(Struct):
    message: str


class Coinbase:
    """Implements Prices, Candles and History."""

    name = VENUE

    def __init__(self, upstream: Upstream, now: Callable[[], datetime]) -> None:
        self._upstream = upstream
        self._now = now

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        """The day's change comes from a second answer, /stats."""
        product = symbol_at(asset, "coinbase", VENUE)
        quote, stats = await asyncio.gather(
            quoted(self._upstream, f"/products/{product}/ticker", {}, parse_ticker),
            self._upstream.get(
                f"/products/{product}/stats",
                {},
                parse_stats,
                fresh=timedelta(seconds=5),
                keep=timedelta(minutes=5),
            ),
        )
        return quote.map(lambda ticker: _with_day(ticker, stats.value))

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        source = SOURCE[interval]
        wanted = min(ROWS - 1, limit * (interval.length // source.length))
        # The end lies one bar ahead so that the question stays the same while a bar runs.
        end = _floor(self._now(), source.length) + source.length
        reading = await self._page(
            asset, source, end - wanted * source.length, end, keep=timedelta(minutes=10)
        )
        found = bars.filled(reading.value, source.length)
        found = bars.running(found, source.length, reading.as_of)
        whole = found if interval is source else bars.aggregate(found, interval)
        return reading.map(lambda _: whole[-limit:])

    async def history(self, asset: Asset) -> Reading[tuple[Candle, ...]]:
        """Pages of 300 days from fixed starts; a page whose days are over is fetched once and kept."""
        today = _floor(self._now(), DAY)
        found: list[Candle] = []
        start, reading = FIRST_DAY, None
        while start < today:
            end = start + (ROWS - 1) * DAY
            over = end + 2 * DAY <= today
            keep = FOREVER if over else timedelta(days=2)
            reading = await self._page(asset, Interval.D1, start, end, keep=keep, over=over)
            found += reading.value
            start = end + DAY
        if reading is None or not found:
            raise UnknownSymbol(VENUE, f"has no history of {asset.symbol}")
        closed = tuple(c for c in bars.filled(bars.tidy(found), DAY) if c.opened_at < today)
        return reading.map(lambda _: closed)

    async def _page(
        self,
        asset: Asset,
        interval: Interval,
        start: datetime,
        end: datetime,
        *,
        keep: timedelta,
        over: bool = False,
    ) -> Reading[tuple[Candle, ...]]:
        return await self._upstream.get(
            f"/products/{symbol_at(asset, 'coinbase', VENUE)}/candles",
            {
                "granularity": int(interval.length.total_seconds()),
                "start": int(start.timestamp()),
                "end": int(end.timestamp()),
            },
            parse_candles,
            fresh=FOREVER if over else timedelta(seconds=30),
            keep=keep,
            as_of=bars.told_until(interval.length),
        )


def parse_ticker(text: str) -> Quote:
    row = msgspec.json.decode(text, type=_Ticker, strict=False)
    return Quote(Ticker(row.price, row.bid, row.ask), None, row.time.astimezone(UTC))


def parse_stats(text: str) -> tuple[float, float, float]:
    """The price 24 hours ago, and the highest and lowest since."""
    row = msgspec.json.decode(text, type=_Stats, strict=False)
    return row.open, row.high, row.low


def parse_candles(text: str) -> tuple[Candle, ...]:
    """Oldest first, every bar as closed: the answer does not tell which one is running."""
    rows = msgspec.json.decode(text, type=list[_Bar], strict=False)
    return bars.tidy(
        Candle(moment(row.opened), row.open, row.high, row.low, row.close, row.volume)
        for row in rows
    )


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """Coinbase says in words what is wrong: {"message": ...}."""
    if status in (403, 451):
        return GeoBlocked(VENUE, "does not serve this country")
    error = error_body(text, _Error)
    if error is None or '"type"' in text:
        return None
    words = error.message.lower()
    if "rate limit" in words:
        return RateLimited(VENUE, "asked too often", retry_after=retry_after(headers))
    if status < 500 and any(passing in words for passing in PASSING):
        return Unavailable(VENUE, "not available")
    if status == 404 or words == "notfound":
        return UnknownSymbol(VENUE, "unknown product")
    return Refused(VENUE, "refused the question") if status < 500 else None


def _with_day(ticker: Ticker, stats: tuple[float, float, float]) -> Ticker:
    before, high, low = stats
    change = percent(ticker.last, before)
    return replace(ticker, change_24h_pct=change, high_24h=high, low_24h=low)


def _floor(moment_: datetime, length: timedelta) -> datetime:
    return moment_ - (moment_ - datetime(1970, 1, 1, tzinfo=UTC)) % length


def _see_day(text: str) -> Sequence[Seen]:
    """The last price and the change since 24 hours ago, at no time."""
    last = msgspec.json.decode(text, type=_Stats, strict=False).last
    if last is None:
        raise ValueError("a price is missing")
    return [Seen(_with_day(Ticker(last), parse_stats(text)), VENUE, None)]


def _see_tickers(text: str) -> Sequence[Seen]:
    content = table(decoded(text))
    if "open" in content and "last" in content:
        return _see_day(text)
    if "type" not in content:
        return [parse_ticker(text).seen(VENUE)]
    frame = FRAMES.decode(text)
    quote = frame.quote()
    if quote is None:
        control(frame, {})
    return [quote.seen(VENUE)] if quote is not None else []


def _see_candles(text: str) -> Sequence[Seen]:
    if isinstance(decoded(text), dict):
        control(FRAMES.decode(text), {})
        return []
    return bars.seen(bars.newest_open(parse_candles(text)), VENUE, None)


READS = {
    "ticker": understood(VENUE, _see_tickers, refusal),
    "candle": understood(VENUE, _see_candles, refusal),
}
