"""What Bybit's answers and errors mean."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from providers import candles as bars
from providers.bybit_live import VENUE, is_inverse
from providers.errors import (
    GeoBlocked,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.payload import moment_ms, number
from providers.quote import Amount, Milliseconds, Price, Quote, Told, percent
from providers.refusals import error_body, retry_after, time_until
from providers.types import Candle, Funding, OpenInterest, Ticker

T = TypeVar("T")
PAUSE = timedelta(minutes=10)  # what "access too frequent" asks for
BLOCKED = frozenset({10009, 10024})
PASSING = frozenset({10000, 10016})


class _Error(Struct):
    code: int = field(name="retCode")
    words: str = field(name="retMsg", default="")


class _Result(Struct):
    rows: list[msgspec.Raw] = field(name="list")
    symbol: str | None = None
    category: str = ""
    next: str = field(name="nextPageCursor", default="")

    def inverse(self, symbol: str) -> bool:
        """As the category says; where none is named, as the symbol does."""
        return self.category == "inverse" if self.category else is_inverse(symbol)


class _Answer(Struct):
    result: _Result
    time: Milliseconds


class TickerRow(Struct, rename="camel"):
    """Of a live frame that only tells what changed, most is absent: absent is not zero."""

    symbol: str
    last_price: Price | None = None
    price24h_pcnt: Told = field(name="price24hPcnt", default=None)
    prev_price24h: Told = field(name="prevPrice24h", default=None)
    high_price24h: Told = field(name="highPrice24h", default=None)
    low_price24h: Told = field(name="lowPrice24h", default=None)
    bid: Told = field(name="bid1Price", default=None)
    ask: Told = field(name="ask1Price", default=None)
    open_interest: Told = None
    open_interest_value: Told = None
    single_open_interest: Told = None
    single_open_interest_value: Told = None
    funding_rate: Told = None
    next_funding_time: Told = None
    funding_interval_hour: Told = None


class _Bar(Struct, array_like=True):
    opened_ms: Milliseconds
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Amount
    turnover: Amount


class _PastInterest(Struct, rename="camel"):
    open_interest: Amount
    timestamp: Milliseconds
    single_open_interest: Told = None


def parse_ticker(text: str) -> Quote:
    result, at = answer(text)
    return quote_of(_row(result, TickerRow), at)


def parse_open_interest(text: str) -> OpenInterest:
    """From a perpetual's ticker."""
    result, at = answer(text)
    row = _row(result, TickerRow)
    return interest_of(row, at, inverse=result.inverse(row.symbol))


def parse_funding(text: str) -> Funding:
    """From a perpetual's ticker; `at` is when the venue said it."""
    result, at = answer(text)
    return funding_of(_row(result, TickerRow), at)


def parse_candles(text: str, length: timedelta | None = None) -> tuple[Candle, ...]:
    """
    Oldest first; a bar that had not ended by the venue's own clock is not closed. Without `length` that is
    told from the spacing of the bars. Volume in coins: an inverse contract's turnover.
    """
    result, at = answer(text)
    rows = [msgspec.json.decode(raw, type=_Bar, strict=False) for raw in result.rows]
    inverse = result.inverse(result.symbol or "")
    found = bars.tidy(_candle(row, inverse=inverse) for row in rows)
    long = length or bars.spacing(found)
    return bars.running(found, long, at) if long is not None else bars.newest_open(found)


def parse_open_interest_page(text: str) -> tuple[tuple[OpenInterest, ...], str]:
    """Oldest first, and the cursor of the page before it. Inverse contracts are worth a dollar each."""
    result, _ = answer(text)
    inverse = result.inverse(result.symbol or "")
    rows = [msgspec.json.decode(raw, type=_PastInterest, strict=False) for raw in result.rows]
    past = (_past_interest(row, result.symbol or "", inverse=inverse) for row in rows)
    return tuple(sorted(past, key=lambda interest: interest.at)), result.next


