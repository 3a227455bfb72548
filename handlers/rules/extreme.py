"""`btc new low 90d`: a price below (or above) everything in so many days."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec

from handlers.observing import (
    DAY,
    Bars,
    RuleKind,
    Sight,
    as_trades,
    finest,
    hourly,
    opened,
    through,
)
from handlers.rule import Metric, Observation, Rule
from providers.errors import ProviderError
from providers.types import Candle


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last trade against the days before it."""
    bars = await _with_history(sight, await hourly(sight, sight.now - DAY))
    ticker = await sight.market.ticker(sight.asset)
    price = ticker.value.last
    seen = Observation(
        price,
        ticker.as_of,
        ticker.source,
        atr=bars.atr_at(sight.now),
        fresh_for=timedelta(minutes=2),
    )
    return (_Reach(rule, bars).placed(seen, sight.now),)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    bars = await _with_history(sight, await finest(rule, sight, since - DAY))
    reach = _Reach(rule, bars)

    def looks(bar: Candle, usual: float | None) -> Iterator[Observation]:
        for seen in as_trades(rule, bar, bars, usual):
            yield reach.placed(seen, bar.opened_at)

    return await through(bars, since, looks)


async def _with_history(sight: Sight, bars: Bars) -> Bars:
    """With all the days there are: how far back a low reaches is what makes it news."""
    try:
        history = (await sight.market.history(sight.asset)).value
    except ProviderError:
        return bars
    first = bars.days[0].opened_at if bars.days else None
    older = tuple(day for day in history if first is None or day.opened_at < first)
    return replace(bars, days=older + bars.days)


class _Reach:
    """
    What came before a time that only moves on: each day is taken in once, so that months of hours are judged by years
    of days in one pass.
    """

    def __init__(self, rule: Rule, bars: Bars) -> None:
        self._rule, self._bars = rule, bars
        self._sign = 1 if rule.metric is Metric.NEW_LOW else -1
        self._days = [self._worst(day) for day in bars.days]
        self._told = 0
        # Of the days so far, those after which nothing was as low: from the lowest to the last.
        self._steps: list[tuple[float, date]] = []

    def placed(self, seen: Observation, opened_at: datetime) -> Observation:
        """With the line of the days before this hour, and the day on which the price was last so far."""
        last = self._last(self._sign * (seen.value or 0.0), opened_at)
        return msgspec.structs.replace(
            seen,
            line=self._line(opened_at),
            key=last.isoformat() if last else "0001-01-01",
            detail={"since": last.isoformat()} if last else {},
        )

    def _worst(self, bar: Candle) -> float:
        """The lower the further: a high counts by its negative."""
        return bar.low if self._sign > 0 else -bar.high

    def _line(self, opened_at: datetime) -> float | None:
        midnight = opened_at.replace(hour=0, minute=0, second=0, microsecond=0)
        start = opened_at - timedelta(days=self._rule.value) - DAY
        first, end = (bisect_left(self._bars.days, at, key=opened) for at in (start, midnight))
        today = (bisect_left(self._bars.hours, at, key=opened) for at in (midnight, opened_at))
        hours = map(self._worst, self._bars.hours[slice(*today)])
        worst = min((*self._days[first:end], *hours), default=None)
        return None if worst is None else self._sign * worst

    def _last(self, worst: float, before: datetime) -> date | None:
        """The last day wholly before then that went as far; None when none ever did."""
        days = self._bars.days
        for number in range(self._told, bisect_right(days, before - DAY, key=opened)):
            while self._steps and self._steps[-1][0] >= self._days[number]:
                self._steps.pop()
            self._steps.append((self._days[number], days[number].opened_at.date()))
            self._told = number + 1
        index = bisect_right(self._steps, worst, key=lambda step: step[0])
        return self._steps[index - 1][1] if index else None


EXTREME = RuleKind((Metric.NEW_LOW, Metric.NEW_HIGH), timedelta(minutes=1), read, past, by_bar=True)
