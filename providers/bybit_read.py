"""What one answer or frame of Bybit says, over REST or live."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec import Raw, Struct, field

from providers import candles as bars
from providers.bybit_answers import (
    TickerRow,
    answer,
    funding_of,
    interest_of,
    parse_candles,
    parse_open_interest_page,
    quote_of,
    refusal,
)
from providers.bybit_live import FRAMES, VENUE, Frame, is_inverse, read
from providers.payload import each, moment_ms, number, understood
from providers.quote import Amount, Figure, Milliseconds, Price, Ratio, hours_between
from providers.seen import Seen
from providers.types import Candle, Funding, Liquidation, OpenInterest


class _Bar(Struct):
    start: Milliseconds
    interval: str
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Amount
    turnover: Amount
    confirm: bool


class _Past(Struct):
    symbol: str
    rate: Figure = field(name="fundingRate")
    at_ms: Milliseconds = field(name="fundingRateTimestamp")


class _Accounts(Struct):
    symbol: str
    bought: Amount = field(name="buyRatio")
    sold: Price = field(name="sellRatio")
    timestamp: Milliseconds


def _live(text: str) -> Frame | None:
    """A live frame; None for an answer over REST. Raises Refused for a refused subscription."""
    frame = FRAMES.decode(text)
    if frame.topic:
        return frame
    if frame.success is not None or frame.op:
        read(text, {})
        return frame
    return None


def _liquidations(text: str) -> Sequence[Liquidation]:
    return [event for event in read(text, {}) if isinstance(event, Liquidation)]


def _rows(text: str) -> list[tuple[TickerRow, datetime, bool]]:
    """Each with its time, and whether its contract is inverse."""
    frame = _live(text)
    if frame is None:
        result, at = answer(text)
        rows = each(result.rows, _row)
        return [(row, at, result.inverse(row.symbol)) for row in rows]
    if not frame.topic.startswith("tickers."):
        return []
    row = msgspec.json.decode(frame.data, type=TickerRow, strict=False)
    return [(row, moment_ms(frame.ts), is_inverse(row.symbol))]


def _row(raw: Raw) -> TickerRow:
    """A contract that was never traded tells a last price of zero."""
    return msgspec.json.decode(raw, type=TickerRow, strict=False)


def _tickers(text: str) -> Sequence[Seen]:
    """A frame that does not tell the last price tells no ticker."""
    return [
        quote_of(row, at).seen(VENUE) for row, at, _ in _rows(text) if row.last_price is not None
    ]


def _open_interests(text: str) -> Sequence[OpenInterest]:
    if '"openInterest"' in text and '"lastPrice"' not in text and _live(text) is None:
        return parse_open_interest_page(text)[0]
    return [
        interest_of(row, at, inverse=i)
        for row, at, i in _rows(text)
        if number(row.open_interest) is not None
    ]


def _fundings(text: str) -> Sequence[Funding]:
    if "fundingRateTimestamp" in text:
        return _past_fundings(text)
    return [
        funding_of(row, at) for row, at, _ in _rows(text) if number(row.funding_rate) is not None
    ]


def _past_fundings(text: str) -> Sequence[Funding]:
    found = [msgspec.json.decode(raw, type=_Past, strict=False) for raw in answer(text)[0].rows]
    found.sort(key=lambda row: row.at_ms)
    hours = hours_between([(row.symbol, row.at_ms) for row in found])
    return [
        Funding(VENUE, row.symbol, row.rate, past, moment_ms(row.at_ms))
        for row, past in zip(found, hours, strict=True)
    ]


def _candles(text: str) -> Sequence[Seen]:
    frame = _live(text)
    if frame is None:
        return bars.seen(parse_candles(text), VENUE, answer(text)[0].symbol)
    if not frame.topic.startswith("kline."):
        return []
    _, interval, symbol = frame.topic.split(".", 2)
    rows = msgspec.json.decode(frame.data, type=list[_Bar], strict=False)
    found = bars.tidy(_candle(row, inverse=is_inverse(symbol)) for row in rows)
    return bars.seen(found, VENUE, symbol, _interval(interval))


def _interval(word: str) -> str:
    """Bybit counts minutes, or says D, W and M."""
    if not word.isdecimal():
        return "1M" if word == "M" else f"1{word.lower()}"
    minutes = int(word)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def _candle(row: _Bar, *, inverse: bool) -> Candle:
    volume = row.turnover if inverse else row.volume
    at = moment_ms(row.start)
    return Candle(at, row.open, row.high, row.low, row.close, volume, row.confirm)


def _ratios(text: str) -> Sequence[Seen]:
    if _live(text) is not None:
        return []
    rows = [msgspec.json.decode(raw, type=_Accounts, strict=False) for raw in answer(text)[0].rows]
    return [
        Seen(
            Ratio(row.bought / row.sold, row.bought, row.sold),
            VENUE,
            row.symbol,
            None,
            moment_ms(row.timestamp),
        )
        for row in sorted(rows, key=lambda row: row.timestamp)
    ]


_KINDS: dict[str, Callable[[str], Sequence[object]]] = {
    "liquidation": _liquidations,
    "ticker": _tickers,
    "candle": _candles,
    "open_interest": _open_interests,
    "funding": _fundings,
    "ratio": _ratios,
}

READS = {kind: understood(VENUE, parse, refusal) for kind, parse in _KINDS.items()}
