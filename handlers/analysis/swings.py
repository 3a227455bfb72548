"""Turning points: highs and lows from which price went back far enough to matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from handlers.analysis.momentum import true_range
from providers.types import Candle

ATR_LENGTH = 14


@dataclass(frozen=True, slots=True)
class Swing:
    """`size`: the largest reversal, in average true ranges of its time, that it was the turning point of."""

    price: float
    at: datetime
    high: bool
    size: float


def swings(
    bars: Sequence[Candle], sizes: Sequence[float], unit: float | None = None
) -> tuple[Swing, ...]:
    """
    Every turning point of a zigzag whose legs measure at least `size` ranges, for each size, oldest first. One that
    turns at several sizes is told once with the largest. A turn counts only once price has gone back that far, so
    the running extreme is never one. `unit`: the range to measure in, when it is not the bars' own.
    """
    ranges = _ranges(bars) if unit is None else [unit] * len(bars)
    found: dict[tuple[datetime, bool], Swing] = {}
    for size in sorted(sizes):
        for index, high in _turns(bars, [size * r for r in ranges]):
            bar = bars[index]
            price = bar.high if high else bar.low
            found[bar.opened_at, high] = Swing(price, bar.opened_at, high, size)
    return tuple(sorted(found.values(), key=lambda swing: swing.at))


def _ranges(bars: Sequence[Candle]) -> list[float]:
    """Wilder's average true range as known at each bar, from the first on."""
    if not bars:
        return []
    ranges = [bars[0].high - bars[0].low]
    for count, (before, bar) in enumerate(pairwise(bars), start=2):
        length = min(count, ATR_LENGTH)
        ranges.append(ranges[-1] + (true_range(before, bar) - ranges[-1]) / length)
    return ranges


def _turns(bars: Sequence[Candle], reversals: Sequence[float]) -> list[tuple[int, bool]]:
    """Indices of highs (True) and lows, alternating. A flat market has none."""
    turns: list[tuple[int, bool]] = []
    top = bottom = 0
    rising: bool | None = None
    for index, bar in enumerate(bars):
        if rising is not False and bar.high > bars[top].high:
            top = index
        if rising is not True and bar.low < bars[bottom].low:
            bottom = index
        reversal = reversals[index]
        if rising is not False and top < index and 0 < reversal <= bars[top].high - bar.low:
            turns.append((top, True))
            rising, bottom = False, index
        elif rising is not True and bottom < index and 0 < reversal <= bar.high - bars[bottom].low:
            turns.append((bottom, False))
            rising, top = True, index
    return turns
