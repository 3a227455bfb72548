"""`level break`: the round prices around the market; touched, broken by an hour's close, confirmed by a day's."""

from collections.abc import Iterator
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
    through,
)
from handlers.rule import Metric, Observation, Rule
from providers.types import Candle


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The closes of the last hours, and since the one that closed the day; touches arrive as ticks."""
    midnight = sight.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = min(sight.now - CAUGHT_UP, midnight - LAST_SECOND)
    bars = await hourly(sight, since)
    closes = [seen for seen in await _told(rule, bars, since) if seen.closes]
    return each_once(closes, bars.length)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    return await _told(rule, await hourly(sight, since), since)


async def _told(rule: Rule, bars: Bars, since: datetime) -> tuple[Observation, ...]:
    """Lines stand around each hour's open, so that a fall through several finds them all."""

    def looks(bar: Candle, usual: float | None) -> Iterator[Observation]:
        lines = round_lines(bar.open)
        for seen in as_trades(rule, bar, bars, usual):
            yield msgspec.structs.replace(seen, lines=lines)

    return await through(bars, since, looks)


LEVEL = RuleKind((Metric.LEVEL,), timedelta(minutes=1), read, past, by_bar=True)
