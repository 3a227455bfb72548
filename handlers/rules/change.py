"""`btc -5% 1h`: the price against what it was one window before."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from handlers.analysis.price import change_pct
from handlers.observing import (
    CLOSE_FRESH,
    HOUR,
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
from providers.types import Candle


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last trade against the last close before the window."""
    bars = await hourly(sight, sight.now - _window(rule) - 2 * HOUR)
    ticker = await sight.market.ticker(sight.asset)
    then = _close_at(bars, ticker.as_of - _window(rule))
    value = None if then is None else change_pct(ticker.value.last, then)
    detail: dict[str, str | float] = {"price": ticker.value.last}
    if then is not None:
        detail["then"] = then
    fresh = timedelta(minutes=2)
    return (Observation(value, ticker.as_of, ticker.source, fresh_for=fresh, detail=detail),)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    bars = await finest(rule, sight, since - _window(rule) - 2 * HOUR)
    return await through(bars, since, lambda bar, _: _told(rule, bars, bar))


def _told(rule: Rule, bars: Bars, bar: Candle) -> Iterator[Observation]:
    then = _close_at(bars, bar.opened_at + bars.length - max(_window(rule), min(bars.length, HOUR)))
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


def _close_at(bars: Bars, at: datetime) -> float | None:
    """The last close at or before then, no more than two hours older."""
    index = bisect_right(bars.hours, at - bars.length, key=opened) - 1
    if index < 0 or at - bars.length - bars.hours[index].opened_at > 2 * HOUR:
        return None
    return bars.hours[index].close


def _window(rule: Rule) -> timedelta:
    return timedelta(seconds=rule.window or 86400)


CHANGE = RuleKind((Metric.CHANGE,), timedelta(minutes=1), read, past, by_bar=True)
