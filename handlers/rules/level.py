"""`level break`: the round prices around the market; touched, broken by an hour's close, confirmed by a day's."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from handlers.crossing import round_lines
from handlers.observing import Bars, RuleKind, Sight, as_trades, hourly, through
from handlers.rule import Metric, Observation, Rule
from providers.types import Candle


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last hour's close; touches arrive as ticks."""
    bars = await hourly(sight, sight.now - timedelta(hours=2))
    return (await _told(rule, bars, bars.hours[-1].opened_at))[-1:] if bars.hours else ()


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
