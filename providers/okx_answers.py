"""What OKX's answers and errors mean."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from providers import candles as bars
from providers.errors import (
    GeoBlocked,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.okx_contracts import Contract, Contracts, parse_contracts
from providers.okx_live import TOO_OFTEN, VENUE
from providers.payload import each, moment_ms, number
from providers.quote import (
    Amount,
    Figure,
    Milliseconds,
    Price,
    Quote,
    Told,
    hours_between,
    percent,
)
from providers.refusals import error_body, retry_after
from providers.types import Candle, Funding, OpenInterest, Ticker

T = TypeVar("T")
HOUR = timedelta(hours=1)
ROUNDED = 0.001  # of volumes, which are told with few digits
UNKNOWN = frozenset({"51001", "51000"})
PASSING = frozenset({"50001", "50004", "50013", "50026"})


class _Error(Struct):
    code: str = "0"
    event: str | None = None


class _Envelope(Struct):
    data: list[msgspec.Raw]


class TickerRow(Struct):
    symbol: str = field(name="instId")
    last: Price
    ts: Milliseconds
    open: Told = field(name="open24h", default=None)
    high: Told = field(name="high24h", default=None)
    low: Told = field(name="low24h", default=None)
    bid: Told = field(name="bidPx", default=None)
    ask: Told = field(name="askPx", default=None)


class CandleRow(Struct, array_like=True):
    """Older frames end after the second volume; the newest rows end with the flag."""

    opened_ms: Milliseconds
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Amount
    currency_volume: Amount = 0.0
    quote_volume: Amount | None = None
    confirmed: str = "0"

    @property
    def derivative(self) -> bool:
        """
        On spot the first currency volume is what was paid; on derivatives it is in coins, and what was paid for them,
        which comes second, is them at a price of this bar.
        """
        coins, paid = self.currency_volume, self.quote_volume
        if paid is None or paid == coins:
            return False
        return self.low * coins * (1 - ROUNDED) <= paid <= self.high * coins * (1 + ROUNDED)


class _Interest(Struct):
    symbol: str = field(name="instId")
    contracts: Amount = field(name="oi")
    coins: Amount = field(name="oiCcy")
    ts: Milliseconds
    usd: str = field(name="oiUsd", default="")


class _PastInterest(Struct, array_like=True):
    ts: Milliseconds
    contracts: Amount
    coins: Amount
    usd: Amount


class _Rate(Struct, rename="camel"):
    inst_id: str
    funding_rate: Figure
    funding_time: Milliseconds
    next_funding_time: str = ""
    ts: str = ""


def parse_ticker(text: str) -> Quote:
    return parse_tickers(text)[0]


def parse_tickers(text: str) -> tuple[Quote, ...]:
    return tuple(quote_of(row) for row in _each(text, TickerRow))


def parse_candles(text: str) -> tuple[Candle, ...]:
    """Newest first on the wire, oldest first here, volume in coins on spot and on derivatives."""
    return bars.tidy(candle_of(row, row.derivative) for row in rows(text, CandleRow))


def parse_open_interest(text: str) -> OpenInterest:
    return open_interests(text)[0]


def open_interests(text: str) -> tuple[OpenInterest, ...]:
    """Dollars are told by newer answers, and by the contract's value where the contract is inverse."""
    contracts = Contracts()
    return tuple(
        OpenInterest(
            VENUE,
            row.symbol,
            row.coins,
            number(row.usd) or contracts.usd(row.symbol, row.contracts),
            moment_ms(row.ts),
        )
        for row in _each(text, _Interest)
    )


def parse_open_interest_history(symbol: str, text: str) -> tuple[OpenInterest, ...]:
    """Oldest first; the answer does not name its symbol."""
    past = (
        OpenInterest(VENUE, symbol, row.coins, row.usd, moment_ms(row.ts))
        for row in rows(text, _PastInterest)
    )
    return tuple(sorted(past, key=lambda interest: interest.at))


def parse_funding(text: str) -> Funding:
    """`next_at` is when the running rate is paid: the venue's fundingTime."""
    return parse_fundings(text)[0]


def parse_fundings(text: str) -> tuple[Funding, ...]:
    """The running rate, or past ones oldest first."""
    return fundings_of(_some(rows(text, _Rate)))


def parse_instruments(text: str) -> dict[str, Contract]:
    error = refusal(200, {}, text)
    if error is not None:
        raise error
    return parse_contracts(text)


def quote_of(row: TickerRow) -> Quote:
    """OKX names no change: it is computed from the price 24 hours ago, never from today's open."""
    ticker = Ticker(
        row.last,
        number(row.bid),
        number(row.ask),
        percent(row.last, number(row.open)),
        number(row.high),
        number(row.low),
    )
    return Quote(ticker, row.symbol, moment_ms(row.ts))


def candle_of(row: CandleRow, derivative: bool) -> Candle:
    return Candle(
        moment_ms(row.opened_ms),
        row.open,
        row.high,
        row.low,
        row.close,
        row.currency_volume if derivative else row.volume,
        row.confirmed == "1",
    )


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """What OKX's own code means (okx.com/docs-v5, "Error code"); it comes with any status, even 200."""
    if status in (403, 451):
        return GeoBlocked(VENUE, "does not serve this country")
    error = error_body(text, _Error)
    if error is None or error.code == "0" or error.event == "notice":
        return None
    if error.code in UNKNOWN:
        return UnknownSymbol(VENUE, "unknown instrument")
    if error.code in TOO_OFTEN:
        return RateLimited(VENUE, "asked too often", retry_after=retry_after(headers))
    if error.code in PASSING or status >= 500:
        return Unavailable(VENUE, f"not available, code {error.code}")
    return Refused(VENUE, f"refused with code {error.code}")


def fundings_of(found: list[_Rate]) -> tuple[Funding, ...]:
    """Rows that tell no next time are past ones: their spacing is the interval."""
    ordered = sorted(found, key=lambda row: row.funding_time)
    hours = hours_between([(row.inst_id, row.funding_time) for row in ordered])
    return tuple(_funding(row, past) for row, past in zip(ordered, hours, strict=True))


def _funding(row: _Rate, past_hours: float | None) -> Funding:
    due = moment_ms(row.funding_time)
    if not row.next_funding_time:
        at = moment_ms(row.ts) if row.ts else due
        return Funding(VENUE, row.inst_id, row.funding_rate, past_hours, at)
    hours = (moment_ms(row.next_funding_time) - due) / HOUR
    at = moment_ms(row.ts) if row.ts else due
    return Funding(VENUE, row.inst_id, row.funding_rate, hours, at, due)


def rows(text: str, shape: type[T]) -> list[T]:
    """The data of an answer or frame. Raises the venue's own error when it is one."""
    return [msgspec.json.decode(row, type=shape, strict=False) for row in _raw(text)]


def _each(text: str, shape: type[T]) -> list[T]:
    """For rows about different instruments: one that cannot be read costs itself alone."""
    return _some(each(_raw(text), lambda row: msgspec.json.decode(row, type=shape, strict=False)))


def _raw(text: str) -> list[msgspec.Raw]:
    error = refusal(200, {}, text)
    if error is not None:
        raise error
    return msgspec.json.decode(text, type=_Envelope).data


def _some(found: list[T]) -> list[T]:
    if not found:
        raise UnknownSymbol(VENUE, "unknown instrument: the answer is empty")
    return found
