"""`btc new low 90d`: a price below (or above) everything in so many days."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from handlers.analysis.price import highest_since, lowest_since
from handlers.observing import DAY, Bars, RuleKind, Sight, as_trades, hourly
from handlers.rule import Metric, Observation, Rule
from providers.errors import ProviderError
from providers.types import Candle


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last trade against the days before it."""
    bars, ticker = await _bars(sight, sight.now - DAY), await sight.market.ticker(sight.asset)
    price = ticker.value.last
    seen = Observation(
        price,
        ticker.as_of,
        ticker.source,
        atr=bars.atr_at(sight.now),
        fresh_for=timedelta(minutes=2),
    )
    return (_placed(rule, seen, bars, sight.now),)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    bars = await _bars(sight, since - DAY)
    return tuple(
        _placed(rule, seen, bars, bar.opened_at)
        for bar in bars.since(since)
        for seen in as_trades(rule, bar, bars, bars.atr_at(bar.opened_at))
    )


async def _bars(sight: Sight, since: datetime) -> Bars:
    """With all the history there is: how far back a low reaches is what makes it news."""
    bars = await hourly(sight, since)
    try:
        history = (await sight.market.history(sight.asset)).value
    except ProviderError:
        return bars
    first = bars.days[0].opened_at if bars.days else None
    older = tuple(day for day in history if first is None or day.opened_at < first)
    return replace(bars, days=older + bars.days)


def _placed(rule: Rule, seen: Observation, bars: Bars, opened: datetime) -> Observation:
    """With the line of the days before this hour, and the day on which the price was last so far."""
    low, price = rule.metric is Metric.NEW_LOW, seen.value or 0.0
    start = opened - timedelta(days=rule.value)
    days = bars.days_before(opened)
    today = [bar for bar in bars.hours if opened.date() == bar.opened_at.date()]
    earlier = [bar for bar in today if bar.opened_at < opened]
    window = [*(day for day in days if day.opened_at >= start - DAY), *earlier]
    last = lowest_since(days, price, opened) if low else highest_since(days, price, opened)
    return msgspec.structs.replace(
        seen,
        line=_extreme(window, low=low),
        key=last.isoformat() if last else "0001-01-01",
        detail={"since": last.isoformat()} if last else {},
    )


def _extreme(bars: list[Candle], *, low: bool) -> float | None:
    prices = [bar.low if low else bar.high for bar in bars]
    if not prices:
        return None
    return min(prices) if low else max(prices)


EXTREME = RuleKind((Metric.NEW_LOW, Metric.NEW_HIGH), timedelta(minutes=1), read, past, by_bar=True)
