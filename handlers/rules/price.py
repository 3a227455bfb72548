"""`btc < 70000`: a price. Ticks are watched as they come; here are the closes, and the past."""

from datetime import datetime, timedelta

from handlers.observing import (
    LAST_SECOND,
    Bars,
    RuleKind,
    Sight,
    as_trades,
    finest,
    hourly,
    through,
)
from handlers.rule import Metric, Observation, Rule
from providers.types import Interval


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last close that counts; trades in between arrive as ticks."""
    if rule.interval == Interval.M15:
        return await _quarter(sight)
    bars = await hourly(sight, sight.now - timedelta(hours=2))
    return (await _told(rule, bars, bars.hours[-1].opened_at))[-1:] if bars.hours else ()


async def _quarter(sight: Sight) -> tuple[Observation, ...]:
    """Hours do not show the closes of their quarters."""
    reading = await sight.market.candles(sight.asset, Interval.M15, 4)
    closed = [bar for bar in reading.value if bar.closed]
    if not closed:
        return ()
    end = closed[-1].opened_at + Interval.M15.length - LAST_SECOND
    fresh = timedelta(minutes=20)
    close = closed[-1].close
    return (Observation(close, end, reading.source, closes=("15m",), fresh_for=fresh),)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    return await _told(rule, await finest(rule, sight, since), since)


async def _told(rule: Rule, bars: Bars, since: datetime) -> tuple[Observation, ...]:
    return await through(bars, since, lambda bar, usual: as_trades(rule, bar, bars, usual))


PRICE = RuleKind((Metric.PRICE,), timedelta(minutes=1), read, past, by_bar=True)
