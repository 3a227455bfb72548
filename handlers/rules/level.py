"""`level break`: the round prices around the market; touched, broken by an hour's close, confirmed by a day's."""

from datetime import datetime, timedelta

import msgspec

from handlers.crossing import round_lines
from handlers.observing import (
    CAUGHT_UP,
    LAST_SECOND,
    Bars,
    RuleKind,
    Sight,
    as_trades,
    each_once,
    hourly,
)
from handlers.rule import Metric, Observation, Rule


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The closes of the last hours, and since the one that closed the day; touches arrive as ticks."""
    midnight = sight.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = min(sight.now - CAUGHT_UP, midnight - LAST_SECOND)
    bars = await hourly(sight, since)
    closes = [seen for seen in _told(rule, bars, since) if seen.closes]
    return each_once(closes, bars.length)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    return _told(rule, await hourly(sight, since), since)


def _told(rule: Rule, bars: Bars, since: datetime) -> tuple[Observation, ...]:
    """Lines stand around each hour's open, so that a fall through several finds them all."""
    return tuple(
        msgspec.structs.replace(seen, lines=round_lines(bar.open))
        for bar in bars.since(since)
        for seen in as_trades(rule, bar, bars, bars.atr_at(bar.opened_at))
    )


LEVEL = RuleKind((Metric.LEVEL,), timedelta(minutes=1), read, past, by_bar=True)