def quote_of(row: TickerRow, at: datetime) -> Quote:
    if row.last_price is None:
        raise ValueError("a price is missing")
    change = number(row.price24h_pcnt)
    ticker = Ticker(
        row.last_price,
        number(row.bid),
        number(row.ask),
        change * 100 if change is not None else percent(row.last_price, number(row.prev_price24h)),
        number(row.high_price24h),
        number(row.low_price24h),
    )
    return Quote(ticker, row.symbol, at)


def interest_of(row: TickerRow, at: datetime, *, inverse: bool) -> OpenInterest:
    """Linear: coins, worth dollars. Inverse: dollars, worth coins."""
    size = single(row.open_interest, row.single_open_interest)
    value = single(row.open_interest_value, row.single_open_interest_value)
    if size is None:
        raise ValueError("open interest is missing")
    coins, usd = (value, size) if inverse else (size, value)
    return OpenInterest(VENUE, row.symbol, coins, usd, at)


def funding_of(row: TickerRow, at: datetime) -> Funding:
    rate = number(row.funding_rate)
    if rate is None:
        raise ValueError("a funding rate is missing")
    due = number(row.next_funding_time)
    hours = number(row.funding_interval_hour)
    return Funding(VENUE, row.symbol, rate, hours, at, moment_ms(due) if due else None)


def single(both_sides: Told, one_side: Told) -> float | None:
    """One side of open interest: as told since June 2026, before that half of both."""
    if (told := number(one_side)) is not None:
        return told
    return both / 2 if (both := number(both_sides)) is not None else None


def answer(text: str) -> tuple[_Result, datetime]:
    """The result and the venue's time. Raises the venue's own error when it is one."""
    error = refusal(200, {}, text)
    if error is not None:
        raise error
    found = msgspec.json.decode(text, type=_Answer, strict=False)
    if not found.result.rows:
        raise UnknownSymbol(VENUE, "unknown symbol: the answer is empty")
    return found.result, moment_ms(found.time)


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """What Bybit's own code means (docs/v5/error); its geo block is a page that is not JSON."""
    if "access too frequent" in text:
        return RateLimited(VENUE, "asked too often", retry_after=PAUSE)
    if status in (403, 451) or "block access from your country" in text:
        return GeoBlocked(VENUE, "does not serve this country")
    error = error_body(text, _Error)
    if error is None or error.code == 0:
        return None
    return _meaning(error, headers)


def _meaning(error: _Error, headers: Mapping[str, str]) -> ProviderError:
    if error.code in BLOCKED:
        return GeoBlocked(VENUE, "does not serve this country")
    if error.code in (10006, 10018):
        return RateLimited(VENUE, "asked too often", retry_after=_reset(headers))
    if error.code == 10001 and "symbol" in error.words.lower():
        return UnknownSymbol(VENUE, "unknown symbol")
    if error.code in PASSING:
        return Unavailable(VENUE, f"not available, code {error.code}")
    return Refused(VENUE, f"refused with code {error.code}")


def _reset(headers: Mapping[str, str]) -> timedelta | None:
    """Until this endpoint's count begins anew (docs/v5/rate-limit); of one that is not spent it is now."""
    end = headers.get("x-bapi-limit-reset-timestamp", "")
    wait = time_until(moment_ms(end), headers) if end.isdecimal() else None
    return wait or retry_after(headers)


def _row(result: _Result, shape: type[T]) -> T:
    return msgspec.json.decode(result.rows[0], type=shape, strict=False)


def _candle(row: _Bar, *, inverse: bool) -> Candle:
    volume = row.turnover if inverse else row.volume
    return Candle(moment_ms(row.opened_ms), row.open, row.high, row.low, row.close, volume)


def _past_interest(row: _PastInterest, symbol: str, *, inverse: bool) -> OpenInterest:
    told = number(row.single_open_interest)
    one_side = told if told is not None else row.open_interest / 2
    coins, usd = (None, one_side) if inverse else (one_side, None)
    return OpenInterest(VENUE, symbol, coins, usd, moment_ms(row.timestamp))
