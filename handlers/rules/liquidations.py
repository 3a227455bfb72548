"""`liqs > 500M 24h`: forced closes over a window, longs and shorts together, as far as they were heard."""

from datetime import datetime, timedelta

from handlers.analysis.liquidations import closed_end, liquidation_sum
from handlers.observing import HOUR, RuleKind, Sight
from handlers.rule import Metric, Observation, Rule
from providers.types import LiquidationBook


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    window = timedelta(seconds=rule.window or 86400)
    reading = await sight.market.liquidations(sight.asset, sight.now - window - HOUR)
    end = closed_end(reading.value.buckets, sight.now)
    return (_seen(reading.value, reading.source, min(end, reading.as_of), window),)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    """At each hour since."""
    window = timedelta(seconds=rule.window or 86400)
    reading = await sight.market.liquidations(sight.asset, since - window - HOUR)
    counted = min((venue.since for venue in reading.value.coverage), default=sight.now)
    first = max(since, counted + window).replace(minute=0, second=0, microsecond=0)
    hours = max(0, int((reading.as_of - first) / HOUR))
    ends = (first + (n + 1) * HOUR for n in range(hours))
    return tuple(_seen(reading.value, reading.source, end, window) for end in ends)


def _seen(book: LiquidationBook, source: str, end: datetime, window: timedelta) -> Observation:
    total = liquidation_sum(book.buckets, book.coverage, end, window)
    detail: dict[str, str | float] = {}
    if total is not None:
        detail = {"long": total.long_usd, "short": total.short_usd, "covered": total.covered}
    value = None if total is None else total.total_usd
    return Observation(value, end, source, fresh_for=timedelta(hours=2), detail=detail)


LIQUIDATIONS = RuleKind((Metric.LIQUIDATIONS,), timedelta(minutes=1), read, past)
