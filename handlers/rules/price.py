"""`btc < 70000`: a price. Ticks are watched as they come; here are the closes, and the past."""

from datetime import datetime, timedelta

from handlers.observing import (
    Bars,
    RuleKind,
    Sight,
    as_trades,
    finest,
    latest_closes,
    through,
)
from handlers.rule import Metric, Observation, Rule
from providers.types import Interval


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last closes that count; trades in between arrive as ticks."""
    return await latest_closes(sight, Interval(rule.interval or Interval.H1))


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    return await _told(rule, await finest(rule, sight, since), since)


async def _told(rule: Rule, bars: Bars, since: datetime) -> tuple[Observation, ...]:
    return await through(bars, since, lambda bar, usual: as_trades(rule, bar, bars, usual))


PRICE = RuleKind((Metric.PRICE,), timedelta(minutes=1), read, past, by_bar=True)
