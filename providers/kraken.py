"""
Kraken: prices and candles. Keyless; about one request per second.

GET /0/public/{Ticker,OHLC} (docs.kraken.com/api). Errors come with HTTP 200 and no result; the answer's key may
differ from the pair asked for. OHLC always holds the newest 720 bars; its weeks begin on Thursday, so ours
are built from days. The ticker's `o` is today's open, not the price 24 hours ago, and it carries no time: it is told
as of when it was fetched.
"""

from collections.abc import Mapping
from datetime import timedelta

import msgspec
from msgspec import Struct, field

from config.watchlist import Asset
from providers import candles as bars
from providers.errors import (
    GeoBlocked,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.payload import each, moment
from providers.quote import Amount, Price, Quote, Seconds, quoted, symbol_at
from providers.refusals import error_body, retry_after
from providers.types import Candle, Interval, Reading, Ticker
from providers.upstream import Upstream

VENUE = "Kraken"
# One request a second, and that for everything: seldomer than elsewhere.
TICKER_FRESH = timedelta(seconds=10)
CANDLES_FRESH = timedelta(seconds=60)
LIMITED = ("Rate limit", "Too many requests", "Temporary lockout")
PASSING = ("EService", "EGeneral:Internal error")


class _Bar(Struct, array_like=True):
    opened: Seconds
    open: Price
    high: Price
    low: Price
    close: Price
    average: Amount  # "0.0" where nothing was traded: not a price
    volume: Amount


class _Ohlc(Struct):
    result: dict[str, list[_Bar] | int]


class Day(Struct):
    """Pairs are [today, last 24 hours], prices [price, ...]."""

    ask: list[Amount] = field(name="a")
    bid: list[Amount] = field(name="b")
    last: list[Price] = field(name="c")
    low: list[Amount] = field(name="l")
    high: list[Amount] = field(name="h")

    def ticker(self) -> Ticker:
        return Ticker(self.last[0], self.bid[0], self.ask[0], None, self.high[1], self.low[1])


class _Tickers(Struct):
    result: dict[str, msgspec.Raw]


class _Error(Struct):
    error: list[str]


class Kraken:
    """Implements Prices and Candles."""

    name = VENUE

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        asked = {"pair": symbol_at(asset, "kraken", VENUE)}
        return await quoted(self._upstream, "/Ticker", asked, parse_ticker, fresh=TICKER_FRESH)

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        source = Interval.D1 if interval is Interval.W1 else interval
        minutes = source.length // timedelta(minutes=1)
        asked: dict[str, str | int] = {
            "pair": symbol_at(asset, "kraken", VENUE),
            "interval": minutes,
        }
        reading = await bars.newest(
            self._upstream, "/OHLC", asked, parse_candles, source.length, fresh=CANDLES_FRESH
        )
        found = reading.value
        whole = found if interval is source else bars.aggregate(found, interval)
        return reading.map(lambda _: whole[-limit:])


def parse_ticker(text: str) -> Quote:
    return parse_tickers(text)[0]


def parse_tickers(text: str) -> tuple[Quote, ...]:
    _check(text)
    found = msgspec.json.decode(text, type=_Tickers, strict=False).result
    return tuple(each(list(found.items()), lambda pair: _quote(*pair)))


def _quote(pair: str, raw: msgspec.Raw) -> Quote:
    return Quote(msgspec.json.decode(raw, type=Day, strict=False).ticker(), pair, None)


def parse_candles(text: str) -> tuple[Candle, ...]:
    """Oldest first. `last` names the newest bar that has ended; rows after it are running."""
    return named_candles(text)[1]


def named_candles(text: str) -> tuple[str, tuple[Candle, ...]]:
    _check(text)
    found = msgspec.json.decode(text, type=_Ohlc, strict=False).result
    last = found["last"]
    if not isinstance(last, int):
        raise ValueError("the newest finished bar is not named")
    ((pair, rows),) = ((p, rows) for p, rows in found.items() if not isinstance(rows, int))
    return pair, bars.tidy(_candle(row, last) for row in rows)


def _candle(row: _Bar, last: int) -> Candle:
    closed = row.opened <= last
    at = moment(row.opened)
    return Candle(at, row.open, row.high, row.low, row.close, row.volume, closed)


def _check(text: str) -> None:
    error = refusal(200, {}, text)
    if error is not None:
        raise error


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """
    Kraken lists what is wrong, "ECategory:Words"; one unknown pair fails the whole question. What begins with W is a
    warning beside a good answer.
    """
    if status in (403, 451):
        return GeoBlocked(VENUE, "does not serve this country")
    found = error_body(text, _Error)
    words = next((word for word in found.error if word.startswith("E")), None) if found else None
    if words is None:
        return None
    if any(limit in words for limit in LIMITED):
        return RateLimited(VENUE, "asked too often", retry_after=retry_after(headers))
    if words.startswith(PASSING):
        return Unavailable(VENUE, "not available")
    if "asset pair" in words:
        return UnknownSymbol(VENUE, "unknown asset pair")
    return Refused(VENUE, "refused the question")
