"""What one answer or frame of Deribit says, over REST or live."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from msgspec import Raw, Struct, field

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
from providers.deribit_live import forced_among, read
from providers.deribit_table import is_table, parse_table
from providers.payload import decoded, each, moment_ms, table, understood
from providers.quote import Amount, Instrument, Milliseconds
from providers.seen import Seen
from providers.types import Liquidation, OpenInterest, Ticker


class _Stats(Struct):
    price_change: float | None = None
    high: float | None = None
    low: float | None = None


class _Ticker(Struct):
    instrument_name: str
    timestamp: Milliseconds
    open_interest: Amount
    mark_price: Amount | None = None
    stats: _Stats = field(default_factory=_Stats)
    last_price: Amount | None = None
    best_bid_price: float | None = None
    best_ask_price: float | None = None


class _Trades(Struct):
    trades: list[object]


class _Listed(Struct):
    instrument_name: str
    kind: str
    expiration_timestamp: int  # of a perpetual in the year 3000
    strike: float | None = None
    option_type: str | None = None


def _is_control(text: str) -> bool:
    """Heartbeats, what a subscription is answered with, and "ok"."""
    if is_table(text):
        return False
    content = table(decoded(text))
    if "method" in content:
        return bool(content["method"] != "subscription")
    match content.get("result"):
        case "ok":
            return True
        case [*names]:
            return bool(names) and all(isinstance(name, str) for name in names)
        case {"version": str()}:
            return True
    return False


def _facts(parse: Callable[[str], Sequence[object]]) -> Callable[[str], Sequence[object]]:
    """Control frames hold none."""
    return lambda text: [] if _is_control(text) else parse(text)


def _tickers_of(text: str) -> list[_Ticker] | None:
    """A ticker, live or over REST; none in a frame of another channel, None for an answer of another kind."""
    content = table(decoded(text))
    if "method" in content:
        params = table(content["params"])
        live = str(params["channel"]).startswith("ticker.")
        return [msgspec.convert(params["data"], _Ticker)] if live else []
    if not isinstance(content.get("result"), dict):
        return None
    return [msgspec.json.decode(answer(text).result, type=_Ticker)]


def _see_liquidations(text: str) -> Sequence[Liquidation]:
    if isinstance(result := table(decoded(text)).get("result"), dict):
        return forced_among(msgspec.json.decode(answer(text).result, type=_Trades).trades)
    if result is None or result == []:
        return [event for event in read(text) if isinstance(event, Liquidation)]
    raise ValueError("neither trades nor a frame")


def _see_tickers(text: str) -> Sequence[Seen]:
    """Of futures that were ever traded; an option's price is in coins and is no ticker in dollars."""
    if (live := _tickers_of(text)) is not None:
        return [
            _ticker(r, r.last_price)
            for r in live
            if r.last_price and option_of(r.instrument_name, 0) is None
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


def _ticker(row: _Ticker, last: float) -> Seen:
    stats = row.stats
    ticker = Ticker(
        last,
        row.best_bid_price,
        row.best_ask_price,
        stats.price_change,
        stats.high,
        stats.low,
    )
    return Seen(ticker, VENUE, row.instrument_name, None, moment_ms(row.timestamp))


def _see_open_interests(text: str) -> Sequence[OpenInterest]:
    if (live := _tickers_of(text)) is not None:
        return [
            _interest(r.instrument_name, r.open_interest, r.mark_price, moment_ms(r.timestamp))
            for r in live
        ]
    return [
        _interest(r.instrument_name, r.open_interest, r.mark_price, moment_ms(r.creation_timestamp))
        for r in parse_summaries(text)[0]
        if r.open_interest is not None
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
    live = _tickers_of(text)
    if live is None:
        chain = parse_options(text)
        return [
            Seen(option, VENUE, series, None, chain.at)
            for series, options in chain.series.items()
            for option in options
        ]
    named = [(row, option_of(row.instrument_name, row.open_interest)) for row in live]
    return [
        Seen(found[1], VENUE, found[0], None, moment_ms(row.timestamp))
        for row, found in named
        if found is not None
    ]


def _see_candles(text: str) -> Sequence[Seen]:
    if "method" in table(decoded(text)):
        return []
    return bars.seen(bars.newest_open(parse_candles(text)), VENUE, None)


def _see_instruments(text: str) -> Sequence[Seen]:
    listed = msgspec.json.decode(answer(text).result, type=list[Raw])
    rows = each(listed, lambda raw: msgspec.json.decode(raw, type=_Listed))
    return [
        Seen(
            Instrument(r.kind, r.strike, r.option_type, moment_ms(r.expiration_timestamp)),
            VENUE,
            r.instrument_name,
        )
        for r in rows
    ]


def _see_expirations(text: str) -> Sequence[Seen]:
    """
    Dates by currency and kind, or by kind alone; the documentation promises timestamps, the venue sends "5JUN26".
    What never expires ("PERPETUAL") is left out.
    """
    found = msgspec.json.decode(
        answer(text).result, type=dict[str, dict[str, list[str]] | list[str]]
    )
    listed = [
        (currency if isinstance(kinds, dict) else None, word)
        for currency, kinds in found.items()
        for words in (kinds.values() if isinstance(kinds, dict) else [kinds])
        for word in words
    ]
    return each(listed, lambda one: Seen(expiry_of(one[1]), VENUE, one[0]))


_KINDS: dict[str, Callable[[str], Sequence[object]]] = {
    "liquidation": _see_liquidations,
    "ticker": _see_tickers,
    "candle": _see_candles,
    "open_interest": _see_open_interests,
    "options": _see_options,
    "instruments": _see_instruments,
    "expirations": _see_expirations,
}

READS = {kind: understood(VENUE, _facts(parse), refusal) for kind, parse in _KINDS.items()}
