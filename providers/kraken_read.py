"""What one answer or frame of Kraken says, over REST or live, of the old protocol or the new."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import msgspec
from msgspec import Struct

from providers import candles as bars
from providers.errors import Refused
from providers.kraken import VENUE, Day, named_candles, parse_tickers, refusal
from providers.payload import decoded, each, moment, table, understood
from providers.quote import Amount, Figure, Price
from providers.seen import Seen
from providers.types import Candle, Ticker


class _LiveTicker(Struct):
    symbol: str
    last: Price
    bid: Amount | None = None
    ask: Amount | None = None
    change_pct: Figure | None = None
    high: Amount | None = None
    low: Amount | None = None
    timestamp: datetime | None = None


class _LiveBar(Struct):
    symbol: str
    interval: int
    interval_begin: datetime  # `timestamp` is the end, and deprecated
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Amount


class _OldBar(Struct, array_like=True):
    changed: float
    ends: float
    open: Price
    high: Price
    low: Price
    close: Price
    average: Amount
    volume: Amount


def _live(text: str) -> dict[str, Any] | None:
    """A frame of either protocol, the old array form as an object; None for an answer over REST."""
    found = decoded(text)
    if isinstance(found, list):
        return {"channel": found[-2], "symbol": found[-1], "data": [found[1]], "old": True}
    frame = table(found)
    if frame.get("success") is False or frame.get("status") == "error":
        raise Refused(VENUE, "the subscription was refused")
    return frame if frame.keys() & {"channel", "method", "event"} else None


def _see_tickers(text: str) -> Sequence[Seen]:
    frame = _live(text)
    if frame is None:
        return [quote.seen(VENUE) for quote in parse_tickers(text)]
    if frame.get("channel") != "ticker":
        return []
    if "old" in frame:
        old = msgspec.convert(frame["data"][0], Day, strict=False)
        return [Seen(old.ticker(), VENUE, frame["symbol"])]
    rows = each(frame["data"], lambda row: msgspec.convert(row, _LiveTicker))
    return [
        Seen(
            Ticker(r.last, r.bid, r.ask, r.change_pct, r.high, r.low),
            VENUE,
            r.symbol,
            None,
            r.timestamp,
        )
        for r in rows
    ]


def _see_candles(text: str) -> Sequence[Seen]:
    frame = _live(text)
    if frame is None:
        pair, found = named_candles(text)
        return bars.seen(found, VENUE, pair)
    channel = str(frame.get("channel"))
    if "old" in frame and channel.startswith("ohlc-"):
        return [_old_candle(frame["data"][0], frame["symbol"], int(channel.removeprefix("ohlc-")))]
    if channel != "ohlc":
        return []
    series: dict[tuple[str, int], list[Candle]] = {}
    for row in msgspec.convert(frame["data"], list[_LiveBar]):
        series.setdefault((row.symbol, row.interval), []).append(_live_candle(row))
    return [
        seen
        for (symbol, minutes), found in series.items()
        for seen in bars.seen(bars.newest_open(bars.tidy(found)), VENUE, symbol, _interval(minutes))
    ]


def _live_candle(row: _LiveBar) -> Candle:
    """Updates come while a bar runs and never say that it has ended; only the one that follows does."""
    return Candle(row.interval_begin, row.open, row.high, row.low, row.close, row.volume)


def _old_candle(data: object, pair: str, minutes: int) -> Seen:
    """The old protocol tells when the running bar will end."""
    row = msgspec.convert(data, _OldBar, strict=False)
    seconds = minutes * 60
    opened_at = moment(ceil(row.ends / seconds) * seconds - seconds)
    bar = Candle(opened_at, row.open, row.high, row.low, row.close, row.volume, closed=False)
    return Seen(bar, VENUE, pair, _interval(minutes), opened_at)


def _interval(minutes: int) -> str | None:
    return bars.length_name(timedelta(minutes=minutes))


READS = {
    "ticker": understood(VENUE, _see_tickers, refusal),
    "candle": understood(VENUE, _see_candles, refusal),
}
