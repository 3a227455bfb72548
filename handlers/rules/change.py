"""`btc -5% 1h`: the price against what it was one window before, or a little less, so that "within 1 h" is true."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from handlers.analysis.price import change_pct
from handlers.observing import (
    CLOSE_FRESH,
    Bars,
    RuleKind,
    Sight,
    as_trades,
    finest,
    hourly,
    through,
)
from handlers.rule import Metric, Observation, Rule
from providers.types import Candle, Interval

BY_MINUTES = timedelta(hours=4)  # windows up to this long are measured in minutes,
BY_QUARTERS = timedelta(days=2)  # up to this in quarters of an hour, longer ones in hours
SPARE = 10
Closes = Sequence[tuple[datetime, float]]  # when each was, oldest first


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last trade against the first close within the window."""
    closes = await _closes(_window(rule), sight)
    ticker = await sight.market.ticker(sight.asset)
    then = _first(closes, ticker.as_of - _window(rule), ticker.as_of)
    value = None if then is None else change_pct(ticker.value.last, then)
    detail: dict[str, str | float] = {"price": ticker.value.last}
    if then is not None:
        detail["then"] = then
    fresh = timedelta(minutes=2)
    return (Observation(value, ticker.as_of, ticker.source, fresh_for=fresh, detail=detail),)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    """By hours, or quarters of one: nothing for windows that are shorter than what there is."""
    bars = await finest(rule, sight, since - _window(rule))
    closes = _ends(bars.hours, bars.length)
    return await through(bars, since, lambda bar, _: _told(rule, bars, bar, closes))


def _told(rule: Rule, bars: Bars, bar: Candle, closes: Closes) -> Iterator[Observation]:
    start = bar.opened_at + bars.length - _window(rule)
    then = _first(closes, start, bar.opened_at)
    for seen in as_trades(rule, bar, bars, None):
        if then is not None and seen.value is not None:
            change = change_pct(seen.value, then)
            detail: dict[str, str | float] = {"price": seen.value, "then": then}
            yield Observation(
                change,
                seen.as_of,
                seen.source,
                fresh_for=CLOSE_FRESH,
                closes=seen.closes,
                step=seen.step,
                detail=detail,
            )


async def _closes(window: timedelta, sight: Sight) -> Closes:
    """Close enough together for this window. Raises ProviderError."""
    if window > BY_QUARTERS:
        bars = await hourly(sight, sight.now - window)
        return _ends(bars.hours, bars.length)
    short = window <= BY_MINUTES
    interval, longest = (Interval.M1, BY_MINUTES) if short else (Interval.M15, BY_QUARTERS)
    count = longest // interval.length + SPARE
    reading = await sight.market.candles(sight.asset, interval, count)
    return _ends(reading.value, interval.length)


def _ends(bars: Sequence[Candle], length: timedelta) -> Closes:
    return [(bar.opened_at + length, bar.close) for bar in bars if bar.closed]


def _first(closes: Closes, start: datetime, end: datetime) -> float | None:
    """The first close from `start` to `end`; None where there is none, and none is made up."""
    index = bisect_left(closes, start, key=lambda close: close[0])
    if index == len(closes) or closes[index][0] > end:
        return None
    return closes[index][1]


def _window(rule: Rule) -> timedelta:
    return timedelta(seconds=rule.window or 86400)


CHANGE = RuleKind((Metric.CHANGE,), timedelta(minutes=1), read, past, by_bar=True)
