"""
Binance USD-M futures: open interest, its history, and funding. Keyless; 2,400 weight per minute.

GET /fapi/v1/openInterest, /futures/data/openInterestHist, /fapi/v1/premiumIndex, /fapi/v1/fundingInfo,
/fapi/v1/fundingRate (developers.binance.com, "USDⓈ-M Futures, Market Data"). Values are strings; open interest is
single-sided.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from config.watchlist import Asset
from providers.binance_contracts import contract_usd
from providers.binance_live import VENUE
from providers.payload import each, moment_ms, number
from providers.quote import (
    Amount,
    Figure,
    Mark,
    Milliseconds,
    Price,
    Ratio,
    Told,
    hours_between,
    symbol_at,
)
from providers.seen import Seen
from providers.types import Funding, OpenInterest, Reading
from providers.upstream import Upstream

HOUR = timedelta(hours=1)
HISTORY_ROWS = 500
FUNDING_ROWS = 1000  # the newest; 90 days even of a rate that is paid every three hours
USUAL_INTERVAL_HOURS = 8.0  # of every symbol that /fapi/v1/fundingInfo does not list


class _Interest(Struct):
    symbol: str
    coins: Amount = msgspec.field(name="openInterest")
    time: Milliseconds
    pair: str | None = None  # only coin-margined contracts have one


class _PastInterest(Struct):
    symbol: str
    coins: Amount = msgspec.field(name="sumOpenInterest")
    usd: Amount = msgspec.field(name="sumOpenInterestValue")
    timestamp: Milliseconds


class _Premium(Struct, rename="camel"):
    symbol: str
    mark_price: Price
    index_price: Amount
    next_funding_time: Milliseconds
    time: Milliseconds
    last_funding_rate: Told = None  # a contract that ends has none


class _Rate(Struct, rename="camel"):
    symbol: str
    funding_rate: Figure
    funding_time: Milliseconds


class _Interval(Struct, rename="camel"):
    symbol: str
    funding_interval_hours: float


class _Ratio(Struct, rename="camel"):
    timestamp: Milliseconds
    symbol: str | None = None
    long_short_ratio: Amount | None = None
    buy_sell_ratio: Amount | None = None
    long_account: Amount | None = None
    short_account: Amount | None = None


class BinanceFutures:
    """Implements OpenInterests, Fundings and FundingHistories."""

    name = "Binance"

    def __init__(self, upstream: Upstream, now: Callable[[], datetime]) -> None:
        self._upstream = upstream
        self._now = now

    async def open_interest(self, asset: Asset) -> Reading[OpenInterest]:
        return await self._upstream.get(
            "/fapi/v1/openInterest",
            {"symbol": symbol_at(asset, "binance_usdm", VENUE)},
            parse_open_interest,
            fresh=timedelta(seconds=30),
            keep=timedelta(minutes=10),
            as_of=lambda interest: interest.at,
        )

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        """Hourly, at most the newest 500 hours; hours in which nothing was traded are absent."""
        hours = max(1, -(-(self._now() - since) // HOUR))
        reading = await self._upstream.get(
            "/futures/data/openInterestHist",
            {
                "symbol": symbol_at(asset, "binance_usdm", VENUE),
                "period": "1h",
                "limit": min(hours, HISTORY_ROWS),
            },
            parse_open_interest_history,
            fresh=timedelta(minutes=5),
            keep=timedelta(hours=1),
        )
        return reading.map(lambda past: tuple(one for one in past if one.at >= since))

    async def funding(self, asset: Asset) -> Reading[Funding]:
        symbol = symbol_at(asset, "binance_usdm", VENUE)
        premium, intervals = await asyncio.gather(
            self._upstream.get(
                "/fapi/v1/premiumIndex",
                {"symbol": symbol},
                parse_funding,
                fresh=timedelta(seconds=30),
                keep=timedelta(minutes=10),
                as_of=lambda funding: funding.at,
            ),
            self._upstream.get(
                "/fapi/v1/fundingInfo",
                {},
                parse_intervals,
                fresh=timedelta(hours=6),
                keep=timedelta(days=2),
            ),
        )
        hours = intervals.value.get(symbol, USUAL_INTERVAL_HOURS)
        return premium.map(lambda funding: replace(funding, interval_hours=hours))

    async def funding_history(self, asset: Asset, since: datetime) -> Reading[tuple[Funding, ...]]:
        reading = await self._upstream.get(
            "/fapi/v1/fundingRate",
            {"symbol": symbol_at(asset, "binance_usdm", VENUE), "limit": FUNDING_ROWS},
            parse_funding_history,
            fresh=timedelta(minutes=30),
            keep=timedelta(hours=12),
        )
        return reading.map(lambda past: tuple(one for one in past if one.at >= since))


def parse_open_interest(text: str) -> OpenInterest:
    """Of a coin-margined contract the figure is a number of contracts worth a fixed number of dollars."""
    row = msgspec.json.decode(text, type=_Interest, strict=False)
    if row.pair is not None:
        usd = row.coins * contract_usd(row.symbol)
        return OpenInterest(VENUE, row.symbol, None, usd, moment_ms(row.time))
    return OpenInterest(VENUE, row.symbol, row.coins, None, moment_ms(row.time))


def parse_open_interest_history(text: str) -> tuple[OpenInterest, ...]:
    rows = msgspec.json.decode(text, type=list[_PastInterest], strict=False)
    past = (OpenInterest(VENUE, r.symbol, r.coins, r.usd, moment_ms(r.timestamp)) for r in rows)
    return tuple(sorted(past, key=lambda interest: interest.at))


def parse_funding(text: str) -> Funding:
    """The rate that will be paid at `next_at`; the answer does not tell the interval."""
    (funding,) = parse_fundings(text)
    return funding


def parse_fundings(text: str) -> tuple[Funding, ...]:
    """Of one symbol or several, without those that pay none."""
    found = (_funding(row) for row in _premiums(text))
    return tuple(funding for funding in found if funding is not None)


def parse_marks(text: str) -> tuple[Seen, ...]:
    """Of one symbol or several."""
    return tuple(
        Seen(Mark(r.mark_price, r.index_price or None), VENUE, r.symbol, None, moment_ms(r.time))
        for r in _premiums(text)
    )


def _premiums(text: str) -> list[_Premium]:
    found = msgspec.json.decode(text)
    rows = found if isinstance(found, list) else [found]
    return each(rows, lambda row: msgspec.convert(row, _Premium, strict=False))


def _funding(row: _Premium) -> Funding | None:
    rate = number(row.last_funding_rate)
    if rate is None:
        return None
    next_at = moment_ms(row.next_funding_time) if row.next_funding_time else None
    return Funding(VENUE, row.symbol, rate, None, moment_ms(row.time), next_at)


def parse_funding_history(text: str) -> tuple[Funding, ...]:
    """Oldest first, of one symbol or several. Times jitter by tens of milliseconds and are rounded to the second."""
    rows = msgspec.json.decode(text, type=list[_Rate], strict=False)
    paid = sorted((round(row.funding_time, -3), row.symbol, row.funding_rate) for row in rows)
    hours = hours_between([(symbol, at) for at, symbol, _ in paid])
    return tuple(
        Funding(VENUE, symbol, rate, interval, moment_ms(at))
        for (at, symbol, rate), interval in zip(paid, hours, strict=True)
    )


def parse_intervals(text: str) -> dict[str, float]:
    """Hours between two payments, for symbols that differ from the usual eight."""
    rows = msgspec.json.decode(text, type=list[_Interval], strict=False)
    return {row.symbol: row.funding_interval_hours for row in rows}


def parse_ratios(text: str) -> tuple[Seen, ...]:
    """Long against short accounts or positions, or taker buys against sells; oldest first."""
    rows = msgspec.json.decode(text, type=list[_Ratio], strict=False)
    return tuple(_ratio(row) for row in sorted(rows, key=lambda row: row.timestamp))


def _ratio(row: _Ratio) -> Seen:
    ratio = row.long_short_ratio if row.long_short_ratio is not None else row.buy_sell_ratio
    if ratio is None:
        raise ValueError("a ratio is missing")
    item = Ratio(ratio, row.long_account, row.short_account)
    return Seen(item, VENUE, row.symbol, None, moment_ms(row.timestamp))
