"""
Binance spot: prices and candles. Keyless; either costs 2 of 6,000 weight per minute.

GET /api/v3/ticker/24hr, /api/v3/klines (github.com/binance/binance-spot-api-docs, rest-api.md).
Weekly bars open on Monday 00:00 UTC.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from config.watchlist import Asset
from providers import candles as bars
from providers.binance_live import VENUE
from providers.errors import (
    GeoBlocked,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.payload import each, epoch_ms, moment_ms
from providers.quote import Amount, Figure, Milliseconds, Price, Quote, quoted, symbol_at
from providers.refusals import error_body, retry_after, time_until
from providers.types import Candle, Interval, Reading, Ticker
from providers.upstream import Upstream

T = TypeVar("T")

MOST_CANDLES = 1000
GEO: Final = "restricted location"
BANNED: Final = re.compile(r"banned until (\d{13})")
# Disconnected, timeout, unexpected answer, overload, shutting down: worth another try.
PASSING = frozenset({-1000, -1001, -1006, -1007, -1008, -1016})


class Bar(Struct, array_like=True):
    opened_ms: Milliseconds
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Amount
    ends_ms: Milliseconds
    quoted: Amount = 0.0


class _Ticker(Struct, rename="camel"):
    symbol: str
    last_price: Price
    price_change_percent: Figure
    high_price: Amount
    low_price: Amount
    close_time: Milliseconds
    bid_price: Amount | None = None
    ask_price: Amount | None = None


class _Last(Struct):
    symbol: str
    price: Price
    time: Milliseconds | None = None  # futures tell it


class _Error(Struct):
    code: int
    msg: str = ""


class Binance:
    """Implements Prices and Candles."""

    name = VENUE

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        asked = {"symbol": symbol_at(asset, "binance", VENUE)}
        return await quoted(self._upstream, "/api/v3/ticker/24hr", asked, parse_ticker, cost=2)

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        asked: dict[str, str | int] = {
            "symbol": symbol_at(asset, "binance", VENUE),
            "interval": interval.value,
            "limit": min(limit, MOST_CANDLES),
        }
        latest = await bars.newest(
            self._upstream, "/api/v3/klines", asked, parse_candles, interval.length, cost=2
        )
        told = latest.map(lambda found: bars.running(found, interval.length, latest.as_of))
        return await bars.paged(told, limit, MOST_CANDLES, partial(self._before, asked))

    async def _before(
        self, asked: dict[str, str | int], opened_at: datetime
    ) -> Reading[tuple[Candle, ...]]:
        """The page that ends before this bar; it does not change any more."""
        return await self._upstream.get(
            "/api/v3/klines",
            asked | {"endTime": epoch_ms(opened_at) - 1},
            parse_candles,
            fresh=bars.PAST,
            keep=bars.PAST,
            cost=2,
        )


def parse_ticker(text: str) -> Quote:
    """The 24 h ticker of one symbol, on spot or futures; the latter has no bid and ask."""
    return _quote(msgspec.json.decode(text, type=_Ticker, strict=False))


def parse_tickers(text: str) -> tuple[Quote, ...]:
    """Of one symbol or several, without those that have no price; /ticker/price knows the last price alone."""
    found = msgspec.json.decode(text)
    rows = found if isinstance(found, list) else [found]
    return tuple(each(rows, lambda row: _last(row) if "price" in row else _day(row)))


def parse_candles(text: str) -> tuple[Candle, ...]:
    """Every bar as closed: the answer does not tell which one is running. Volume as on spot, in coins."""
    return bars.tidy(candle_of(row, row.volume) for row in parse_bars(text))


def parse_bars(text: str) -> list[Bar]:
    return msgspec.json.decode(text, type=list[Bar], strict=False)


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """What Binance's own error means; a ban names its end in milliseconds (rest-api.md, "IP Limits")."""
    if status in (403, 451) or GEO in text:
        return GeoBlocked(VENUE, "does not serve this country")
    error = error_body(text, _Error)
    if error is None:
        return None
    if status == 418 or error.code == -1003:
        return _limited(headers, error.msg)
    if error.code == -1121:
        return UnknownSymbol(VENUE, "unknown symbol")
    if status >= 500 or error.code in PASSING:
        return Unavailable(VENUE, f"not available, code {error.code}")
    return Refused(VENUE, f"refused with code {error.code}")


def _limited(headers: Mapping[str, str], message: str) -> RateLimited:
    banned = BANNED.search(message)
    if banned is None:
        return RateLimited(VENUE, "asked too often", retry_after=retry_after(headers))
    end = moment_ms(banned[1])
    wait = time_until(end, headers) or retry_after(headers)
    return RateLimited(VENUE, f"banned until {end:%Y-%m-%d %H:%M:%S} UTC", retry_after=wait)


def _of(row: object, shape: type[T]) -> T:
    return msgspec.convert(row, shape, strict=False)


def _quote(row: _Ticker) -> Quote:
    ticker = Ticker(
        row.last_price,
        row.bid_price,
        row.ask_price,
        row.price_change_percent,
        row.high_price,
        row.low_price,
    )
    return Quote(ticker, row.symbol, moment_ms(row.close_time))


def _day(row: object) -> Quote:
    return _quote(_of(row, _Ticker))


def _last(row: object) -> Quote:
    last = _of(row, _Last)
    at = moment_ms(last.time) if last.time is not None else None
    return Quote(Ticker(last.price), last.symbol, at)


def candle_of(row: Bar, volume: float) -> Candle:
    return Candle(moment_ms(row.opened_ms), row.open, row.high, row.low, row.close, volume)
