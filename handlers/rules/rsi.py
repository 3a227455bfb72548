"""`btc rsi < 25 4h`: Wilder's RSI of 14 candles, the running one included."""

from datetime import datetime, timedelta

from handlers.analysis.momentum import strength
from handlers.observing import LAST_SECOND, RuleKind, Sight
from handlers.rule import Metric, Observation, Rule
from providers.types import Interval

CANDLES = 500  # enough for the average to forget where it began
LENGTH = 14


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    return (await _values(rule, sight))[-1:]


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    return tuple(seen for seen in await _values(rule, sight) if seen.as_of >= since)


async def _values(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """One at each close and one for the running candle."""
    interval = Interval(rule.interval or "1d")
    reading = await sight.market.candles(sight.asset, interval, CANDLES)
    bars, found = reading.value, []
    state = strength([bar.close for bar in bars[: LENGTH + 1]], LENGTH)
    for bar in bars[LENGTH + 1 :]:
        if state is None:
            break
        state = state.then(bar.close)
        end = min(bar.opened_at + interval.length, reading.as_of) - LAST_SECOND
        found.append(
            Observation(
                state.rsi,
                end,
                reading.source,
                closes=(interval.value,) if bar.closed else (),
                fresh_for=timedelta(hours=2),
                step=interval.length,
                detail={"price": bar.close},
            )
        )
    return tuple(found)


RSI = RuleKind((Metric.RSI,), timedelta(minutes=5), read, past)
