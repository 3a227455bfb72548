"""
Moving averages, relative strength and true range, in plain Python.

These few lines replace an indicator library on purpose: TA-Lib brings numpy and 35 MB of resident memory to a
process that should fit 512 MB, and an array interface to sums that move one bar at a time. The tests compare every
function with TA-Lib to 1e-9.

Definitions: J. Welles Wilder, New Concepts in Technical Trading Systems (1978) for RSI and ATR; the exponential
average has k = 2 / (n + 1) and starts from the simple average of its first n values, as TA-Lib's does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from providers.types import Candle


def sma(values: Sequence[float], length: int) -> float | None:
    """Mean of the last `length` values; None when there are fewer."""
    if not _enough(values, length):
        return None
    return sum(values[-length:]) / length


def ema(values: Sequence[float], length: int) -> float | None:
    """Exponential average at the last value; None when there are fewer than `length`."""
    if not _enough(values, length):
        return None
    average = sum(values[:length]) / length
    weight = 2 / (length + 1)
    for value in values[length:]:
        average += weight * (value - average)
    return average


@dataclass(frozen=True, slots=True)
class Strength:
    """Wilder's two averages after a close, so that the running bar is one step and not a new sum."""

    gain: float
    loss: float
    close: float
    length: int

    def then(self, close: float) -> "Strength":
        """After one more close."""
        change = close - self.close
        keep = self.length - 1
        return Strength(
            (self.gain * keep + max(change, 0.0)) / self.length,
            (self.loss * keep + max(-change, 0.0)) / self.length,
            close,
            self.length,
        )

    @property
    def rsi(self) -> float | None:
        """0 to 100; 100 when nothing fell, None when nothing moved at all."""
        moved = self.gain + self.loss
        return 100 * self.gain / moved if moved > 0 else None


def strength(closes: Sequence[float], length: int = 14) -> Strength | None:
    """None for fewer than `length` + 1 closes: the first average needs `length` changes."""
    if not _enough(closes, length + 1):
        return None
    changes = [b - a for a, b in pairwise(closes[: length + 1])]
    state = Strength(
        sum(max(c, 0.0) for c in changes) / length,
        sum(max(-c, 0.0) for c in changes) / length,
        closes[length],
        length,
    )
    for close in closes[length + 1 :]:
        state = state.then(close)
    return state


def rsi(closes: Sequence[float], length: int = 14) -> float | None:
    """Wilder's RSI at the last close; None for too few closes or a price that never moved."""
    state = strength(closes, length)
    return None if state is None else state.rsi


def atr(candles: Sequence[Candle], length: int = 14) -> float | None:
    """Wilder's average true range in dollars; None for fewer than `length` + 1 bars."""
    ranges = [true_range(before, bar) for before, bar in pairwise(candles)]
    if not _enough(ranges, length):
        return None
    average = sum(ranges[:length]) / length
    for value in ranges[length:]:
        average = (average * (length - 1) + value) / length
    return average


def true_range(before: Candle, bar: Candle) -> float:
    """How far price travelled since the close before: a gap counts."""
    return max(bar.high, before.close) - min(bar.low, before.close)


def _enough(values: Sequence[float], length: int) -> bool:
    """A value that is not a number would poison every later average: better none at all."""
    return length > 0 and len(values) >= length and all(map(isfinite, values))
