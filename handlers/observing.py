"""How a rule gets to see the market: what it is given, and hourly bars told as trades and closes."""

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from config.watchlist import Asset
from handlers.analysis.momentum import atr
from handlers.rule import Direction, Metric, Observation, Rule
from providers.errors import ProviderError, UnknownSymbol
from providers.market import Market
from providers.types import Candle, Interval, Reading

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
    Closed hourly bars with the closed days before them; `source` is the hours'. Where hours are nowhere to be had days
    stand in for them, and for what is shorter than an hour its quarters do: `length` says so.
    """

    hours: tuple[Candle, ...]
    days: tuple[Candle, ...]
    source: str
    length: timedelta = HOUR

    def since(self, at: datetime) -> Iterator[Candle]:
        """The hours that ended after `at`."""
        return (bar for bar in self.hours if bar.opened_at + self.length > at)

    def days_before(self, at: datetime, most: int | None = None) -> Sequence[Candle]:
        """Those that ended by the midnight before `at`, the last `most` of them."""
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        end = bisect_left(self.days, midnight, key=opened)
        return self.days[0 if most is None else max(0, end - most) : end]

    def atr_at(self, at: datetime) -> float | None:
        """The daily range as it was known then."""
        return atr(self.days_before(at, ATR_DAYS))


def opened(bar: Candle) -> datetime:
    return bar.opened_at


async def hourly(sight: Sight, since: datetime) -> Bars:
    """Closed hours since then and the days to judge them by. Raises ProviderError."""
    days = await _days(sight, since)
    try:
        return await _closed(sight, since, Interval.H1, days.value)
    except UnknownSymbol:
        return Bars(days.value, days.value, days.source, DAY)


async def finest(rule: Rule, sight: Sight, since: datetime) -> Bars:
    """
    As `hourly`, but quarters of an hour where the rule turns on something shorter than an hour and a venue has them:
    as far back as it tells at once, which is a month at most.
    """
    if _brief(rule):
        with suppress(ProviderError):
            days = await _days(sight, since)
            return await _closed(sight, since, Interval.M15, days.value)
    return await hourly(sight, since)


def _brief(rule: Rule) -> bool:
    window = rule.window if rule.metric is Metric.CHANGE else None
    spans = (held(rule), window or 0)
    return rule.interval == Interval.M15 or any(0 < span < HOUR.total_seconds() for span in spans)


def held(rule: Rule) -> int:
    """Seconds for which the condition must last; of levels none, as closes tell their stages."""
    return 0 if rule.metric is Metric.LEVEL else rule.hold


async def _days(sight: Sight, since: datetime) -> Reading[tuple[Candle, ...]]:
    span = int((sight.now - since) / DAY) + 500
    days = await sight.market.candles(sight.asset, Interval.D1, min(span, 1000))
    return days.map(lambda bars: tuple(bar for bar in bars if bar.closed))


async def _closed(
    sight: Sight, since: datetime, interval: Interval, days: tuple[Candle, ...]
) -> Bars:
    count = int((sight.now - since) / interval.length) + 2
    reading = await sight.market.candles(sight.asset, interval, max(count, 48))
    bars = tuple(bar for bar in reading.value if bar.closed)
    return Bars(bars, days, reading.source, interval.length)


def closes(bar: Candle, length: timedelta = HOUR) -> tuple[str, ...]:
    """Which candles ended together with this bar."""
    end = bar.opened_at + length
    if end.minute:
        return ("15m",)
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
    against the hour's direction comes first, as it most likely did. For what must last, the wick on the other side
    matters: it ended there, if it had begun, and how long the near one lasted nobody knows.
    """
    end, source = bar.opened_at + bars.length - LAST_SECOND, bars.source
    both = (bar.high, bar.low) if bar.close < bar.open else (bar.low, bar.high)
    wicks = {
        Direction.BELOW: (bar.low,), Direction.ABOVE: (bar.high,), Direction.EITHER: both,
    }[rule.direction]  # fmt: skip
    if held(rule):
        wicks = tuple(wick for wick in both if wick not in wicks)
    touched = tuple(
        Observation(wick, end, source, atr=daily_range, fresh_for=CLOSE_FRESH, step=bars.length)
        for wick in wicks
    )
    close = Observation(
        bar.close,
        end,
        source,
        atr=daily_range,
        closes=closes(bar, bars.length),
        fresh_for=CLOSE_FRESH,
        step=bars.length,
    )
    return (*touched, close)


async def through(
    bars: Bars, since: datetime, looks: Callable[[Candle, float | None], Iterable[Observation]]
) -> tuple[Observation, ...]:
    """
    What a rule saw of each bar since then, given the bar and the daily range as it was known that day. Months of bars
    take a while, so after each day everybody else has a turn.
    """
    found: list[Observation] = []
    day, daily_range = None, None
    for bar in bars.since(since):
        if bar.opened_at.date() != day:
            await asyncio.sleep(0)
            day, daily_range = bar.opened_at.date(), bars.atr_at(bar.opened_at)
        found += looks(bar, daily_range)
    return tuple(found)
