"""Where price stands against its own past. Percent is signed: −8.1 is a fall of 8.1 %."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite

from providers.types import Candle


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time: its extremes, and the worst fall from its high to a low that came after."""

    low: float
    low_at: datetime
    high: float
    high_at: datetime
    fall_pct: float
    rise_pct: float


@dataclass(frozen=True, slots=True)
class Peak:
    price: float
    date: date


def change_pct(now: float, then: float) -> float | None:
    """None when there is nothing to compare with."""
    if not (isfinite(now) and isfinite(then)) or then <= 0:
        return None
    return (now / then - 1) * 100


def since(bars: Sequence[Candle], start: datetime) -> Sequence[Candle]:
    """The bars opened at or after `start`; bars are oldest first, so this looks from the end."""
    index = len(bars)
    while index and bars[index - 1].opened_at >= start:
        index -= 1
    return bars[index:]


def window(bars: Sequence[Candle]) -> Window | None:
    """
    Extremes of these bars. `fall_pct` is the lowest low after the high against that high (the high's own bar counts
    when it closed below its open, the likelier order of its two ends); `rise_pct` mirrors it from the low.
    """
    sound = [bar for bar in bars if isfinite(bar.high) and isfinite(bar.low) and bar.low > 0]
    if not sound:
        return None
    top = max(range(len(sound)), key=lambda i: sound[i].high)
    bottom = min(range(len(sound)), key=lambda i: sound[i].low)
    high, low = sound[top], sound[bottom]
    fall_to = min((bar.low for bar in _after(sound, top, down=True)), default=high.high)
    rise_to = max((bar.high for bar in _after(sound, bottom, down=False)), default=low.low)
    return Window(
        low.low,
        low.opened_at,
        high.high,
        high.opened_at,
        (fall_to / high.high - 1) * 100,
        (rise_to / low.low - 1) * 100,
    )


def close_before(bars: Sequence[Candle], at: datetime, length: timedelta) -> float | None:
    """The close of the bar that ended at `at`, or of the last before it within one more bar."""
    for bar in reversed(bars):
        ended = bar.opened_at + length
        if ended <= at:
            return bar.close if at - ended <= length else None
    return None


def lowest_since(days: Sequence[Candle], low: float, before: datetime) -> date | None:
    """The last day wholly before `before` that traded at or below `low`; None when none ever did."""
    day = timedelta(days=1)
    for bar in reversed(days):
        if bar.opened_at + day <= before and bar.low <= low:
            return bar.opened_at.date()
    return None


def highest_since(days: Sequence[Candle], high: float, before: datetime) -> date | None:
    """The last day wholly before `before` that traded at or above `high`; None when none ever did."""
    day = timedelta(days=1)
    for bar in reversed(days):
        if bar.opened_at + day <= before and bar.high >= high:
            return bar.opened_at.date()
    return None


def peak(bars: Sequence[Candle]) -> Peak | None:
    """The highest high and the day it was made, the first of equals."""
    best = max((bar for bar in bars if isfinite(bar.high)), key=lambda bar: bar.high, default=None)
    return None if best is None else Peak(best.high, best.opened_at.date())


def _after(bars: Sequence[Candle], index: int, *, down: bool) -> Sequence[Candle]:
    bar = bars[index]
    own = bar.close < bar.open if down else bar.close > bar.open
    return bars[index if own else index + 1 :]
