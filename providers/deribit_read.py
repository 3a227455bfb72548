"""What one answer or frame of Deribit says, over REST or live."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from providers import candles as bars
from providers.deribit import (
    VENUE,
    answer,
    expiry_of,
    option_of,
    parse_candles,
    parse_options,
    parse_summaries,
    refusal,
)
from providers.deribit_table import is_table, parse_table
from providers.errors import BadPayload, Refused
from providers.feed import Acknowledged, Alive, Answer, Event
from providers.payload import UNREADABLE, decoded, milliseconds, moment_ms, table, understood
from providers.quote import Amount, Instrument, Milliseconds, Price, spoken
from providers.seen import Seen
from providers.types import Liquidation, OpenInterest, PriceKind, Side, Ticker

PROOF_OF_LIFE = spoken({"jsonrpc": "2.0", "id": 0, "method": "public/test", "params": {}})


class _Trade(Struct):
    """`liquidation`: the taker ("T"), the maker ("M") or both were closed by force."""

    instrument_name: str
    price: Price
    amount: Amount
    direction: Literal["buy", "sell"]  # of the taker
    timestamp: Milliseconds
    liquidation: Literal["T", "M", "MT"] | None = None


class _Stats(Struct):
    price_change: float | None = None
    high: float | None = None
    low: float | None = None


class _Ticker(Struct):
    instrument_name: str
    timestamp: Milliseconds
    open_interest: Amount
    mark_price: Price
    stats: _Stats
    last_price: Price | None = None
    best_bid_price: float | None = None
    best_ask_price: float | None = None


class _Listed(Struct):
    instrument_name: str
    kind: str
    expiration_timestamp: int  # of a perpetual in the year 3000
    strike: float | None = None
    option_type: str | None = None


def read(frame: str | bytes) -> tuple[Event, ...]:
    """Forced closes among trades; the venue's test requests are answered or it hangs up."""
    try:
        content = table(msgspec.json.decode(frame))
        return _events(content)
    except UNREADABLE:
        raise BadPayload(VENUE, "a frame in a shape we do not know") from None


def _events(content: dict[str, Any]) -> tuple[Event, ...]:
    method = content.get("method")
    if method == "heartbeat":
        asked = content["params"]["type"] == "test_request"
        return (Answer(PROOF_OF_LIFE),) if asked else ()
    if method == "subscription":
        params = content["params"]
        if not params["channel"].startswith("trades."):
            return (Alive(moment_ms(params["data"]["timestamp"])),)
        trades = msgspec.convert(params["data"], list[_Trade])
        return tuple(one for trade in trades for one in liquidations(trade))
    if "error" in content or content.get("result") == []:
        raise Refused(VENUE, "the subscription was refused")
    return (Acknowledged(),) if isinstance(content["result"], list) else ()


def liquidations(trade: _Trade) -> tuple[Liquidation, ...]:
    """Two where both parties to the trade were liquidated; none in an ordinary trade."""
    taker, maker = (Side.LONG, Side.SHORT) if trade.direction == "sell" else (Side.SHORT, Side.LONG)
    sides = {"T": (taker,), "M": (maker,), "MT": (taker, maker), None: ()}[trade.liquidation]
    return tuple(_liquidation(trade, side) for side in sides)


def _liquidation(trade: _Trade, side: Side) -> Liquidation:
    """Futures settled in coins are counted in dollars, those in stablecoins in coins."""
    name = trade.instrument_name
    usd: float | None = trade.amount
    quantity = trade.amount / trade.price
    if option_of(name, 0) is not None:
        quantity, usd = trade.amount, None  # its price is in coins
    elif "_" in name:
        quantity, usd = trade.amount, trade.amount * trade.price
    return Liquidation(
        VENUE,
        name,
        name.partition("-")[0].partition("_")[0],
        side,
        quantity,
        trade.price,
        PriceKind.TRADE,
        usd,
        milliseconds(trade.timestamp),
    )


def _live(text: str) -> dict[str, Any] | None:
    """The parameters of a frame, empty for control frames; None for an answer over REST."""
    content = table(decoded(text))
    if "method" not in content:
        return None if "usOut" in content or "result" not in content else {}
    return table(content["params"]) if content["method"] == "subscription" else {}


