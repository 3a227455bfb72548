"""
Bitstamp: prices, candles, and daily history since 2011, the longest there is. Keyless.

GET /ticker/{pair}/, /ohlc/{pair}/ (bitstamp.net/api). Figures are strings. `limit` counts back from `end` and
overrides `start`; a day may be listed twice, the later row is right. There is no weekly bar.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct, field

from config.watchlist import Asset
from providers import candles as bars
from providers.errors import GeoBlocked, ProviderError, RateLimited, Refused, UnknownSymbol
from providers.payload import decoded, each, moment, number, understood
from providers.quote import Amount, Price, Quote, Seconds, Told, Trade, quoted, symbol_at
from providers.refusals import error_body, retry_after
from providers.seen import Seen
from providers.types import Candle, Interval, Reading, Ticker
from providers.upstream import FOREVER, Upstream

VENUE = "Bitstamp"
ROWS = 1000
DAY = timedelta(days=1)
CODE = re.compile(r"[A-Z0-9.]+")  # sometimes words stand in its place
FIRST_DAY = datetime(2011, 8, 18, tzinfo=UTC)
STRIDE = 900 * DAY  # less than a page, so that days listed twice leave no hole


class _Ticker(Struct):
    last: Price
    timestamp: Seconds
    bid: Told = None
    ask: Told = None
    high: Told = None
    low: Told = None
    change: Told = field(name="percent_change_24", default=None)
    pair: str | None = None  # named where all are told at once


class _Bar(Struct):
    timestamp: Seconds
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Amount


class _Bars(Struct):
    ohlc: list[_Bar]
    pair: str | None = None


class _Ohlc(Struct):
    data: _Bars


class _Trade(Struct):
    price: Price
    amount: Amount
    kind: int = field(name="type")
    microseconds: int = field(name="microtimestamp")


class _Frame(Struct):
    event: str
    channel: str = ""
    data: msgspec.Raw = msgspec.Raw()


class _Fault(Struct):
    message: str = ""


class _Error(Struct):
    status: str = ""
    reason: str | dict[str, list[str]] = ""
    code: str = ""
    errors: list[_Fault] = []

    @property
    def words(self) -> str:
        """In lower case, whichever of their forms the venue chose."""
        told = [str(self.reason), *(fault.message for fault in self.errors)]
        return " ".join(told).lower()


class Bitstamp:
    """Implements Prices, Candles and History."""

    name = VENUE

    def __init__(self, upstream: Upstream, now: Callable[[], datetime]) -> None:
        self._upstream = upstream
        self._now = now

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        path = f"/ticker/{symbol_at(asset, 'bitstamp', VENUE)}/"
        return await quoted(self._upstream, path, {}, parse_ticker)

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        source = Interval.D1 if interval is Interval.W1 else interval
        wanted = min(ROWS, limit * (interval.length // source.length))
        path = f"/ohlc/{symbol_at(asset, 'bitstamp', VENUE)}/"
        asked = {"step": int(source.length.total_seconds()), "limit": wanted}
        reading = await bars.newest(self._upstream, path, asked, parse_candles, source.length)
        found = bars.running(reading.value, source.length, reading.as_of)
        whole = found if interval is source else bars.aggregate(found, interval)
        return reading.map(lambda _: whole)

    async def history(self, asset: Asset) -> Reading[tuple[Candle, ...]]:
        """Pages that end on fixed days: those that are over are fetched once and kept for good."""
        newest = await self._days(asset, None)
        pages = [newest.value]
        end = _last_end(self._now())
        while pages[-1] and end > FIRST_DAY:
            if end > pages[-1][0].opened_at:
                pages.append((await self._days(asset, end)).value)
            end -= STRIDE
        found = bars.tidy(candle for page in reversed(pages) for candle in page)
        if not found:
            raise UnknownSymbol(VENUE, f"has no history of {asset.symbol}")
        closed = tuple(c for c in found if c.opened_at + DAY <= newest.as_of)
        return newest.map(lambda _: closed)

    async def _days(self, asset: Asset, end: datetime | None) -> Reading[tuple[Candle, ...]]:
        """A thousand daily bars up to `end`; None: up to yesterday."""
        params: dict[str, str | int] = {"step": 86400, "limit": ROWS}
        if end is None:
            params["exclude_current_candle"] = "true"
        else:
            params["end"] = int(end.timestamp()) - 1
        return await self._upstream.get(
            f"/ohlc/{symbol_at(asset, 'bitstamp', VENUE)}/",
            params,
            parse_candles,
            fresh=timedelta(minutes=10) if end is None else FOREVER,
            keep=timedelta(days=2) if end is None else FOREVER,
        )


def _last_end(now: datetime) -> datetime:
    """The newest fixed end that has been over for a day."""
    return FIRST_DAY + STRIDE * ((now - DAY - FIRST_DAY) // STRIDE)


def parse_ticker(text: str) -> Quote:
    return _quote(msgspec.json.decode(text, type=_Ticker, strict=False))


def _quote(row: _Ticker) -> Quote:
    """`open` is the start of the day; only percent_change_24 is about 24 hours."""
    bid, ask, high, low = map(number, (row.bid, row.ask, row.high, row.low))
    ticker = Ticker(row.last, bid, ask, number(row.change), high, low)
    return Quote(ticker, row.pair, moment(row.timestamp))


def parse_candles(text: str) -> tuple[Candle, ...]:
    """Oldest first, every bar as closed: the answer does not tell which one is running."""
    rows = msgspec.json.decode(text, type=_Ohlc, strict=False).data.ohlc
    return bars.tidy(
        Candle(moment(row.timestamp), row.open, row.high, row.low, row.close, row.volume)
        for row in rows
    )


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """{"status": "error", "reason": ...} or {"code": ..., "errors": [...]}; an unknown pair is a 404, or said."""
    if status in (403, 451):
        return GeoBlocked(VENUE, "does not serve this country")
    if status == 404:
        return UnknownSymbol(VENUE, "unknown pair")
    error = error_body(text, _Error)
    if error is None or (error.status != "error" and not error.errors):
        return None
    if status == 429 or "rate limit" in error.words:
        return RateLimited(VENUE, "asked too often", retry_after=retry_after(headers))
    if "currency pair" in error.words or error.code.startswith("404"):
        return UnknownSymbol(VENUE, "unknown pair")
    code = error.code if CODE.fullmatch(error.code) else "none"
    return Refused(VENUE, f"refused with code {code}")


def _control(text: str) -> _Frame | None:
    """A live frame; None for an answer over REST. Raises Refused for a refused subscription."""
    if "event" not in decoded(text):
        return None
    frame = msgspec.json.decode(text, type=_Frame, strict=False)
    if frame.event == "bts:error":
        raise Refused(VENUE, "the subscription was refused")
    return frame


def _see_trades(text: str) -> Sequence[Seen]:
    frame = _control(text)
    if frame is None or frame.event != "trade":
        return []
    row = msgspec.json.decode(frame.data, type=_Trade, strict=False)
    trade = Trade(row.price, row.amount, bought=row.kind == 0)
    symbol = frame.channel.removeprefix("live_trades_")
    return [Seen(trade, VENUE, symbol, None, moment(row.microseconds / 1_000_000))]


def _see_tickers(text: str) -> Sequence[Seen]:
    """A trade tells the last price."""
    if isinstance(listed := decoded(text), list):
        found = each(listed, lambda row: _quote(msgspec.convert(row, _Ticker, strict=False)))
        return [quote.seen(VENUE) for quote in found]
    if _control(text) is None:
        return [parse_ticker(text).seen(VENUE)]
    trades = [(seen, seen.item) for seen in _see_trades(text)]
    return [
        Seen(Ticker(item.price), VENUE, seen.symbol, None, seen.at)
        for seen, item in trades
        if isinstance(item, Trade)
    ]


def _see_candles(text: str) -> Sequence[Seen]:
    if _control(text) is not None:
        return []
    pair = msgspec.json.decode(text, type=_Ohlc, strict=False).data.pair
    return bars.seen(bars.newest_open(parse_candles(text)), VENUE, pair)


READS = {
    "ticker": understood(VENUE, _see_tickers, refusal),
    "candle": understood(VENUE, _see_candles, refusal),
    "trade": understood(VENUE, _see_trades, refusal),
}
