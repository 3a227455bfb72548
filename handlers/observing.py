"""How a rule gets to see the market: what it is given, and hourly bars told as trades and closes."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from config.watchlist import Asset
from handlers.analysis.momentum import atr
from handlers.rule import Direction, Metric, Observation, Rule
from providers.errors import UnknownSymbol
from providers.market import Market
from providers.types import Candle, Interval

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LAST_SECOND = timedelta(
    seconds=1
)  # a bar's last trade is before its end: 17:59:59 for the bar of 17:00
LATE = timedelta(minutes=10)  # a close is known so much later at most
CLOSE_FRESH = HOUR + LATE
CAUGHT_UP = timedelta(hours=6)  # closes so old are judged still, when nobody looked in time
KEPT_CLOSES = 48
ATR_DAYS = 60


@dataclass(frozen=True, slots=True)
class Sight:
    """The market, the asset that is watched, and the time it is."""

    market: Market
    asset: Asset
    now: datetime


Read = Callable[[Rule, Sight], Awaitable[tuple[Observation, ...]]]
Past = Callable[[Rule, Sight, datetime], Awaitable[tuple[Observation, ...]]]


@dataclass(frozen=True, slots=True)
class RuleKind:
    """
    How rules of some metrics look at the market. `read`: now, every `every`. `past`: everything since then, oldest
    first, empty where there is no history; with `by_bar` it is hourly bars, else single looks. Both raise
    ProviderError.
    """

    metrics: tuple[Metric, ...]
    every: timedelta
    read: Read
    past: Past
    by_bar: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """
    Closed hourly bars with the closed days before them; `source` is the hours'. Where hours are nowhere to be had,
    days stand in for them and `length` says so.
    """

    hours: tuple[Candle, ...]
    days: tuple[Candle, ...]
    source: str
    length: timedelta = HOUR

    def since(self, at: datetime) -> Iterator[Candle]:
        """The hours that ended after `at`."""
        return (bar for bar in self.hours if bar.opened_at + self.length > at)

    def days_before(self, at: datetime) -> Sequence[Candle]:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return [day for day in self.days if day.opened_at < midnight]

    def atr_at(self, at: datetime) -> float | None:
        """The daily range as it was known then."""
        return atr(self.days_before(at)[-ATR_DAYS:])


async def hourly(sight: Sight, since: datetime) -> Bars:
    """Closed hours since then and the days to judge them by. Raises ProviderError."""
    span = int((sight.now - since) / DAY) + 500
    days = await sight.market.candles(sight.asset, Interval.D1, min(span, 1000))
    closed = tuple(bar for bar in days.value if bar.closed)
    count = int((sight.now - since) / HOUR) + 2
    try:
        hours = await sight.market.candles(sight.asset, Interval.H1, max(count, 48))
    except UnknownSymbol:
        return Bars(closed, closed, days.source, DAY)
    return Bars(tuple(bar for bar in hours.value if bar.closed), closed, hours.source)


def closes(bar: Candle, length: timedelta = HOUR) -> tuple[str, ...]:
    """Which candles ended together with this bar."""
    end = bar.opened_at + length
    ended = ["15m", "1h"]
    if end.hour % 4 == 0:
        ended.append("4h")
    if end.hour == 0:
        ended.append("1d")
        if end.weekday() == 0:
            ended.append("1w")
    return tuple(ended)


async def latest_closes(sight: Sight, interval: Interval) -> tuple[Observation, ...]:
    """The closes of the last hours, the last two in any case, oldest first. Raises ProviderError."""
    reading = await sight.market.candles(sight.asset, interval, KEPT_CLOSES)
    closed = [bar for bar in reading.value if bar.closed]
    days = await hourly(sight, sight.now)
    most = max(2, int(CAUGHT_UP / interval.length))
    found = [
        Observation(
            bar.close,
            bar.opened_at + interval.length - LAST_SECOND,
            reading.source,
            atr=days.atr_at(bar.opened_at),
            closes=(interval.value,),
        )
        for bar in closed[-most:]
    ]
    return each_once(found, interval.length)


def each_once(closes: Sequence[Observation], length: timedelta) -> tuple[Observation, ...]:
    """
    Closes of bars of this length, oldest first, each with a key by which it is judged once. While the newest is
    fresh so are those before it, so that none is lost when nobody looked for a while.
    """
    if not closes:
        return ()
    stale = closes[-1].as_of + length + LATE
    return tuple(
        msgspec.structs.replace(one, key=one.as_of.isoformat(), fresh_for=stale - one.as_of)
        for one in closes
    )


def as_trades(
    rule: Rule, bar: Candle, bars: Bars, daily_range: float | None
) -> tuple[Observation, ...]:
    """
    A bar as a rule sees it: its wick on the side that matters, then its close. A level looks at both wicks; the one
    against the hour's direction comes first, as it most likely did.
    """
    end, source = bar.opened_at + bars.length - LAST_SECOND, bars.source
    wicks = {
        Direction.BELOW: (bar.low,),
        Direction.ABOVE: (bar.high,),
        Direction.EITHER: (bar.high, bar.low) if bar.close < bar.open else (bar.low, bar.high),
    }[rule.direction]
    touched = tuple(
        Observation(wick, end, source, atr=daily_range, fresh_for=CLOSE_FRESH) for wick in wicks
    )
    close = Observation(
        bar.close,
        end,
        source,
        atr=daily_range,
        closes=closes(bar, bars.length),
        fresh_for=CLOSE_FRESH,
    )
    return (*touched, close)
