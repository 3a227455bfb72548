"""`level break`: the round prices around the market; touched, broken by an hour's close, confirmed by a day's."""

from datetime import datetime, timedelta

import msgspec

from handlers.crossing import round_lines
from handlers.observing import Bars, RuleKind, Sight, as_trades, hourly
from handlers.rule import Metric, Observation, Rule


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last hour's close; touches arrive as ticks."""
    bars = await hourly(sight, sight.now - timedelta(hours=2))
    return _told(rule, bars, bars.hours[-1].opened_at)[-1:] if bars.hours else ()


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
