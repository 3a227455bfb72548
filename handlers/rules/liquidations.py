"""`liqs > 500M 24h`: forced closes over a window, longs and shorts together, as far as they were heard."""

import asyncio
from bisect import bisect_left
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from handlers.analysis.liquidations import closed_end, liquidation_sum
from handlers.observing import HOUR, RuleKind, Sight
from handlers.rule import Metric, Observation, Rule
from providers.types import LiquidationBook, LiquidationBucket


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
    found = []
    for end in (first + (n + 1) * HOUR for n in range(hours)):
        seen = _seen(_within(reading.value, end - window, end), reading.source, end, window)
        found.append(msgspec.structs.replace(seen, step=HOUR))
        await asyncio.sleep(0)  # every venue's minutes, hour by hour: others have their turn
    return tuple(found)


def _within(book: LiquidationBook, start: datetime, end: datetime) -> LiquidationBook:
    first, last = (bisect_left(book.buckets, at, key=_opened) for at in (start, end))
    return replace(book, buckets=book.buckets[first:last])


def _opened(bucket: LiquidationBucket) -> datetime:
    return bucket.opened_at


def _seen(book: LiquidationBook, source: str, end: datetime, window: timedelta) -> Observation:
    total = liquidation_sum(book.buckets, book.coverage, end, window)
    detail: dict[str, str | float] = {}
    if total is not None:
        detail = {"long": total.long_usd, "short": total.short_usd, "covered": total.covered}
    value = None if total is None else total.total_usd
    return Observation(value, end, source, fresh_for=timedelta(hours=2), detail=detail)


LIQUIDATIONS = RuleKind((Metric.LIQUIDATIONS,), timedelta(minutes=1), read, past)
