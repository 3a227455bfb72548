"""The bars from which price, momentum, trend, leverage and levels are all computed, fetched once."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.watchlist import Asset
from handlers.analysis.price import since
from providers.candles import weekly
from providers.errors import ProviderError, Unavailable
from providers.market import Market
from providers.types import Candle, Interval, Reading, Ticker

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOURS = 31 * 24
FOUR_HOURS = 500  # an RSI of 14 needs some hundred bars to forget where it began
DAYS = 1000
STALE = timedelta(days=2)  # a price older than this is not the present


@dataclass(frozen=True, slots=True)
class Bars:
    """
    Oldest first, the running bar last. `days` are the venue's own with the long history before them; `weeks` come
    from the long history, with the running day at its end. `hours` and `four_hours` may be empty.
    """

    last: float
    source: str
    as_of: datetime
    hours: tuple[Candle, ...]
    four_hours: tuple[Candle, ...]
    days: tuple[Candle, ...]
    weeks: tuple[Candle, ...]

    @property
    def closed_days(self) -> tuple[Candle, ...]:
        return closed(self.days)

    def within(self, span: timedelta) -> tuple[Candle, ...]:
        """
        The closed bars of the last `span` and the running one: hours where they reach back so far, else whole days.
        """
        hourly = self.hourly(span)
        bars, length = (self.hours, HOUR) if hourly else (self.closed_days, DAY)
        shut = closed(bars)
        return tuple(since(bars, shut[-1].opened_at + length - span)) if shut else bars

    def hourly(self, span: timedelta) -> bool:
        return bool(self.hours) and self.hours[0].opened_at <= self.as_of - span


def closed(bars: tuple[Candle, ...]) -> tuple[Candle, ...]:
    """Without the running bar."""
    return bars[:-1] if bars and not bars[-1].closed else bars


async def fetch_bars(market: Market, asset: Asset, now: datetime) -> Bars:
    """
    Raises ProviderError when there is no daily bar or price, Unavailable when the newest is older than two days. Hours
    and the long history may fail: then days, or the venue's own days, stand for them.
    """
    hours, four_hours, days, history, ticker = await asyncio.gather(
        _or_none(market, asset, Interval.H1, HOURS),
        _or_none(market, asset, Interval.H4, FOUR_HOURS),
        market.candles(asset, Interval.D1, DAYS),
        _history(market, asset),
        _ticker(market, asset),
    )
    if not days.value:
        raise Unavailable(days.source, "no daily bars")
    last, source, as_of = _present(ticker, hours, days)
    hours, running = _reaching(hours, last), _reaching(days.value, last)
    if now - as_of > STALE:
        raise Unavailable(source, "prices are older than two days")
    long = _before(history, running)
    return Bars(last, source, as_of, hours, four_hours, long, weekly(_long(history, running)))


def _reaching(bars: tuple[Candle, ...], last: float) -> tuple[Candle, ...]:
    """The running bar holds the last price, which may be newer than what the venue said of the bar."""
    if not bars or bars[-1].closed or bars[-1].low <= last <= bars[-1].high:
        return bars
    running = bars[-1]
    wider = replace(running, low=min(running.low, last), high=max(running.high, last))
    return (*bars[:-1], wider)


def _present(
    ticker: Reading[Ticker] | None, hours: tuple[Candle, ...], days: Reading[tuple[Candle, ...]]
) -> tuple[float, str, datetime]:
    if ticker is not None:
        return ticker.value.last, ticker.source, ticker.as_of
    bars, length = (hours, HOUR) if hours else (days.value, DAY)
    return bars[-1].close, days.source, min(days.as_of, bars[-1].opened_at + length)


def _before(history: tuple[Candle, ...], days: tuple[Candle, ...]) -> tuple[Candle, ...]:
    """The venue's days, and before its first the history."""
    return tuple(bar for bar in history if bar.opened_at < days[0].opened_at) + days


def _long(history: tuple[Candle, ...], days: tuple[Candle, ...]) -> tuple[Candle, ...]:
    """The history, and after its last the venue's days."""
    if not history:
        return days
    return history + tuple(bar for bar in days if bar.opened_at > history[-1].opened_at)


async def _or_none(
    market: Market, asset: Asset, interval: Interval, limit: int
) -> tuple[Candle, ...]:
    try:
        return (await market.candles(asset, interval, limit)).value
    except ProviderError:
        return ()


async def _history(market: Market, asset: Asset) -> tuple[Candle, ...]:
    try:
        return (await market.history(asset)).value
    except ProviderError:
        return ()


async def _ticker(market: Market, asset: Asset) -> Reading[Ticker] | None:
    try:
        return await market.ticker(asset)
    except ProviderError:
        return None