def _tickers_of(text: str) -> list[_Ticker]:
    params = _live(text)
    if params is None or not str(params.get("channel", "")).startswith("ticker."):
        return []
    return [msgspec.convert(params["data"], _Ticker)]


def _see_liquidations(text: str) -> Sequence[Liquidation]:
    return [event for event in read(text) if isinstance(event, Liquidation)]


def _see_tickers(text: str) -> Sequence[Seen]:
    """Of futures; an option's price is in coins and is no ticker in dollars."""
    if _live(text) is not None:
        return [
            _ticker(row) for row in _tickers_of(text) if option_of(row.instrument_name, 0) is None
        ]
    return [
        Seen(
            Ticker(r.last, r.bid_price, r.ask_price, r.price_change, r.high, r.low),
            VENUE,
            r.instrument_name,
            None,
            moment_ms(r.creation_timestamp),
        )
        for r in parse_summaries(text)[0]
        if r.last and option_of(r.instrument_name, 0) is None
    ]


def _ticker(row: _Ticker) -> Seen:
    if row.last_price is None:
        raise ValueError("a price is missing")
    stats = row.stats
    ticker = Ticker(
        row.last_price,
        row.best_bid_price,
        row.best_ask_price,
        stats.price_change,
        stats.high,
        stats.low,
    )
    return Seen(ticker, VENUE, row.instrument_name, None, moment_ms(row.timestamp))


def _see_open_interests(text: str) -> Sequence[OpenInterest]:
    if _live(text) is not None:
        return [
            _interest(
                row.instrument_name, row.open_interest, row.mark_price, moment_ms(row.timestamp)
            )
            for row in _tickers_of(text)
        ]
    return [
        _interest(r.instrument_name, r.open_interest, r.mark_price, moment_ms(r.creation_timestamp))
        for r in parse_summaries(text)[0]
    ]


def _interest(name: str, size: float, mark: float | None, at: datetime) -> OpenInterest:
    """Options and futures settled in stablecoins are counted in coins, the others in dollars."""
    if option_of(name, 0) is not None:
        return OpenInterest(VENUE, name, size, None, at)
    if "_" in name:
        return OpenInterest(VENUE, name, size, size * mark if mark else None, at)
    return OpenInterest(VENUE, name, size / mark if mark else None, size, at)


def _see_options(text: str) -> Sequence[Seen]:
    """Each option with its series as symbol."""
    if is_table(text):
        return parse_table(text)
    if _live(text) is None:
        chain = parse_options(text)
        return [
            Seen(option, VENUE, series, None, chain.at)
            for series, options in chain.series.items()
            for option in options
        ]
    named = [(row, option_of(row.instrument_name, row.open_interest)) for row in _tickers_of(text)]
    return [
        Seen(found[1], VENUE, found[0], None, moment_ms(row.timestamp))
        for row, found in named
        if found is not None
    ]


def _see_candles(text: str) -> Sequence[Seen]:
    if _live(text) is not None:
        return []
    return bars.seen(bars.newest_open(parse_candles(text)), VENUE, None)


def _see_instruments(text: str) -> Sequence[Seen]:
    rows = msgspec.json.decode(answer(text).result, type=list[_Listed])
    return [
        Seen(
            Instrument(r.kind, r.strike, r.option_type, moment_ms(r.expiration_timestamp)),
            VENUE,
            r.instrument_name,
        )
        for r in rows
    ]


def _see_expirations(text: str) -> Sequence[Seen]:
    """Dates by currency and kind; the documentation promises timestamps, the venue sends "5JUN26"."""
    found = msgspec.json.decode(answer(text).result, type=dict[str, dict[str, list[str]]])
    return [
        Seen(expiry_of(word), VENUE, currency)
        for currency, kinds in found.items()
        for words in kinds.values()
        for word in words
    ]


_KINDS: dict[str, Callable[[str], Sequence[object]]] = {
    "liquidation": _see_liquidations,
    "ticker": _see_tickers,
    "candle": _see_candles,
    "open_interest": _see_open_interests,
    "options": _see_options,
    "instruments": _see_instruments,
    "expirations": _see_expirations,
}

READS = {kind: understood(VENUE, parse, refusal) for kind, parse in _KINDS.items()}
