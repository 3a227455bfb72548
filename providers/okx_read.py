"""What one answer or frame of OKX says, over REST or live."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from providers import candles as bars
from providers.okx_answers import (
    CandleRow,
    candle_of,
    open_interests,
    parse_fundings,
    parse_instruments,
    parse_open_interest_history,
    parse_tickers,
    refusal,
    rows,
)
from providers.okx_contracts import Contracts
from providers.okx_live import VENUE, Argument, read
from providers.payload import moment_ms, understood
from providers.quote import Milliseconds, Price, Ratio, Untraded
from providers.seen import Seen
from providers.types import Liquidation, OpenInterest

UNTRADED = 6  # columns of a bar without volumes


class _PriceRow(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """Of an index or a mark price, which nobody trades: no volume."""

    opened_ms: Milliseconds
    open: Price
    high: Price
    low: Price
    close: Price
    confirmed: Literal["0", "1"]


class _Topic(msgspec.Struct):
    """The first part of a live frame."""

    event: str | None = None
    arg: Argument | None = None


def _liquidations(text: str) -> Sequence[Liquidation]:
    events = read(text, {}, Contracts())
    return [event for event in events if isinstance(event, Liquidation)]


def _tickers(text: str) -> Sequence[Seen]:
    return [quote.seen(VENUE) for quote in parse_tickers(text)]


def _candles(text: str) -> Sequence[Seen]:
    """A frame names its channel ("candle1m") and instrument; an answer names neither."""
    arg = msgspec.json.decode(text, type=_Topic).arg or Argument("")
    symbol, interval = arg.instId, arg.channel.partition("candle")[2].removesuffix("utc")
    # "1M" is a month, "1m" a minute.
    name = (interval if interval.endswith("M") else interval.lower()) or None
    if all(isinstance(row, list) and len(row) == UNTRADED for row in rows(text, object)):
        return _untraded(text, symbol, name)
    found = rows(text, CandleRow)
    derivative = symbol.count("-") > 1 if symbol else any(row.derivative for row in found)
    ordered = bars.tidy(candle_of(row, derivative) for row in found)
    return bars.seen(ordered, VENUE, symbol, name)


def _untraded(text: str, symbol: str | None, interval: str | None) -> Sequence[Seen]:
    found = {row.opened_ms: _price_bar(row) for row in rows(text, _PriceRow)}
    ordered = [found[opened] for opened in sorted(found)]
    name = interval or bars.length_name(bars.spacing(ordered))
    return [Seen(bar, VENUE, symbol, name, bar.opened_at) for bar in ordered]


def _open_interests(text: str) -> Sequence[OpenInterest]:
    """Rows without names are hours past: [time, contracts, coins, dollars]."""
    found: list[object] = rows(text, object)
    past = bool(found) and isinstance(found[0], list)
    return parse_open_interest_history("", text) if past else open_interests(text)


def _price_bar(row: _PriceRow) -> Untraded:
    at = moment_ms(row.opened_ms)
    return Untraded(at, row.open, row.high, row.low, row.close, row.confirmed == "1")


def _contracts(text: str) -> Sequence[Seen]:
    found = parse_instruments(text)
    return [Seen(contract, VENUE, symbol) for symbol, contract in found.items()]


class _RatioRow(msgspec.Struct, array_like=True):
    ts: int
    ratio: float


def _ratios(text: str) -> Sequence[Seen]:
    return [
        Seen(Ratio(row.ratio), VENUE, None, None, moment_ms(row.ts))
        for row in sorted(rows(text, _RatioRow), key=lambda row: row.ts)
    ]


def _answers(parse: Callable[[str], Sequence[object]]) -> Callable[[str], Sequence[object]]:
    """Control frames hold no facts."""

    def without_control(text: str) -> Sequence[object]:
        if text.strip() in ("ping", "pong") or msgspec.json.decode(text, type=_Topic).event:
            return []
        return parse(text)

    return without_control


_KINDS: dict[str, Callable[[str], Sequence[object]]] = {
    "liquidation": _liquidations,
    "ticker": _tickers,
    "candle": _candles,
    "open_interest": _open_interests,
    "funding": parse_fundings,
    "instruments": _contracts,
    "ratio": _ratios,
}

READS = {kind: understood(VENUE, _answers(parse), refusal) for kind, parse in _KINDS.items()}
