"""`btc < 70000`: a price. Ticks are watched as they come; here are the closes, and the past."""

from datetime import datetime, timedelta

from handlers.observing import Bars, RuleKind, Sight, as_trades, hourly
from handlers.rule import Metric, Observation, Rule


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last hour's close; trades within the hour arrive as ticks."""
    bars = await hourly(sight, sight.now - timedelta(hours=2))
    return _told(rule, bars, bars.hours[-1].opened_at)[-1:] if bars.hours else ()


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    return _told(rule, await hourly(sight, since), since)


def _told(rule: Rule, bars: Bars, since: datetime) -> tuple[Observation, ...]:
    return tuple(
        seen
        for bar in bars.since(since)
        for seen in as_trades(rule, bar, bars.source, bars.atr_at(bar.opened_at))
    )


PRICE = RuleKind((Metric.PRICE,), timedelta(minutes=1), read, past, by_bar=True)
